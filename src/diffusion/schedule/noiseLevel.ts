/** Where a latent stands between data and noise. */

import { asSigma, asTimestep, type Sigma, type Timestep } from "../../core/units";

/**
 * One noise level in both of its spellings. Variance preserving: x_t = α_t x_0 + σ_t ε with α_t² + σ_t² = 1
 * (DDPM, DDIM, DPM-Solver, and what networks read). Variance exploding: x = x_0 + σ ε (Karras et al. 2022),
 * the same latent over α_t.
 */
export interface NoiseLevel {
  /** The time that the network reads. */
  readonly timestep: Timestep;
  /** σ = σ_t / α_t, in [0, Infinity]. */
  readonly sigma: Sigma;
  /** α_t = √ᾱ_t, in [0, 1]. */
  readonly alphaT: number;
  /** σ_t = √(1 − ᾱ_t), in [0, 1]. */
  readonly sigmaT: number;
}

/** The level whose noise-to-signal ratio is `sigma`; Infinity is pure noise (α_t = 0). */
export function noiseLevel(timestep: Timestep, sigma: Sigma): NoiseLevel {
  return { timestep, sigma, alphaT: 1 / Math.hypot(1, sigma), sigmaT: 1 / Math.hypot(1, 1 / sigma) };
}

/** No noise left: where every sampler is going. */
export const CLEAN: NoiseLevel = noiseLevel(asTimestep(0), asSigma(0));

/** σ = √((1 − ᾱ)/ᾱ) for ᾱ in [0, 1]. */
export function sigmaOfAlphaBar(alphaBar: number): Sigma {
  return asSigma(Math.sqrt((1 - alphaBar) / alphaBar));
}
