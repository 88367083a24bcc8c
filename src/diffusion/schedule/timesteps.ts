/**
 * Which of the trained timesteps a run visits: Lin et al. 2023 (arXiv:2305.08891), Table 2, to the digit of
 * diffusers.
 */

import { linspace } from "./linspace";
import type { TimestepSpacing } from "./schedulerConfig";

/** The facts that spacing needs; T is the number of trained timesteps. */
export interface Spacing {
  readonly spacing: TimestepSpacing;
  /** T, at least `steps`. */
  readonly trained: number;
  /** Added to "leading" timesteps, as far as T − 1 allows. */
  readonly offset: number;
}

/**
 * Timesteps of DDPM and DDIM: `steps` whole numbers in [0, T), falling. At steps = T they are all of them.
 */
export function wholeTimesteps(steps: number, options: Spacing): number[] {
  return spacedTimesteps(steps, options).map(roundHalfToEven);
}

/**
 * Timesteps of Euler and the samplers on its grid: `steps` numbers in [0, T), falling; "linspace" ones lie between the trained
 * ones.
 */
export function spacedTimesteps(steps: number, { spacing, trained, offset }: Spacing): number[] {
  switch (spacing) {
    case "linspace":
      return linspace(0, trained - 1, steps).reverse();
    case "leading":
      return leading(Math.floor(trained / steps), steps, trained, offset);
    case "trailing":
      return trailing(steps, trained);
  }
}

/**
 * Timesteps of DPM++ and UniPC: whole, falling, and one stride of `steps + 1` short of 0, which is left for
 * the end.
 */
export function multistepTimesteps(steps: number, { spacing, trained, offset }: Spacing): number[] {
  switch (spacing) {
    case "linspace":
      return linspace(0, trained - 1, steps + 1)
        .map(roundHalfToEven)
        .reverse()
        .slice(0, -1);
    case "leading":
      return leading(Math.floor(trained / (steps + 1)), steps + 1, trained, offset).slice(0, -1);
    case "trailing":
      return trailing(steps, trained);
  }
}

/**
 * Timesteps of a latent consistency model: `steps` of the `original` evenly spaced ones that it was distilled
 * on, falling from T − 1 (or the last multiple of ⌊T / original⌋, less 1). Luo et al. 2023
 * (arXiv:2310.04378), section 4.3.
 */
export function lcmTimesteps(steps: number, original: number, trained: number): number[] {
  const stride = Math.floor(trained / original);
  return Array.from(
    { length: steps },
    (_, i) => (original - Math.floor(i * (original / steps))) * stride - 1,
  );
}

/**
 * 0, stride, 2 stride, … with the offset, reversed. diffusers steps outside the trained range where this one
 * stops.
 */
function leading(stride: number, count: number, trained: number, offset: number): number[] {
  const largest = Math.max(0, trained - 1 - stride * (count - 1));
  return Array.from({ length: count }, (_, i) => (count - 1 - i) * stride + Math.min(offset, largest));
}

/** T − 1, T − 1 − T/steps, … rounded. The stride is numpy.arange's, so that ties fall to the same side. */
function trailing(steps: number, trained: number): number[] {
  const stride = trained - (trained - trained / steps);
  return Array.from({ length: steps }, (_, i) => roundHalfToEven(trained - i * stride) - 1);
}

/** As numpy rounds. */
function roundHalfToEven(value: number): number {
  const nearest = Math.round(value);
  return nearest - value === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}
