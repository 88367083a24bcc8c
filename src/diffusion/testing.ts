/** Builders for the tests of this folder. */

import { asSigma, asTimestep } from "../core/units";
import type { LatentOps } from "./latents";
import type { Denoise } from "./parameterization";
import type { Sampler } from "./samplers/sampler";
import { type NoiseLevel, noiseLevel } from "./schedule/noiseLevel";
import type { SamplingPlan } from "./schedule/plan";
import { parseSchedulerConfig, type SchedulerConfig } from "./schedule/schedulerConfig";

/** A configuration like Stable Diffusion's, with `changes` in diffusers' own keys. */
export function configOf(changes: Readonly<Record<string, unknown>> = {}): SchedulerConfig {
  return parseSchedulerConfig({
    _class_name: "DDIMScheduler",
    beta_schedule: "scaled_linear",
    beta_start: 0.00085,
    beta_end: 0.012,
    ...changes,
  });
}

/** Numbers as latents: samplers in f64 and one dimension, with noise from `draws`. */
export function numberOps(draw: (index: number) => number = () => 0): LatentOps<number> {
  let draws = 0;
  return {
    combine: (terms) => terms.reduce((sum, [coefficient, latent]) => sum + coefficient * latent, 0),
    noise: () => draw(draws++),
    matchStandardDeviation: (latent) => latent,
    release: () => {},
  };
}

/**
 * A plan along `sigmas` (falling, the last one reached but not started from); timestep = 1000 + σ, so never
 * 0.
 */
export function planAlong(sigmas: readonly number[], changes: Partial<SamplingPlan> = {}): SamplingPlan {
  const levels: NoiseLevel[] = sigmas.map((sigma) => noiseLevel(asTimestep(1000 + sigma), asSigma(sigma)));
  return {
    steps: levels.slice(0, -1).map((from, i) => ({ from, to: levels[i + 1] ?? from })),
    initNoiseSigma: 1,
    eta: 0,
    config: configOf(),
    ...changes,
  };
}

/** The latent that a whole run ends with. */
export async function finish<L>(
  sampler: Sampler,
  ops: LatentOps<L>,
  denoise: Denoise<L>,
  plan: SamplingPlan,
  start: L,
): Promise<L> {
  let end = start;
  for await (const { x } of sampler(ops, denoise, plan, start)) end = x;
  return end;
}

/** Latents of several numbers in f64, with noise from `draw`. */
export function arrayOps(
  size: number,
  draw: (index: number, i: number) => number,
): LatentOps<readonly number[]> {
  let draws = 0;
  const spread = (latent: readonly number[]): number => {
    const mean = latent.reduce((sum, value) => sum + value, 0) / size;
    return Math.sqrt(latent.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (size - 1));
  };
  const fill = (at: (i: number) => number): readonly number[] =>
    Array.from({ length: size }, (_, i) => at(i));
  return {
    combine: (terms) =>
      fill((i) =>
        terms.reduce((sum, [coefficient, latent]) => sum + coefficient * (latent[i] ?? Number.NaN), 0),
      ),
    noise() {
      const index = draws++;
      return fill((i) => draw(index, i));
    },
    matchStandardDeviation(latent, reference, strength) {
      const ratio = spread(reference) / spread(latent);
      return latent.map((value) => value * (strength * ratio + 1 - strength));
    },
    release: () => {},
  };
}

/** Data ~ N(mean, deviation²) in one dimension: everything about diffusing it is known in closed form. */
export interface Gaussian {
  readonly mean: number;
  readonly deviation: number;
}

/** E[x_0 | x_t = x], x variance preserving: what a perfect network answers. */
export function idealDenoised(
  { mean, deviation }: Gaussian,
  x: number,
  { alphaT, sigmaT }: NoiseLevel,
): number {
  const share = (deviation * alphaT) ** 2 / ((deviation * alphaT) ** 2 + sigmaT ** 2);
  return mean + share * (x / alphaT - mean);
}

/**
 * Where the probability-flow ODE carries a variance-exploding latent: (x − mean) / √(deviation² + σ²) is
 * conserved.
 */
export function flow({ mean, deviation }: Gaussian, x: number, from: number, to: number): number {
  return mean + ((x - mean) * Math.hypot(deviation, to)) / Math.hypot(deviation, from);
}
