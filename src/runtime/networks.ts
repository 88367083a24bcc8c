/** The networks of a latent-diffusion model as the pipeline wants them, over ONNX Runtime. */

import { Failure } from "../core/failure";
import type { HostTensor } from "../core/tensor";
import type { Embeddings, Networks, StudentSource } from "../pipeline/ports";
import { TextShelf } from "./embeddings";
import { type NetworkName, partOf } from "./families";
import { unscale } from "./latentScale";
import { type LoadOptions, openModel } from "./load";
import { promptMatch } from "./promptMatch";
import type { Session } from "./session";
import { type Feeds, takeFloats } from "./tensors";

/** How the texts of one step go through the U-Net: as one batch (faster), or one by one (half the memory). */
export type GuidanceBatch = "joined" | "separate";

/** Networks that hold memory until they are disposed. */
export interface LoadedNetworks extends StudentSource {
  /** One call of a network straight to ONNX Runtime, its inputs ready: what a bench measures everything else against. */
  bareCall(network: NetworkName, feeds: Feeds): () => Promise<void>;
  /** Gives all memory back, that of embeddings still alive too; waits for a run in progress. */
  dispose(): Promise<void>;
}

/**
 * Opens a model in diffusers' layout on the graphs of its family.
 *
 * @throws {Failure} "model-missing", "model-corrupt" or "unsupported" for the files, "out-of-memory", "device-lost".
 */
export async function createNetworks(
  options: LoadOptions & { readonly guidanceBatch?: GuidanceBatch },
): Promise<LoadedNetworks> {
  const { sessions, scale, matchSidePx, openUnet } = await openModel(options);
  const shelf = new TextShelf(options.engine.ort, options.backend);
  const joined = (options.guidanceBatch ?? "joined") === "joined";
  const predictBy =
    (unet: Session): Networks["predict"] =>
    async (latents, timestep, texts) => {
      const found = texts.map((text) => shelf.find(text));
      const batches = joined && haveOneLength(found) ? [found] : found.map((text) => [text]);
      const predictions: HostTensor[] = [];
      for (const batch of batches) {
        const encoder_hidden_states = shelf.batchOf(batch);
        const feeds = { ...repeated(latents, timestep, batch.length), encoder_hidden_states };
        predictions.push(...rows(takeFloats(await unet.run(feeds))));
      }
      return predictions;
    };
  const own: Networks = {
    async encode([text]) {
      if (!text) throw new Failure("internal", "Wanted a text to encode, got none.");
      const input_ids = { dims: [1, text.ids.length], data: text.ids };
      return shelf.add(await sessions.text_encoder.run({ input_ids }));
    },
    zeros: async () => {
      throw new Failure("internal", "Only a model with two text encoders is asked for zeros.");
    },
    predict: predictBy(sessions.unet),
    async decode({ dims, data }) {
      const latent_sample = { dims, data: unscale(data, scale) };
      return takeFloats(await sessions.vae_decoder.run({ latent_sample }));
    },
    promptMatch:
      matchSidePx === null ? null : promptMatch(partOf(sessions, "prompt_match"), matchSidePx, shelf),
  };
  const students = opener(openUnet);
  return {
    ...own,
    withLora: async (path) => ({ ...own, predict: predictBy(await students.open(path)) }),
    bareCall: (network, feeds) => partOf(sessions, network).bare(feeds),
    async dispose() {
      shelf.disposeAll();
      const opened = [...Object.values(sessions), ...(await students.opened())];
      await Promise.all(opened.map((session) => session?.release()));
    },
  };
}

/** Opens each path once and keeps it; one that failed may be asked for again. */
function opener(open: (path: string) => Promise<Session>) {
  const kept = new Map<string, Promise<Session>>();
  return {
    open(path: string): Promise<Session> {
      const opening = kept.get(path) ?? open(path);
      kept.set(path, opening);
      opening.catch(() => kept.delete(path));
      return opening;
    },
    async opened(): Promise<Session[]> {
      const outcomes = await Promise.allSettled(kept.values());
      return outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    },
  };
}

function haveOneLength(texts: readonly Embeddings[]): boolean {
  return texts.every(({ tokens }) => tokens === texts[0]?.tokens);
}

/** One latent [1, c, h, w] and one timestep -> the U-Net's [n, c, h, w] and [n]. */
function repeated({ dims, data }: HostTensor, timestep: number, n: number) {
  const sample = new Float32Array(n * data.length);
  for (let row = 0; row < n; row++) sample.set(data, row * data.length);
  return {
    sample: { dims: [n, ...dims.slice(1)], data: sample },
    timestep: { dims: [n], data: new Float32Array(n).fill(timestep) },
  };
}

/** [n, c, h, w] -> n views of [1, c, h, w]. */
function rows({ dims: [n = 0, ...rest], data }: HostTensor): HostTensor[] {
  const length = data.length / n;
  return Array.from({ length: n }, (_, row) => ({
    dims: [1, ...rest],
    data: data.subarray(row * length, (row + 1) * length),
  }));
}
