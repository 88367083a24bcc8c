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
import type { LoadedNetworks } from "../runtime/networks/diffusersNetworks";
import { readFloats } from "../runtime/ort/benchTensors";
import type { Feeds } from "../runtime/ort/tensors";
import type { Subject } from "./subject";

/** What the U-Nets take that demos are written for. */
const INPUTS = ["encoder_hidden_states", "sample", "timestep"];

/** True for the models that public demos draw: one text encoder, and a U-Net that is told latent, time and text. */
export async function isNaivelyDrawn({ networks: { sessions, scale }, model }: Subject): Promise<boolean> {
  if (scale === null || model.tokenizers.length > 1) return false;
  const inputs = await sessions.use("unet", async (session) => [...session.inputs].sort());
  return inputs.join() === INPUTS.join();
}

/** A picture, and the bytes that its loop read from the GPU; null without a GPU. */
interface NaivePicture {
  readonly pixels: Rgba;
  readonly loopReadBytes: number | null;
}

/** Draws a picture that is guided all the way, its file included. */
export async function naivePicture(
  recipe: Recipe,
  { model, networks, backend }: Subject,
): Promise<NaivePicture> {
  const { scale } = networks;
  if (scale === null) throw new Failure("unsupported", "The naive loop draws diffusers' models only.");
  const texts = joined([
    await encode(model, networks, recipe.negativePrompt),
    await encode(model, networks, recipe.prompt),
  ]);
  const meter = backend.kind === "webgpu" ? backend.gpu.meter : null;
  const readBefore = meter?.readBytes ?? 0;
  const latents = await denoise(recipe, model, networks, texts);
  const loopReadBytes = meter && meter.readBytes - readBefore;
  const latent_sample = { dims: latents.dims, data: unscale(latents.data, scale) };
  const pixels = toRgba(await run(networks, "vae_decoder", { latent_sample }));
  picturePng(pixels, recipe, model);
  return { pixels, loopReadBytes };
}

/** A text -> embeddings [1, tokens, width] on the host. */
function encode({ tokenizers: [tokenizer] }: Model, networks: LoadedNetworks, text: string) {
  const { ids } = tokenizer.encode(text);
  return run(networks, "text_encoder", { input_ids: { dims: [1, ids.length], data: ids } });
}

/** @param texts embeddings [2, tokens, width], without the prompt and with it. */
async function denoise(
  recipe: Recipe,
  model: Model,
  networks: LoadedNetworks,
  texts: HostTensor,
): Promise<HostTensor> {
  const { latentChannels, pixelsPerLatent, schedulerConfig } = model;
  const dims = [1, latentChannels, recipe.heightPx / pixelsPerLatent, recipe.widthPx / pixelsPerLatent];
  const ops = hostLatents(dims, seededNoise(recipe.seed));
  const predict = async (x: HostTensor, timestep: number): Promise<HostTensor> => {
    const predictions = await run(networks, "unet", {
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

function run({ sessions }: LoadedNetworks, network: string, feeds: Feeds): Promise<HostTensor> {
  return sessions.use(network, async (session) => readFloats(await session.run(feeds)));
}

/** Tensors [1, …] one behind the other, as [n, …]. */
function joined(rows: readonly HostTensor[]): HostTensor {
  const [first] = rows;
  if (!first) throw new Failure("internal", "A batch wants at least one row.");
  const data = new Float32Array(rows.length * first.data.length);
  for (const [row, tensor] of rows.entries()) data.set(tensor.data, row * first.data.length);
  return { dims: [rows.length, ...first.dims.slice(1)], data };
}
