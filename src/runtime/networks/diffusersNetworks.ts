/** The networks of a latent-diffusion model as the pipeline wants them, over ONNX Runtime. */

import type { NetworkName } from "../../checkpoint/checkpoint";
import type { LatentScale } from "../../checkpoint/config/latentScale";
import { Failure } from "../../core/failure";
import { elementCount } from "../../core/tensor";
import type { Embeddings, EncoderText, FewStepSource, Networks } from "../../pipeline/ports";
import { Batching, type GuidanceBatch } from "../memory/batching";
import type { SessionPool } from "../memory/sessionPool";
import { FittingDecoder, tensorLimit } from "../memory/tiling/fittingDecoder";
import type { OrtTensor } from "../ort/tensors";
import { EmbeddingCache, type TextEmbeddings, type TextTensors } from "./embeddingCache";
import { GpuNetworkRunner } from "./gpuNetworkRunner";
import { type LoadOptions, openModel } from "./load";
import { hostNetworkRunner, type NetworkRunner, only } from "./networkRunner";
import { promptMatch } from "./promptMatch";

/** How a model's networks run. */
export interface RunOptions {
  readonly guidanceBatch?: GuidanceBatch;
  /** Bytes that one tensor of the decoder may take; left out, the device's limit. A larger decode is done in tiles. */
  readonly tensorBytes?: number;
}

/** Networks that hold memory until they are disposed. */
export interface LoadedNetworks extends FewStepSource {
  /** How latents go through a network, for a decoder beside the model's own. */
  readonly runner: NetworkRunner;
  /** How the decoder wants its latents; null where that is no business but the model's own. */
  readonly scale: LatentScale | null;
  /** Gives all memory back, that of embeddings still alive too; waits for a run in progress. */
  dispose(): Promise<void>;
}

/**
 * Opens a model on the graphs that fit its networks.
 *
 * @throws {Failure} "model-missing", "model-corrupt" or "unsupported" for the files, "out-of-memory", "device-lost".
 */
export async function createNetworks(options: LoadOptions & RunOptions): Promise<LoadedNetworks> {
  const { networks, scale, decoder, matchSidePx, openFewStep } = await openModel(options);
  const { ort } = options.engine;
  const cache = new EmbeddingCache(ort, options.backend);
  const runner =
    options.backend.kind === "webgpu" ? new GpuNetworkRunner(ort, options.backend.gpu) : hostNetworkRunner;
  const fitting = new FittingDecoder(decoder, options.tensorBytes ?? tensorLimit(options.backend), runner);
  const batching = new Batching(options.guidanceBatch ?? "joined", runner);
  const predictBy =
    (unet: string): Networks["predict"] =>
    (latents, timestep, texts, extras) =>
      networks.use(unet, (session) => {
        const ask = (some: readonly TextEmbeddings[], slot: number) =>
          runner.predict(session, { latents, timestep, texts: cache.batchOf(some), extras }, slot);
        const found = texts.map((text) => cache.find(text));
        return batching.predict(found, elementCount(latents.dims), ask);
      });
  const own: Networks = {
    latentDevice: runner.latentDevice,
    async encode(texts) {
      await runner.recover(); // a drawing begins; on a device that is gone, what is remembered would be too
      return encode(networks, cache, texts);
    },
    async zeros(like) {
      const { hidden, pooled } = cache.find(like).tensors;
      return cache.add({ hidden: cache.join.zeros(hidden), pooled: pooled && cache.join.zeros(pooled) });
    },
    predict: predictBy("unet"),
    decode: (latents) =>
      networks.use("vae_decoder", (decoder) =>
        fitting.decode(latents, (piece) => runner.decode(decoder, piece, scale)),
      ),
    promptMatch:
      matchSidePx === null
        ? null
        : promptMatch(
            (feeds) => networks.use("prompt_match", (match) => match.run(feeds)),
            matchSidePx,
            cache,
          ),
  };
  return {
    ...own,
    withLora: async (path) => ({ ...own, predict: predictBy(await openFewStep(path)) }),
    runner,
    scale,
    async dispose() {
      cache.disposeAll();
      runner.dispose();
      await networks.close();
    },
  };
}

/** Texts are remembered: the next picture may have the same, with another seed or guidance. */
async function encode(
  networks: SessionPool,
  cache: EmbeddingCache,
  texts: readonly EncoderText[],
): Promise<Embeddings> {
  const key = texts.map(({ ids, end }) => `${ids.join()}/${end}`).join("|");
  return cache.recall(key) ?? cache.add(await textTensors(networks, cache, texts), key);
}

async function textTensors(
  networks: SessionPool,
  cache: EmbeddingCache,
  texts: readonly EncoderText[],
): Promise<TextTensors> {
  const [first, second, ...more] = texts;
  if (!first || more.length > 0 || (second !== undefined) !== networks.has("text_encoder_2"))
    throw new Failure("internal", `Wanted a text for each text encoder of the model, got ${texts.length}.`);
  if (!second) {
    const [hidden] = await read(networks, "text_encoder", first, ["last_hidden_state"]);
    return { hidden: present(hidden), pooled: null };
  }
  const made: OrtTensor[] = [];
  try {
    made.push(...(await read(networks, "text_encoder", first, ["penultimate_hidden_state"])));
    made.push(
      ...(await read(networks, "text_encoder_2", second, ["penultimate_hidden_state", "text_embeds"])),
    );
    const [narrow, wide, pooled] = made;
    const hidden = cache.join.widths([present(narrow), present(wide)]);
    made.splice(2); // the vector of the whole text is handed on
    return { hidden, pooled: present(pooled) };
  } finally {
    for (const tensor of made) tensor.dispose();
  }
}

function read(
  networks: SessionPool,
  name: NetworkName,
  { ids, end }: EncoderText,
  outputs: readonly string[],
): Promise<readonly OrtTensor[]> {
  const feeds = {
    input_ids: { dims: [1, ids.length], data: ids },
    end: { dims: [1], data: Int32Array.of(end) },
  };
  return networks.use(name, (encoder) => encoder.runFor(only(feeds, encoder.inputs), outputs));
}

function present(tensor: OrtTensor | undefined): OrtTensor {
  if (tensor) return tensor;
  throw new Failure("internal", "A text encoder gave fewer outputs than were asked for.");
}
