/**
 * The baseline: diffusion over ONNX Runtime Web as public demos write it, with nothing made slow on purpose. It uses the same sessions,
 * samplers and decoder as everything else here, so that it draws the same picture; what it does in its own way is to keep latents
 * and embeddings in JavaScript's memory:
 *
 * - both texts are encoded for every picture, and their embeddings read back whole;
 * - at each step the latents are doubled on the host into a batch of two, and latents and embeddings are made tensors and uploaded anew;
 * - the predictions are read back whole, which waits for the GPU at each step;
 * - guidance and the sampler are loops over `Float32Array`;
 * - the decoder's planes are read back as floats, and turned into pixels on the host.
 */

import { unscale } from "../checkpoint/config/latentScale";
import type { Model } from "../checkpoint/model";
import { Failure } from "../core/failure";
import type { Rgba } from "../core/pixels";
import { seededNoise } from "../core/random";
import type { Recipe } from "../core/recipe";
import type { HostTensor } from "../core/tensor";
import { hostLatents } from "../diffusion/latents";
import { denoiser } from "../diffusion/parameterization";
import { SAMPLERS, samplingPlan } from "../diffusion/samplers/samplers";
import { noiseSchedule } from "../diffusion/schedule/schedule";
import { picturePng } from "../image/picture";
import { toRgba } from "../image/pixels";
import { QUIET } from "../runtime/ort/session";
import { type Feeds, tensorPorts, toTensors } from "../runtime/ort/tensors";
import { readFloats } from "./instruments/keptTensors";
import type { Recorder } from "./instruments/recordingEngine";
import type { Subject } from "./subject";

/** Inputs of the U-Nets that demos are written for. */
const INPUTS = ["encoder_hidden_states", "sample", "timestep"];

/** The networks that they open, all at once. */
const NETWORKS = ["text_encoder", "unet", "vae_decoder"] as const;
type NaiveNetwork = (typeof NETWORKS)[number];

/**
 * True for the models that public demos draw: one text encoder, a U-Net that is told latent, time and text, and all networks open at
 * once.
 */
export function isNaivelyDrawn({ networks: { scale }, model, recorder }: Subject): boolean {
  if (scale === null || model.tokenizers.length > 1) return false;
  if (NETWORKS.some((name) => recorder.session(name) === null)) return false;
  return [...(recorder.session("unet")?.inputNames ?? [])].sort().join() === INPUTS.join();
}

/** A picture, and the bytes that its loop read from the GPU; null without a GPU. */
interface NaivePicture {
  readonly pixels: Rgba;
  readonly loopReadBytes: number | null;
}

/** Draws a picture that is guided all the way, its file included. */
export async function naivePicture(
  recipe: Recipe,
  { model, networks, recorder, meter }: Subject,
): Promise<NaivePicture> {
  const { scale } = networks;
  if (scale === null) throw new Failure("unsupported", "The naive loop draws diffusers' models only.");
  const texts = joined([
    await encode(model, recorder, recipe.negativePrompt),
    await encode(model, recorder, recipe.prompt),
  ]);
  const readBefore = meter?.readBytes ?? 0;
  const latents = await denoise(recipe, model, recorder, texts);
  const loopReadBytes = meter && meter.readBytes - readBefore;
  const latent_sample = { dims: latents.dims, data: unscale(latents.data, scale) };
  const pixels = toRgba(await run(recorder, "vae_decoder", { latent_sample }));
  picturePng(pixels, recipe, model);
  return { pixels, loopReadBytes };
}

/** A text -> embeddings [1, tokens, width] on the host. */
function encode({ tokenizers: [tokenizer] }: Model, recorder: Recorder, text: string) {
  const { ids } = tokenizer.encode(text);
  return run(recorder, "text_encoder", { input_ids: { dims: [1, ids.length], data: ids } });
}

/** @param texts embeddings [2, tokens, width], without the prompt and with it. */
async function denoise(
  recipe: Recipe,
  model: Model,
  recorder: Recorder,
  texts: HostTensor,
): Promise<HostTensor> {
  const { latentChannels, pixelsPerLatent, schedulerConfig } = model;
  const dims = [1, latentChannels, recipe.heightPx / pixelsPerLatent, recipe.widthPx / pixelsPerLatent];
  const ops = hostLatents(dims, seededNoise(recipe.seed));
  const predict = async (x: HostTensor, timestep: number): Promise<HostTensor> => {
    const predictions = await run(recorder, "unet", {
      sample: joined([x, x]),
      timestep: { dims: [2], data: Float32Array.of(timestep, timestep) },
      encoder_hidden_states: texts,
    });
    return guided(predictions, dims, recipe.guidanceScale);
  };
  const network = denoiser(ops, schedulerConfig.predictionType, predict);
  const plan = samplingPlan(recipe.sampler, noiseSchedule(schedulerConfig), recipe);
  let latents = ops.noise();
  for await (const { x } of SAMPLERS[recipe.sampler].sampler(ops, network, plan, latents)) latents = x;
  return latents;
}

/** Ho & Salimans 2022 (arXiv:2207.12598), Eq. 6: u + scale · (c − u), of predictions [2, c, h, w]. */
function guided({ data }: HostTensor, dims: readonly number[], scale: number): HostTensor {
  const size = data.length / 2;
  const sum = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const u = data[i] ?? Number.NaN;
    const c = data[size + i] ?? Number.NaN;
    sum[i] = u + scale * (c - u);
  }
  return { dims, data: sum };
}

/** The first output of a network, on the host. */
async function run({ engine, session }: Recorder, network: NaiveNetwork, feeds: Feeds): Promise<HostTensor> {
  const opened = session(network);
  const [name = ""] = opened?.outputNames ?? [];
  if (!opened) throw new Failure("internal", `The naive loop wanted ${network} open.`);
  const { tensors, made } = toTensors(engine.ort, network, tensorPorts(opened.inputMetadata), feeds);
  const { [name]: output } = await opened.run(tensors, { [name]: null }, QUIET);
  for (const tensor of made) tensor.dispose();
  if (!output) throw new Failure("internal", `${network} has no output.`);
  return readFloats(output);
}

/** Tensors [1, …] one behind the other, as [n, …]. */
function joined(rows: readonly HostTensor[]): HostTensor {
  const [first] = rows;
  if (!first) throw new Failure("internal", "A batch wants at least one row.");
  const data = new Float32Array(rows.length * first.data.length);
  for (const [row, tensor] of rows.entries()) data.set(tensor.data, row * first.data.length);
  return { dims: [rows.length, ...first.dims.slice(1)], data };
}
