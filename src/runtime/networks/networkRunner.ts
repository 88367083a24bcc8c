/** One pass through a network that latents go into or come out of: over host tensors, or over GPU buffers that stay where they are. */

import { type LatentScale, unscale } from "../../checkpoint/config/latentScale";
import { elementCount, type HostTensor, onHost } from "../../core/tensor";
import { hostLatentDevice } from "../../pipeline/hostLatentDevice";
import type { DeviceTensor, LatentDevice, UnetExtras } from "../../pipeline/ports";
import type { Session } from "../ort/session";
import { type Feeds, type Input, takeFloats } from "../ort/tensors";
import type { TextTensors } from "./embeddingCache";

/** Input of one pass through the U-Net: one latent [1, c, h, w], one timestep and one set of extras, for n texts. */
export interface Question {
  readonly latents: DeviceTensor;
  readonly timestep: number;
  /** Of n texts of one length. */
  readonly texts: TextTensors;
  readonly extras: UnetExtras;
}

/** Passes through the networks of one model. */
export interface NetworkRunner {
  /** Where the latents are. */
  readonly latentDevice: LatentDevice;
  /** The U-Net's predictions, [1, c, h, w] for each text, good until the next pass of this `slot`. */
  predict(session: Session, question: Question, slot: number): Promise<readonly DeviceTensor[]>;
  /** Latents as the sampler leaves them -> planes [1, 3, H, W], good until the next call. */
  decode(session: Session, latents: DeviceTensor, scale: LatentScale): Promise<DeviceTensor>;
  /** Before another attempt, after one for which there was not enough memory. */
  recover(): Promise<void>;
  dispose(): void;
}

export const hostNetworkRunner: NetworkRunner = {
  latentDevice: hostLatentDevice,
  async predict(session, question) {
    return rows(takeFloats(await session.run(only(unetFeeds(question), session.inputs))));
  },
  async decode(session, latents, scale) {
    const { dims, data } = onHost(latents);
    return takeFloats(await session.run({ latent_sample: { dims, data: unscale(data, scale) } }));
  },
  recover: async () => undefined,
  dispose: () => undefined,
};

/** How many texts a U-Net is asked about. */
export function countOf({ hidden }: TextTensors): number {
  return hidden.dims[0] ?? 1;
}

/** Everything that a U-Net may want to know. */
function unetFeeds({ latents, timestep, texts, extras }: Question): Readonly<Record<string, Input | null>> {
  const n = countOf(texts);
  const { dims, data } = onHost(latents);
  return {
    sample: { dims: [n, ...dims.slice(1)], data: repeated(data, n) },
    timestep: { dims: [n], data: new Float32Array(n).fill(timestep) },
    encoder_hidden_states: texts.hidden,
    text_embeds: texts.pooled,
    time_ids: inRows(extras.timeIds, n),
    timestep_cond: inRows(extras.timestepCond, n),
  };
}

/** Those feeds that a network has inputs for. The session itself refuses a run that lacks one. */
export function only(feeds: Readonly<Record<string, Input | null>>, inputs: readonly string[]): Feeds {
  const taken: Record<string, Input> = {};
  for (const [name, input] of Object.entries(feeds))
    if (input !== null && inputs.includes(name)) taken[name] = input;
  return taken;
}

function inRows(numbers: ArrayLike<number> | null, n: number): HostTensor | null {
  return numbers && { dims: [n, numbers.length], data: repeated(numbers, n) };
}

/** n times the same numbers, one behind the other. */
function repeated(numbers: ArrayLike<number>, n: number): Float32Array<ArrayBuffer> {
  const all = new Float32Array(n * numbers.length);
  for (let row = 0; row < n; row++) all.set(numbers, row * numbers.length);
  return all;
}

/** [n, c, h, w] -> n views of [1, c, h, w]. */
function rows({ dims: [n = 0, ...rest], data }: HostTensor): HostTensor[] {
  const length = elementCount(rest);
  return Array.from({ length: n }, (_, row) => ({
    dims: [1, ...rest],
    data: data.subarray(row * length, (row + 1) * length),
  }));
}
