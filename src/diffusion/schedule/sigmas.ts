/** Sequences of noise levels, and the way between noise levels and timesteps. */

import { asSigma, asTimestep, type Sigma, type Timestep } from "../../core/units";
import { linspace } from "./linspace";

/** The ends of a sequence of noise levels: 0 < min <= max. */
export interface SigmaRange {
  readonly min: Sigma;
  readonly max: Sigma;
}

/**
 * `steps` noise levels from max to min, evenly spaced in σ^(1/ρ). Karras et al. 2022 (arXiv:2206.00364), Eq.
 * 5; ρ = 7 is the paper's choice.
 */
export function karrasSigmas(steps: number, { min, max }: SigmaRange, rho = 7): Sigma[] {
  return linspace(max ** (1 / rho), min ** (1 / rho), steps).map((root) => asSigma(root ** rho));
}

/**
 * `steps` noise levels from max to min, evenly spaced in log σ. Lu et al. 2022 (arXiv:2206.00927), section
 * 3.4.
 */
export function exponentialSigmas(steps: number, { min, max }: SigmaRange): Sigma[] {
  return linspace(Math.log(max), Math.log(min), steps).map((log) => asSigma(Math.exp(log)));
}

/**
 * The noise level at a timestep, on the line between its two trained neighbours.
 *
 * @param trained noise levels of timesteps 0, 1, …, rising.
 */
export function sigmaAt(timestep: number, trained: readonly Sigma[]): Sigma {
  const low = Math.min(Math.floor(timestep), trained.length - 1);
  const [below = Number.NaN, above = below] = trained.slice(low, low + 2);
  return asSigma(below + (timestep - low) * (above - below));
}

/**
 * The timestep at which a network was trained to see `sigma`, on the line in log σ between its two
 * neighbours, clamped to the trained range.
 *
 * @param trained noise levels of timesteps 0, 1, …, rising, all above 0.
 */
export function timestepAt(sigma: Sigma, trained: readonly Sigma[]): Timestep {
  const high = trained.findIndex((level) => level > sigma);
  if (high === 0) return asTimestep(0);
  const [below, above] = trained.slice(high - 1, high + 1);
  if (high === -1 || below === undefined || above === undefined) return asTimestep(trained.length - 1);
  return asTimestep(high - 1 + Math.log(sigma / below) / Math.log(above / below));
}
