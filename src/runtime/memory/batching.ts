/** How the texts of one step go through the U-Net: together if there is memory for that, which is found by trying. */

import { Failure } from "../../core/failure";
import type { DeviceTensor, Embeddings, LatentDevice } from "../../pipeline/ports";

/** As one batch (faster), or one by one (half the memory). */
export type GuidanceBatch = "joined" | "separate";

type Text = Pick<Embeddings, "tokens">;

/** The device that the U-Net runs on, waited for and made usable again. */
interface Device {
  readonly latentDevice: Pick<LatentDevice, "done">;
  recover(): Promise<void>;
}

/** Predictions for texts of one length. @param slot a number of its own for each pass of one step. */
type Ask<T extends Text> = (texts: readonly T[], slot: number) => Promise<readonly DeviceTensor[]>;

/** Whether one model's texts fit into memory as one batch, by the size of the latent. */
export class Batching {
  readonly #allowed: GuidanceBatch;
  readonly #device: Device;
  /** Elements of the largest latent whose texts were seen to fit into memory together, and of the smallest whose did not. */
  #fits = 0;
  #tooLarge = Number.POSITIVE_INFINITY;

  constructor(allowed: GuidanceBatch, device: Device) {
    this.#allowed = allowed;
    this.#device = device;
  }

  /**
   * Predictions for every text, in their order. A batch that fails for want of memory is asked again one text at a time, and texts
   * of latents as large are not joined any more.
   *
   * @param elements of the latent.
   */
  async predict<T extends Text>(
    texts: readonly T[],
    elements: number,
    ask: Ask<T>,
  ): Promise<readonly DeviceTensor[]> {
    const isJoined = this.#allowed === "joined" && elements < this.#tooLarge && haveOneLength(texts);
    if (!isJoined || texts.length === 1) return oneByOne(texts, ask);
    try {
      const predictions = await ask(texts, 0);
      // A GPU tells of a want of memory only when it gets there: waited for once for a size.
      if (elements > this.#fits) await this.#device.latentDevice.done();
      this.#fits = Math.max(this.#fits, elements);
      return predictions;
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== "out-of-memory") throw error;
      this.#tooLarge = elements;
      await this.#device.recover();
      return oneByOne(texts, ask);
    }
  }
}

async function oneByOne<T extends Text>(texts: readonly T[], ask: Ask<T>): Promise<readonly DeviceTensor[]> {
  const predictions: DeviceTensor[] = [];
  for (const [slot, text] of texts.entries()) predictions.push(...(await ask([text], slot)));
  return predictions;
}

function haveOneLength(texts: readonly Text[]): boolean {
  return texts.every(({ tokens }) => tokens === texts[0]?.tokens);
}
