/** The networks of an ONNX folder as the pipeline wants them: what differs between dialects ends here. */

import type { Tensor } from "onnxruntime-web";
import { Failure } from "../../core/failure";
import type { DeskTensor, EncoderText, Networks } from "../../pipeline/ports";
import { TextShelf, type TextTensors } from "../embeddings";
import { GpuPasses } from "../gpuPasses";
import { parseJson } from "../json";
import { latentScale } from "../latentScale";
import type { LoadedNetworks, RunOptions } from "../networks";
import { hostPasses } from "../passes";
import type { Residents } from "../residents";
import type { Config } from "../source";
import { takeFloats } from "../tensors";
import { type DecoderPapers, FittingDecoder, tensorLimit } from "../tiling/fittingDecoder";
import type { DecoderPorts } from "./contract";
import { batchesOf, besides, extentOf, refuseSize, rowsOf, textFeeds } from "./feeding";
import { GpuOnnxPasses } from "./gpuOnnxPasses";
import { hostOnnxPasses } from "./onnxPasses";
import type { OnnxSource } from "./onnxSource";
import { type OnnxLoadOptions, openOnnx } from "./openOnnx";

/**
 * Opens a model on its own ONNX files.
 *
 * @throws {Failure} "model-missing", "model-corrupt" or "unsupported" for the files, "out-of-memory", "device-lost"; with every
 * session released that was opened on the way.
 */
export async function createOnnxNetworks(options: OnnxLoadOptions & RunOptions): Promise<LoadedNetworks> {
  const { source, engine, backend } = options;
  const vae = await readConfig(source, "vae/config.json");
  const scale = latentScale(vae);
  const { in_channels: channels } = await readConfig(source, "unet/config.json");
  const networks = await openOnnx(options, typeof channels === "number" ? channels : null);
  // Texts wait on the host, some hundred kilobytes, to turn into whatever dtype the U-Net wants.
  const shelf = new TextShelf(engine.ort, { kind: "wasm", report: backend.report });
  const plain = backend.kind === "webgpu" ? new GpuPasses(engine.ort, backend.gpu) : null;
  const passes = plain ? new GpuOnnxPasses(engine.ort, plain) : hostOnnxPasses;
  const papers = decoderPapers(source.decoder.ports, vae);
  const fitting = new FittingDecoder(papers, options.tensorBytes ?? tensorLimit(backend), passes);
  const joined = (options.guidanceBatch ?? "joined") === "joined";
  const own: Networks = {
    desk: passes.desk,
    async encode(texts) {
      await passes.recover(); // a drawing begins
      return shelf.add(await encoded(source, networks, shelf, engine.ort.Tensor, texts));
    },
    async zeros(like) {
      const { hidden, pooled } = shelf.find(like).tensors;
      return shelf.add({ hidden: shelf.join.zeros(hidden), pooled: pooled && shelf.join.zeros(pooled) });
    },
    predict: (latents, timestep, texts, extras) =>
      networks.use("unet", async (session) => {
        const { ports } = source.unet;
        refuseSize("unet", ports.sample, latents.dims);
        const found = texts.map((text) => shelf.find(text));
        const predictions: DeskTensor[] = [];
        for (const [slot, { texts, wanted }] of batchesOf(found, ports.batch, joined).entries()) {
          const batch = shelf.batchOf(texts);
          const question = {
            latents,
            hidden: batch.hidden,
            besides: besides(ports, timestep, batch, extras),
          };
          predictions.push(...(await passes.predict(session, ports, question, slot)).slice(0, wanted));
        }
        return predictions;
      }),
    decode: (latents) =>
      networks.use("vae_decoder", (session) => {
        const { ports } = source.decoder;
        refuseSize("vae_decoder", ports.latents, latents.dims);
        return fitting.decode(latents, (piece) => passes.decode(session, ports, piece, scale));
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
    passes: plain ?? hostPasses,
    scale: null,
    async dispose() {
      shelf.disposeAll();
      passes.dispose();
      plain?.dispose();
      await networks.close();
    },
  };
}

/** A decoder that was made for one size has no tiles of another. */
function decoderPapers({ latents }: DecoderPorts, config: Config): DecoderPapers {
  const isPinned = [2, 3].some((axis) => extentOf(latents, axis) !== null);
  return { config: isPinned ? {} : config, dtypeBytes: latents.type === "float16" ? 2 : 4 };
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
