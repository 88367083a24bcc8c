/** The networks of a latent-diffusion model as the pipeline wants them, over ONNX Runtime. */

import type { Tensor } from "onnxruntime-web";
import { Failure } from "../core/failure";
import type { HostTensor } from "../core/tensor";
import type { Embeddings, EncoderText, Networks, StudentSource, UnetExtras } from "../pipeline/ports";
import { type TextEmbeddings, TextShelf, type TextTensors } from "./embeddings";
import { unscale } from "./latentScale";
import { type LoadOptions, openModel } from "./load";
import { promptMatch } from "./promptMatch";
import type { Residents } from "./residents";
import type { NetworkName } from "./source";
import { type Feeds, type Input, takeFloats } from "./tensors";

/** How the texts of one step go through the U-Net: as one batch (faster), or one by one (half the memory). */
export type GuidanceBatch = "joined" | "separate";

/** Networks that hold memory until they are disposed. */
export interface LoadedNetworks extends StudentSource {
  /** One call of an open network straight to ONNX Runtime, its inputs ready: what a bench measures everything else against. */
  bareCall(network: NetworkName, feeds: Feeds): () => Promise<void>;
  /** Gives all memory back, that of embeddings still alive too; waits for a run in progress. */
  dispose(): Promise<void>;
}

/**
 * Opens a model on the graphs that fit its networks.
 *
 * @throws {Failure} "model-missing", "model-corrupt" or "unsupported" for the files, "out-of-memory", "device-lost".
 */
export async function createNetworks(
  options: LoadOptions & { readonly guidanceBatch?: GuidanceBatch },
): Promise<LoadedNetworks> {
  const { networks, scale, matchSidePx, openStudent } = await openModel(options);
  const shelf = new TextShelf(options.engine.ort, options.backend);
  const joined = (options.guidanceBatch ?? "joined") === "joined";
  const own: Networks = {
    encode: (texts) => encode(networks, shelf, texts),
    async zeros(like) {
      const { hidden, pooled } = shelf.find(like).tensors;
      return shelf.add({ hidden: shelf.join.zeros(hidden), pooled: pooled && shelf.join.zeros(pooled) });
    },
    predict: predictBy(networks, "unet", shelf, joined),
    async decode({ dims, data }) {
      const latent_sample = { dims, data: unscale(data, scale) };
      return takeFloats(await networks.use("vae_decoder", (decoder) => decoder.run({ latent_sample })));
    },
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
    withLora: async (path) => ({
      ...own,
      predict: predictBy(networks, await openStudent(path), shelf, joined),
    }),
    bareCall: (network, feeds) => networks.opened(network).bare(feeds),
    async dispose() {
      shelf.disposeAll();
      await networks.close();
    },
  };
}

/** Where memory is short the encoders make room for the U-Net, so texts are remembered: the next picture may have the same. */
async function encode(
  networks: Residents,
  shelf: TextShelf,
  texts: readonly EncoderText[],
): Promise<Embeddings> {
  const key = networks.isCrowded ? texts.map(({ ids, end }) => `${ids.join()}/${end}`).join("|") : null;
  const known = key === null ? null : shelf.recall(key);
  return known ?? shelf.add(await textTensors(networks, shelf, texts), key);
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

/** What a network takes, of what there is; what is not there for it is missed by the session itself. */
function only(feeds: Readonly<Record<string, Input | null>>, inputs: readonly string[]): Feeds {
  const taken: Record<string, Input> = {};
  for (const [name, input] of Object.entries(feeds))
    if (input !== null && inputs.includes(name)) taken[name] = input;
  return taken;
}

function predictBy(
  networks: Residents,
  unet: string,
  shelf: TextShelf,
  joined: boolean,
): Networks["predict"] {
  return (latents, timestep, texts, extras) =>
    networks.use(unet, async (session) => {
      const found = texts.map((text) => shelf.find(text));
      const batches = joined && haveOneLength(found) ? [found] : found.map((text) => [text]);
      const predictions: HostTensor[] = [];
      for (const batch of batches) {
        const feeds = only(
          unetFeeds(latents, timestep, shelf.batchOf(batch), extras, batch.length),
          session.inputs,
        );
        predictions.push(...rows(takeFloats(await session.run(feeds))));
      }
      return predictions;
    });
}

function haveOneLength(texts: readonly TextEmbeddings[]): boolean {
  return texts.every(({ tokens }) => tokens === texts[0]?.tokens);
}

/** One latent [1, c, h, w], one timestep and one set of extras, for n texts: everything that a U-Net may want to know. */
function unetFeeds(
  { dims, data }: HostTensor,
  timestep: number,
  { hidden, pooled }: TextTensors,
  { timeIds, timestepCond }: UnetExtras,
  n: number,
): Readonly<Record<string, Input | null>> {
  return {
    sample: { dims: [n, ...dims.slice(1)], data: repeated(data, n) },
    timestep: { dims: [n], data: new Float32Array(n).fill(timestep) },
    encoder_hidden_states: hidden,
    text_embeds: pooled,
    time_ids: timeIds && { dims: [n, timeIds.length], data: repeated(timeIds, n) },
    timestep_cond: timestepCond && { dims: [n, timestepCond.length], data: repeated(timestepCond, n) },
  };
}

/** n times the same numbers, one behind the other. */
function repeated(numbers: ArrayLike<number>, n: number): Float32Array {
  const all = new Float32Array(n * numbers.length);
  for (let row = 0; row < n; row++) all.set(numbers, row * numbers.length);
  return all;
}

/** [n, c, h, w] -> n views of [1, c, h, w]. */
function rows({ dims: [n = 0, ...rest], data }: HostTensor): HostTensor[] {
  const length = data.length / n;
  return Array.from({ length: n }, (_, row) => ({
    dims: [1, ...rest],
    data: data.subarray(row * length, (row + 1) * length),
  }));
}
