/** Text to image: from a recipe to a picture, stage by stage. Latent diffusion, Rombach et al. 2022 (arXiv:2112.10752). */

import type { Model } from "../checkpoint/model";
import { Failure } from "../core/failure";
import { guidedSteps } from "../core/guidedSteps";
import type { Rgba } from "../core/pixels";
import type { Recipe } from "../core/recipe";
import type { HostTensor } from "../core/tensor";
import { type GuidedNetwork, inInterval, withGuidance } from "../diffusion/guidance";
import { guidanceEmbedding } from "../diffusion/guidanceEmbedding";
import { denoiser } from "../diffusion/parameterization";
import { SAMPLERS, samplingPlan } from "../diffusion/samplers/samplers";
import { noiseSchedule } from "../diffusion/schedule/schedule";
import { toPlanes } from "../image/pixels";
import { resizedPlanes } from "../image/resize";
import type { TokenizedPrompt } from "../prompt/clipTokenizer";
import { checkRecipe } from "./checkRecipe";
import { hostLatentDevice } from "./hostLatentDevice";
import { Pace } from "./pace";
import type {
  DeviceTensor,
  Embeddings,
  EncoderText,
  LatentDevice,
  LatentScope,
  Networks,
  PromptMatch,
  UnetExtras,
} from "./ports";

/** What a drawing tells, and is told, on its way. */
export interface Observer {
  /** A stage begins. */
  stage(stage: Stage): void;
  /**
   * A step is done, or as good as: the device may still be at it, never at an earlier one. `step` of `steps`, and the model's present
   * guess at the clean latent [1, channels, h/8, w/8], which lies on the networks' desk until this resolves.
   */
  step(progress: {
    readonly step: number;
    readonly steps: number;
    readonly denoised: DeviceTensor;
    readonly latentDevice: LatentDevice;
  }): Promise<void>;
  /** Given the latents [1, channels, h/8, w/8] as the sampler left them; read back only if this is asked for. */
  finished?(latents: HostTensor): void;
  /** Asked before every stage and after every step; true stops the drawing with a "cancelled" failure. */
  isCancelled(): Promise<boolean>;
  /** Milliseconds on some clock. */
  now(): number;
}

/** The stages that take time. */
export type Stage = "encode" | "denoise" | "decode";

/** A picture, and how it was come by. */
export interface Drawing {
  readonly pixels: Rgba;
  readonly prompt: TokenizedPrompt;
  /** CLIP score, 0 ... 100, of the picture with its prompt: see {@link clipScore}; null if the model brings no judge. */
  readonly promptMatch: number | null;
  /** "match" is the time that judging took, and 0 without a judge. */
  readonly timingsMs: Readonly<Record<Stage | "match", number>>;
}

/**
 * Draws a recipe. The same recipe, model and backend give the same pixels.
 *
 * @throws {Failure} "bad-request" if the recipe asks for what the model cannot draw, "cancelled" if the observer says so,
 * or whatever a network fails with. Embeddings are given back on every path.
 */
export async function textToImage(
  recipe: Recipe,
  model: Model,
  networks: Networks,
  observer: Observer,
): Promise<Drawing> {
  checkRecipe(recipe, model);
  const { timed, clocked, totalsMs } = stopwatch(observer);
  const latentDevice = networks.latentDevice ?? hostLatentDevice;
  const scope = latentDevice.open(latentDims(recipe, model), recipe.seed);
  const held: Embeddings[] = [];
  const keep = async (made: Promise<Embeddings>) => {
    const embeddings = await made;
    held.push(embeddings);
    return embeddings;
  };
  try {
    const [prompt, ...others] = readTexts(model, recipe.prompt);
    const prompted = await timed("encode", () => keep(networks.encode([prompt, ...others])));
    const unprompted =
      scaleOf(recipe, model) === 1
        ? prompted
        : await timed("encode", () => keep(encodeNegative(recipe, model, networks, prompted)));
    const latents = await timed("denoise", () =>
      denoise(recipe, model, { networks, latentDevice, scope }, { prompted, unprompted }, observer),
    );
    if (observer.finished) observer.finished(await latentDevice.read(latents));
    const pixels = await timed("decode", async () => latentDevice.rgba(await networks.decode(latents), null));
    const judge = networks.promptMatch;
    const promptMatch = judge && (await clocked("match", () => clipScore(judge, pixels, prompted, prompt)));
    return { pixels, prompt, promptMatch, timingsMs: totalsMs };
  } finally {
    scope.close();
    for (const embeddings of held) embeddings.dispose();
  }
}

/** A text as each text encoder of the model reads it, the first one first. */
function readTexts({ tokenizers: [first, ...others] }: Model, text: string) {
  return [first.encode(text), ...others.map((tokenizer) => tokenizer.encode(text))] as const;
}

/** The guidance that is made of two predictions; 1, one prediction, where no step is guided or the U-Net is told the scale instead. */
function scaleOf(recipe: Recipe, model: Model): number {
  const { first, end } = guidedSteps(recipe);
  return first < end && model.guidanceEmbeddingWidth === null ? recipe.guidanceScale : 1;
}

function encodeNegative(
  { negativePrompt }: Recipe,
  model: Model,
  networks: Networks,
  prompted: Embeddings,
): Promise<Embeddings> {
  if (negativePrompt === "" && model.zerosForNoNegative) return networks.zeros(prompted);
  return networks.encode(readTexts(model, negativePrompt));
}

/** 100 max(cosine, 0): Hessel et al. 2021 (arXiv:2104.08718), eq. 1, with 100 for their 2.5. */
async function clipScore(
  { sidePx, cosine }: PromptMatch,
  pixels: Rgba,
  text: Embeddings,
  { end }: EncoderText,
): Promise<number> {
  return 100 * Math.max(await cosine(resizedPlanes(toPlanes(pixels), sidePx, sidePx), text, end), 0);
}

/** What the loop runs on. */
interface Ground {
  readonly networks: Networks;
  readonly latentDevice: LatentDevice;
  readonly scope: LatentScope;
}

/** From noise to a clean latent, which stays in the room: the sampler's loop, with guidance, over one U-Net. */
async function denoise(
  recipe: Recipe,
  model: Model,
  { networks, latentDevice, scope }: Ground,
  text: { readonly prompted: Embeddings; readonly unprompted: Embeddings },
  observer: Observer,
): Promise<DeviceTensor> {
  const asked = guidedNetwork(networks, text, extrasOf(recipe, model));
  const guidance = { scale: scaleOf(recipe, model), rescale: recipe.guidanceRescale };
  const { first, end } = guidedSteps(recipe);
  // A sampler works on a step only while it is asked for it: whatever it evaluates meanwhile is of this one.
  let step = 0;
  const isGuided = () => first <= step && step < end;
  const predict = inInterval(withGuidance(scope, asked, guidance), asked.prompted, isGuided);
  const network = denoiser(scope, model.schedulerConfig.predictionType, predict);
  const plan = samplingPlan(recipe.sampler, noiseSchedule(model.schedulerConfig), recipe);
  const pace = new Pace(latentDevice, observer.now);
  let latents = scope.noise();
  for await (const { index, x, denoised } of SAMPLERS[recipe.sampler].sampler(
    scope,
    network,
    plan,
    latents,
  )) {
    latents = x;
    step = index + 1;
    await pace.keep();
    await observer.step({ step, steps: plan.steps.length, denoised, latentDevice });
    await stopIfCancelled(observer);
    pace.mark();
  }
  await latentDevice.done();
  return latents;
}

/** The U-Net with the prompt alone, in one pass, or with both texts at once. */
function guidedNetwork(
  networks: Networks,
  text: { readonly prompted: Embeddings; readonly unprompted: Embeddings },
  extras: UnetExtras,
): GuidedNetwork<DeviceTensor> {
  return {
    prompted: async (x, timestep) => one(await networks.predict(x, timestep, [text.prompted], extras)),
    both: async (x, timestep) => {
      const texts = [text.unprompted, text.prompted];
      const [unprompted, prompted] = await networks.predict(x, timestep, texts, extras);
      return [one([prompted]), one([unprompted])];
    },
  };
}

/** SDXL is told a picture of its own size, not cropped; a guidance-distilled U-Net is told the guidance. */
function extrasOf({ heightPx, widthPx, guidanceScale }: Recipe, model: Model): UnetExtras {
  const width = model.guidanceEmbeddingWidth;
  return {
    timeIds: model.wantsTimeIds ? [heightPx, widthPx, 0, 0, heightPx, widthPx] : null,
    timestepCond: width === null ? null : guidanceEmbedding(guidanceScale, width),
  };
}

/** NCHW: height before width. */
function latentDims(recipe: Recipe, { latentChannels, pixelsPerLatent }: Model): readonly number[] {
  return [1, latentChannels, recipe.heightPx / pixelsPerLatent, recipe.widthPx / pixelsPerLatent];
}

function one(predictions: readonly (DeviceTensor | undefined)[]): DeviceTensor {
  const [prediction] = predictions;
  if (!prediction) throw new Failure("internal", "Wanted a prediction for every text, got fewer.");
  return prediction;
}

async function stopIfCancelled(observer: Observer): Promise<void> {
  if (await observer.isCancelled()) throw new Failure("cancelled", "Stopped.");
}

/** Announces stages, adds up the time that each takes, and stops before one if asked to. */
function stopwatch(observer: Observer) {
  const totalsMs: Record<Stage | "match", number> = { encode: 0, denoise: 0, decode: 0, match: 0 };
  const clocked = async <T>(name: Stage | "match", work: () => Promise<T>): Promise<T> => {
    const startMs = observer.now();
    const result = await work();
    totalsMs[name] += observer.now() - startMs;
    return result;
  };
  const timed = async <T>(stage: Stage, work: () => Promise<T>): Promise<T> => {
    await stopIfCancelled(observer);
    observer.stage(stage);
    return clocked(stage, work);
  };
  return { timed, clocked, totalsMs };
}
