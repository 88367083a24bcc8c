/** The networks of a latent-diffusion model as the pipeline wants them, over ONNX Runtime. */

import type { Tensor } from "onnxruntime-web";
import { Failure } from "../core/failure";
import { elementCount } from "../core/tensor";
import type { Embeddings, EncoderText, Networks, StudentSource } from "../pipeline/ports";
import { Batching, type GuidanceBatch } from "./batching";
import { type TextEmbeddings, TextShelf, type TextTensors } from "./embeddings";
import { GpuPasses } from "./gpuPasses";
import type { LatentScale } from "./latentScale";
import { type LoadOptions, openModel } from "./load";
import { hostPasses, only, type Passes } from "./passes";
import { promptMatch } from "./promptMatch";
import type { Residents } from "./residents";
import type { NetworkName } from "./source";
import { FittingDecoder, tensorLimit } from "./tiling/fittingDecoder";

/** How a model's networks run. */
export interface RunOptions {
  readonly guidanceBatch?: GuidanceBatch;
  /** What one tensor of the decoder may take; left out, what the device says. More is decoded in tiles. */
  readonly tensorBytes?: number;
}

/** Networks that hold memory until they are disposed. */
export interface LoadedNetworks extends StudentSource {
  /** The networks by their names: for a bench, which listens to them and asks them itself. */
  readonly sessions: Residents;
  /** How latents go through a network, for a decoder beside the model's own. */
  readonly passes: Passes;
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
  const { networks, scale, decoder, matchSidePx, openStudent } = await openModel(options);
  const { ort } = options.engine;
  const shelf = new TextShelf(ort, options.backend);
  const passes = options.backend.kind === "webgpu" ? new GpuPasses(ort, options.backend.gpu) : hostPasses;
  const fitting = new FittingDecoder(decoder, options.tensorBytes ?? tensorLimit(options.backend), passes);
  const batching = new Batching(options.guidanceBatch ?? "joined", passes);
  const predictBy =
    (unet: string): Networks["predict"] =>
    (latents, timestep, texts, extras) =>
      networks.use(unet, (session) => {
        const ask = (some: readonly TextEmbeddings[], slot: number) =>
          passes.predict(session, { latents, timestep, texts: shelf.batchOf(some), extras }, slot);
        const found = texts.map((text) => shelf.find(text));
        return batching.predict(found, elementCount(latents.dims), ask);
      });
  const own: Networks = {
    desk: passes.desk,
    async encode(texts) {
      await passes.recover(); // a drawing begins; on a device that is gone, what is remembered would be too
      return encode(networks, shelf, texts);
    },
    async zeros(like) {
      const { hidden, pooled } = shelf.find(like).tensors;
      return shelf.add({ hidden: shelf.join.zeros(hidden), pooled: pooled && shelf.join.zeros(pooled) });
    },
    predict: predictBy("unet"),
    decode: (latents) =>
      networks.use("vae_decoder", (decoder) =>
        fitting.decode(latents, (piece) => passes.decode(decoder, piece, scale)),
      ),
    promptMatch:
      matchSidePx === null
        ? null
        : promptMatch(
            (feeds) => networks.use("prompt_match", (judge) => judge.run(feeds)),
            matchSidePx,
            shelf,
          ),
  };
  return {
    ...own,
    withLora: async (path) => ({ ...own, predict: predictBy(await openStudent(path)) }),
    sessions: networks,
    passes,
    scale,
    async dispose() {
      shelf.disposeAll();
      passes.dispose();
      await networks.close();
    },
  };
}

/** Texts are remembered: the next picture may have the same, with another seed or guidance. */
async function encode(
  networks: Residents,
  shelf: TextShelf,
  texts: readonly EncoderText[],
): Promise<Embeddings> {
  const key = texts.map(({ ids, end }) => `${ids.join()}/${end}`).join("|");
  return shelf.recall(key) ?? shelf.add(await textTensors(networks, shelf, texts), key);
}

async function textTensors(
  networks: Residents,
  shelf: TextShelf,
  texts: readonly EncoderText[],
): Promise<TextTensors> {
  const [first, second, ...more] = texts;
  if (!first || more.length > 0 || (second !== undefined) !== networks.has("text_encoder_2"))
    throw new Failure("internal", `Wanted a text for each text encoder of the model, got ${texts.length}.`);
  if (!second) {
    const [hidden] = await read(networks, "text_encoder", first, ["last_hidden_state"]);
    return { hidden: present(hidden), pooled: null };
  }
  const made: Tensor[] = [];
  try {
    made.push(...(await read(networks, "text_encoder", first, ["penultimate_hidden_state"])));
    made.push(
      ...(await read(networks, "text_encoder_2", second, ["penultimate_hidden_state", "text_embeds"])),
    );
    const [narrow, wide, pooled] = made;
    const hidden = shelf.join.widths([present(narrow), present(wide)]);
    made.splice(2); // the vector of the whole text is handed on
    return { hidden, pooled: present(pooled) };
  } finally {
    for (const tensor of made) tensor.dispose();
  }
}

function read(
  networks: Residents,
  name: NetworkName,
  { ids, end }: EncoderText,
  outputs: readonly string[],
): Promise<readonly Tensor[]> {
  const feeds = {
    input_ids: { dims: [1, ids.length], data: ids },
    end: { dims: [1], data: Int32Array.of(end) },
  };
  return networks.use(name, (encoder) => encoder.runFor(only(feeds, encoder.inputs), outputs));
}

function present(tensor: Tensor | undefined): Tensor {
  if (tensor) return tensor;
  throw new Failure("internal", "A text encoder gave fewer outputs than were asked for.");
}
