/** The type that every sampler has. */

import type { LatentOps, Term } from "../latents";
import type { Denoise } from "../parameterization";
import type { SamplingPlan } from "../schedule/plan";

/** The latents that are known after one step of the plan. */
export interface SamplerStep<L> {
  /** 0-based; the last is `plan.steps.length − 1`. */
  readonly index: number;
  /**
   * The latent after the step, as diffusers has it in `prev_sample`: α_t x_0 + σ_t ε at the step's `to`
   * level, or x_0 + σ ε for Euler, Euler ancestral and Heun. After a last step to σ = 0 the two are one: the
   * finished picture.
   */
  readonly x: L;
  /** The guess x̂_0 of the clean latent that the step was made from: the preview. */
  readonly denoised: L;
}

/**
 * Takes noise to data along a plan, one step each time it is asked for the next.
 *
 * To stop, ask no more: leaving a `for await` ends the run and frees all it held. `x` and `denoised` may be
 * used until the next step is asked for. Once the run has ended by itself the last `x` is the caller's to
 * release; the rest is freed, as is everything if it was left early or threw.
 *
 * @param start standard normal noise, draw 0; stays the caller's.
 */
export type Sampler = <L>(
  ops: LatentOps<L>,
  denoise: Denoise<L>,
  plan: SamplingPlan,
  start: L,
) => AsyncGenerator<SamplerStep<L>, void, void>;

/** The latent that a run begins with. */
export function firstLatent<L>(ops: LatentOps<L>, plan: SamplingPlan, start: L): L {
  return ops.combine([[plan.initNoiseSigma, start]]);
}

/** `deviation` · z with fresh noise z, as a term of a sum; no term, and no draw, where the deviation is 0. */
export function freshNoise<L>(ops: LatentOps<L>, deviation: number): readonly Term<L>[] {
  return deviation > 0 ? [[deviation, ops.noise()]] : [];
}
