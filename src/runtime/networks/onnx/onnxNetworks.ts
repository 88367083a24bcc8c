/** The networks of an ONNX folder as the pipeline wants them: what differs between dialects ends here. */

import type { Config } from "../../../checkpoint/checkpoint";
import { latentScale } from "../../../checkpoint/config/latentScale";
import { parseVaeConfig } from "../../../checkpoint/config/vae";
import { parseJson } from "../../../checkpoint/json";
import type { OnnxSource } from "../../../checkpoint/onnx/onnxSource";
import { type DecoderPorts, extentOf } from "../../../checkpoint/onnx/ports";
import { Failure } from "../../../core/failure";
import type { DeviceTensor, EncoderText, Networks } from "../../../pipeline/ports";
import type { SessionPool } from "../../memory/sessionPool";
import { type DecoderDescription, FittingDecoder, tensorLimit } from "../../memory/tiling/fittingDecoder";
import { type OrtTensor, takeFloats } from "../../ort/tensors";
import type { LoadedNetworks, RunOptions } from "../diffusersNetworks";
import { EmbeddingCache, type TextTensors } from "../embeddingCache";
import { GpuNetworkRunner } from "../gpuNetworkRunner";
import { hostNetworkRunner } from "../networkRunner";
import { batchesOf, besides, refuseSize, rowsOf, textFeeds } from "./feeding";
import { GpuOnnxRunner } from "./gpuOnnxRunner";
import { hostOnnxRunner } from "./onnxRunner";
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
  const scale = latentScale(parseVaeConfig(vae));
  const { in_channels: channels } = await readConfig(source, "unet/config.json");
  const networks = await openOnnx(options, typeof channels === "number" ? channels : null);
  // Texts wait on the host, some hundred kilobytes, to turn into whatever dtype the U-Net wants.
  const cache = new EmbeddingCache(engine.ort, { kind: "wasm", report: backend.report });
  const plain = backend.kind === "webgpu" ? new GpuNetworkRunner(engine.ort, backend.gpu) : null;
  const runner = plain ? new GpuOnnxRunner(engine.ort, plain) : hostOnnxRunner;
  const description = decoderDescription(source.decoder.ports, vae);
  const fitting = new FittingDecoder(description, options.tensorBytes ?? tensorLimit(backend), runner);
  const joined = (options.guidanceBatch ?? "joined") === "joined";
  const own: Networks = {
    latentDevice: runner.latentDevice,
    async encode(texts) {
      await runner.recover(); // a drawing begins
      return cache.add(await encoded(source, networks, cache, engine.ort.Tensor, texts));
    },
    async zeros(like) {
      const { hidden, pooled } = cache.find(like).tensors;
      return cache.add({ hidden: cache.join.zeros(hidden), pooled: pooled && cache.join.zeros(pooled) });
    },
    predict: (latents, timestep, texts, extras) =>
      networks.use("unet", async (session) => {
        const { ports } = source.unet;
        refuseSize("unet", ports.sample, latents.dims);
        const found = texts.map((text) => cache.find(text));
        const predictions: DeviceTensor[] = [];
        for (const [slot, { texts, wanted }] of batchesOf(found, ports.batch, joined).entries()) {
          const batch = cache.batchOf(texts);
          const question = {
            latents,
            hidden: batch.hidden,
            besides: besides(ports, timestep, batch, extras),
          };
          predictions.push(...(await runner.predict(session, ports, question, slot)).slice(0, wanted));
        }
        return predictions;
      }),
    decode: (latents) =>
      networks.use("vae_decoder", (session) => {
        const { ports } = source.decoder;
        refuseSize("vae_decoder", ports.latents, latents.dims);
        return fitting.decode(latents, (piece) => runner.decode(session, ports, piece, scale));
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
    runner: plain ?? hostNetworkRunner,
    scale: null,
    async dispose() {
      cache.disposeAll();
      runner.dispose();
      plain?.dispose();
      await networks.close();
    },
  };
}

/** A decoder that was made for one size has no tiles of another. */
function decoderDescription({ latents }: DecoderPorts, config: Config): DecoderDescription {
  const isFixed = [2, 3].some((axis) => extentOf(latents, axis) !== null);
  return { config: isFixed ? {} : config, dtypeBytes: latents.type === "float16" ? 2 : 4 };
}

async function readConfig({ files }: OnnxSource, path: string) {
  return parseJson(path, (await (await files.open(path))?.text()) ?? "{}");
}

/** The text encoders' outputs for one text, on the host in float32. */
async function encoded(
  { textEncoders }: OnnxSource,
  networks: SessionPool,
  cache: EmbeddingCache,
  TensorClass: { new (type: "float32", data: Float32Array, dims: readonly number[]): OrtTensor },
  texts: readonly EncoderText[],
): Promise<TextTensors> {
  const states: OrtTensor[] = [];
  let pooled: OrtTensor | null = null;
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
      return new TensorClass("float32", first.data, first.dims);
    });
    if (hidden) states.push(hidden);
    pooled = vector ?? pooled;
  }
  const [only] = states;
  return { hidden: only && states.length === 1 ? only : cache.join.widths(states), pooled };
}
