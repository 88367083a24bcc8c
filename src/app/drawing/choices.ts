/** A person's settings with a given model: the model's own defaults, the limits, the sizes. */

import { WHOLE_RUN } from "../../core/guidedSteps";
import type { ModelCard } from "../../core/modelCard";
import type { Recipe, SamplerId, Weights } from "../../core/recipe";
import { SEED_MAX } from "../../core/seed";
import { LIMITS } from "../../protocol/settings";
import type { Settings } from "../../storage/settings";

export type Shape = Settings["shape"];

export interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** The settings that make a picture, with every gap filled. */
export interface Choices extends Size {
  readonly steps: number;
  readonly guidanceScale: number;
  readonly guidanceStart: number;
  readonly guidanceStop: number;
  readonly sampler: SamplerId;
  readonly weights: Weights;
}

/** Settings that leave everything to the model's makers. */
export const MODELS_OWN = {
  steps: null,
  guidanceScale: null,
  ...WHOLE_RUN,
  sampler: null,
  weights: "full",
  shape: "native",
} as const satisfies Partial<Settings>;

/** What a person has set of {@link MODELS_OWN}. */
export type ModelsOwn = Pick<Settings, keyof typeof MODELS_OWN>;

export function modelsOwnOf(settings: Settings): ModelsOwn {
  const { steps, guidanceScale, guidanceStart, guidanceStop, sampler, weights, shape } = settings;
  return { steps, guidanceScale, guidanceStart, guidanceStop, sampler, weights, shape };
}

/** Long side to short side of the landscape and portrait shapes. */
const ASPECT = 3 / 2;

/**
 * Settings where the person set something, else the model's defaults; all within the limits. The few-step mode draws only
 * as it was taught: asked of a model that has one, its steps, guidance and sampler are taken. Guidance 1 has no interval.
 */
export function choicesOf(settings: Settings, model: ModelCard): Choices {
  const { defaults, fewStep } = model;
  if (settings.weights === "few_step" && fewStep !== null)
    return { ...fewStep, ...WHOLE_RUN, weights: "few_step", ...sizeOf(settings.shape, model) };
  const guidanceScale = clamp(
    settings.guidanceScale ?? defaults.guidanceScale,
    LIMITS.guidanceMin,
    LIMITS.guidanceMax,
  );
  return {
    steps: clamp(settings.steps ?? defaults.steps, LIMITS.stepsMin, LIMITS.stepsMax),
    guidanceScale,
    ...(guidanceScale === 1 ? WHOLE_RUN : intervalOf(settings)),
    sampler: settings.sampler ?? defaults.sampler,
    weights: "full",
    ...sizeOf(settings.shape, model),
  };
}

/** Nothing is guided where somebody has edited the start to lie behind the stop. */
function intervalOf({ guidanceStart, guidanceStop }: Settings) {
  return { guidanceStart: Math.min(guidanceStart, guidanceStop), guidanceStop };
}

/** The recipe of the picture that these settings ask of this model. */
export function recipeOf(settings: Settings, model: ModelCard, seed: bigint): Recipe {
  return {
    prompt: settings.prompt,
    negativePrompt: settings.negativePrompt,
    seed,
    guidanceRescale: 0,
    eta: 0,
    ...choicesOf(settings, model),
  };
}

/** The recipes of so many pictures: consecutive seeds from `seed` on, after the highest the lowest. */
export function recipesOf(
  settings: Settings,
  model: ModelCard,
  seed: bigint,
  count: number,
): readonly Recipe[] {
  const seedAt = (index: number) => (seed + BigInt(index)) % (SEED_MAX + 1n);
  return Array.from({ length: count }, (_, index) => recipeOf(settings, model, seedAt(index)));
}

/** Shapes worth offering for a model, each once: of the same area as its own size, but for "small" with half its sides. */
export function shapesOf(model: ModelCard): readonly (Size & { readonly shape: Shape })[] {
  const shapes: readonly Shape[] = ["native", "square", "landscape", "portrait", "small"];
  const sizes = shapes.map((shape) => ({ shape, ...sizeOf(shape, model) }));
  const isFirst = ({ widthPx, heightPx }: Size, index: number) =>
    sizes.findIndex((other) => other.widthPx === widthPx && other.heightPx === heightPx) === index;
  return sizes.filter(isFirst);
}

function sizeOf(shape: Shape, { defaults, sideMultiplePx }: ModelCard): Size {
  const { widthPx, heightPx } = defaults;
  const side = Math.sqrt(widthPx * heightPx);
  // A model that was made for large pictures may have them in every shape.
  const sideMax = Math.max(LIMITS.sidePxMax, side * ASPECT);
  const long = side * Math.sqrt(ASPECT);
  const short = side / Math.sqrt(ASPECT);
  const snapped = (px: number) =>
    Math.max(1, Math.round(Math.min(px, sideMax) / sideMultiplePx)) * sideMultiplePx;
  switch (shape) {
    case "native":
      return { widthPx, heightPx };
    case "small":
      return { widthPx: snapped(widthPx / 2), heightPx: snapped(heightPx / 2) };
    case "square":
      return { widthPx: snapped(side), heightPx: snapped(side) };
    case "landscape":
      return { widthPx: snapped(long), heightPx: snapped(short) };
    case "portrait":
      return { widthPx: snapped(short), heightPx: snapped(long) };
  }
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
