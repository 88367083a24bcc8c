/** One run of each network before the first picture: a GPU compiles its shaders when they are first used, for each size. */

import { elementCount } from "../core/tensor";
import type { Timestep } from "../core/units";
import type { Embeddings, EncoderText, Networks, UnetExtras } from "../pipeline/ports";

/** What the first picture will most likely be. */
export interface LikelyPicture {
  /** Of its latents, [1, c, h, w]. */
  readonly dims: readonly number[];
  /** One that the scheduler has. */
  readonly timestep: Timestep;
  /** The texts of one step, each as every text encoder reads it: two where guidance is the default. */
  readonly texts: readonly (readonly EncoderText[])[];
  readonly extras: UnetExtras;
}

/** Of {@link warmUp}: the text encoders, the U-Net, the decoder. */
const PARTS = 3;

/**
 * Runs each network once and waits until that is done. What comes out is thrown away, and nothing stays allocated but what a picture
 * of that size needs anyway.
 *
 * @param onDone told of each part as it is ready.
 * @throws {Failure} as drawing a picture.
 */
export async function warmUp(
  networks: Networks,
  { dims, timestep, texts, extras }: LikelyPicture,
  onDone: (done: number, total: number) => void = () => undefined,
): Promise<void> {
  const { desk } = networks;
  const room = desk?.open(dims, 0n);
  const embeddings: Embeddings[] = [];
  let done = 0;
  const part = async () => {
    await desk?.done();
    onDone(++done, PARTS);
  };
  try {
    for (const text of texts) embeddings.push(await networks.encode(text));
    await part();
    const latents = room?.noise() ?? { dims, data: new Float32Array(elementCount(dims)) };
    await networks.predict(latents, timestep, embeddings, extras);
    await part();
    const planes = await networks.decode(latents);
    await desk?.rgba(planes, null);
    await part();
  } finally {
    for (const text of embeddings) text.dispose();
    room?.close();
  }
}
