/** The networks of an ONNX folder as the pipeline wants them: what differs between dialects ends here. */

import type { Tensor } from "onnxruntime-web";
import { Failure } from "../../core/failure";
import { type HostTensor, onHost } from "../../core/tensor";
import type { EncoderText, Networks } from "../../pipeline/ports";
import type { GuidanceBatch } from "../batching";
import { TextShelf, type TextTensors } from "../embeddings";
import { parseJson } from "../json";
import { latentScale, unscale } from "../latentScale";
import type { LoadedNetworks } from "../networks";
import { hostPasses } from "../passes";
import type { Residents } from "../residents";
import { takeFloats } from "../tensors";
import { batchesOf, refuseSize, repeated, rowsOf, textFeeds, unetFeeds } from "./feeding";
import type { OnnxSource } from "./onnxSource";
import { type OnnxLoadOptions, openOnnx } from "./openOnnx";

/**
 * Opens a model on its own ONNX files.
 *
 * @throws {Failure} "model-missing", "model-corrupt" or "unsupported" for the files, "out-of-memory", "device-lost"; with every
 * session released that was opened on the way.
 */
export async function createOnnxNetworks(
  options: OnnxLoadOptions & { readonly guidanceBatch?: GuidanceBatch },
): Promise<LoadedNetworks> {
  const { source, engine, backend } = options;
  const scale = latentScale(await readConfig(source, "vae/config.json"));
  const { in_channels: channels } = await readConfig(source, "unet/config.json");
  const networks = await openOnnx(options, typeof channels === "number" ? channels : null);
  // Texts wait on the host, some hundred kilobytes, to turn into whatever dtype the U-Net wants.
  const shelf = new TextShelf(engine.ort, { kind: "wasm", report: backend.report });
  const joined = (options.guidanceBatch ?? "joined") === "joined";
  const own: Networks = {
    desk: null,
    encode: async (texts) => shelf.add(await encoded(source, networks, shelf, engine.ort.Tensor, texts)),
    async zeros(like) {
      const { hidden, pooled } = shelf.find(like).tensors;
      return shelf.add({ hidden: shelf.join.zeros(hidden), pooled: pooled && shelf.join.zeros(pooled) });
    },
    predict: (kept, timestep, texts, extras) =>
      networks.use("unet", async (session) => {
        const { ports } = source.unet;
        const latents = onHost(kept);
        refuseSize("unet", ports.sample, latents);
        const found = texts.map((text) => shelf.find(text));
        const predictions: HostTensor[] = [];
        for (const { texts, wanted } of batchesOf(found, ports.batch, joined)) {
          const feeds = unetFeeds(ports, latents, timestep, shelf.batchOf(texts), extras);
          const [output] = await session.runFor(feeds, [ports.output]);
          predictions.push(...rowsOf(taken(output), wanted));
        }
        return predictions;
      }),
    decode: (kept) =>
      networks.use("vae_decoder", async (session) => {
        const { dims, data } = onHost(kept);
        const { latents, batch, output } = source.decoder.ports;
        refuseSize("vae_decoder", latents, { dims, data });
        const feeds = { [latents.name]: repeated({ dims, data: unscale(data, scale) }, batch ?? 1) };
        const [planes] = rowsOf(taken((await session.runFor(feeds, [output]))[0]), 1);
        return believable(planes);
      }),
    promptMatch: null,
  };
  return {
    ...own,
    withLora: async (path) => {
      throw new Failure(
        "unsupported",
        `${path} changes weights by the names that diffusers gives them, and ONNX files have others. Use the model as .safetensors.`,
      );
    },
    sessions: networks,
    passes: hostPasses,
    scale: null,
    async dispose() {
      shelf.disposeAll();
      await networks.close();
    },
  };
}

async function readConfig({ files }: OnnxSource, path: string) {
  return parseJson(path, (await (await files.open(path))?.text()) ?? "{}");
}

/** What the text encoders say of one text, on the host in float32. */
async function encoded(
  { textEncoders }: OnnxSource,
  networks: Residents,
  shelf: TextShelf,
  OrtTensor: { new (type: "float32", data: Float32Array, dims: readonly number[]): Tensor },
  texts: readonly EncoderText[],
): Promise<TextTensors> {
  const states: Tensor[] = [];
  let pooled: Tensor | null = null;
  for (const [i, { name, ports }] of textEncoders.entries()) {
    const text = texts[i];
    if (!text || texts.length !== textEncoders.length)
      throw new Failure(
        "internal",
        `Wanted a text for each of ${textEncoders.length} encoders, got ${texts.length}.`,
      );
    const wanted = ports.pooled === null ? [ports.hidden] : [ports.hidden, ports.pooled];
    const outputs = await networks.use(name, (encoder) =>
      encoder.runFor(textFeeds(name, ports, text), wanted),
    );
    const [hidden, vector] = outputs.map((output) => {
      const [first = { dims: [], data: new Float32Array() }] = rowsOf(takeFloats(output), 1);
      return new OrtTensor("float32", first.data, first.dims);
    });
    if (hidden) states.push(hidden);
    pooled = vector ?? pooled;
  }
  const [only] = states;
  return { hidden: only && states.length === 1 ? only : shelf.join.widths(states), pooled };
}

function taken(output: Tensor | undefined): HostTensor {
  if (output) return takeFloats(output);
  throw new Failure("internal", "A network gave fewer outputs than were asked for.");
}

/** Many decoders in 16 bits overflow, and would draw black. */
function believable(planes: HostTensor | undefined): HostTensor {
  if (planes?.data.every(Number.isFinite)) return planes;
  throw new Failure(
    "unsupported",
    "vae_decoder gave numbers that are infinite or none (NaN): its 16 bits cannot hold them. Use a model whose decoder computes in 32.",
  );
}
