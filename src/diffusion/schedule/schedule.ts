/** The forward process of a trained model: how much of the data is left at every timestep. */

import { asTimestep, type Sigma } from "../../core/units";
import { linspace } from "./linspace";
import { type NoiseLevel, noiseLevel, sigmaOfAlphaBar } from "./noiseLevel";
import type { BetaSchedule, SchedulerConfig } from "./schedulerConfig";

/** ᾱ_t and what it was made of. */
export interface NoiseSchedule {
  readonly config: SchedulerConfig;
  /**
   * ᾱ_t = Π (1 − β), one per trained timestep: falling, in [0, 1), and 0 at the end after zero-SNR rescaling
   * only.
   */
  readonly alphasCumprod: Float64Array;
}

/**
 * ᾱ for "no data left" where 0 will not do: the smallest positive f16, as in diffusers. σ is then 4096, not
 * Infinity.
 */
const NEARLY_ZERO = 2 ** -24;

/** ᾱ_t = Π_{s ≤ t} (1 − β_s). Ho et al. 2020 (arXiv:2006.11239), section 2. */
export function noiseSchedule(config: SchedulerConfig): NoiseSchedule {
  let product = 1;
  const alphasCumprod = Float64Array.from(betas(config.betaSchedule, config.numTrainTimesteps), (beta) => {
    product *= 1 - beta;
    return product;
  });
  return {
    config,
    alphasCumprod: config.rescaleBetasZeroSnr ? rescaleZeroTerminalSnr(alphasCumprod) : alphasCumprod,
  };
}

/**
 * The level of a trained timestep, 0 … T − 1, for samplers that work on ᾱ (DDPM, DDIM, LCM). With zero
 * terminal SNR the last one is pure noise, except where the network predicts ε: then x̂_0 = (x − σ_t ε)/α_t
 * wants some α_t, and gets 2^-12.
 */
export function trainedLevel({ config, alphasCumprod }: NoiseSchedule, timestep: number): NoiseLevel {
  const alphaBar = alphasCumprod[timestep] ?? Number.NaN;
  const floor = config.predictionType === "epsilon" ? NEARLY_ZERO : 0;
  return noiseLevel(asTimestep(timestep), sigmaOfAlphaBar(alphaBar === 0 ? floor : alphaBar));
}

/**
 * σ of every trained timestep, rising, for samplers that work on σ: finite, so zero terminal SNR means σ_T =
 * 4096.
 */
export function trainedSigmas({ config, alphasCumprod }: NoiseSchedule): readonly Sigma[] {
  const last = alphasCumprod.length - 1;
  return Array.from(alphasCumprod, (alphaBar, t) =>
    sigmaOfAlphaBar(config.rescaleBetasZeroSnr && t === last ? NEARLY_ZERO : alphaBar),
  );
}

function betas(schedule: BetaSchedule, count: number): readonly number[] {
  switch (schedule.kind) {
    case "trained":
      return schedule.betas;
    case "linear": // Ho et al. 2020, section 4
      return linspace(schedule.start, schedule.end, count);
    case "scaled_linear": // Rombach et al. 2022 (arXiv:2112.10752): linear in √β
      return linspace(Math.sqrt(schedule.start), Math.sqrt(schedule.end), count).map((root) => root ** 2);
    case "squaredcos_cap_v2": // Nichol & Dhariwal 2021 (arXiv:2102.09672), Eq. 17
      return Array.from({ length: count }, (_, t) =>
        Math.min(1 - cosineAlphaBar((t + 1) / count) / cosineAlphaBar(t / count), 0.999),
      );
  }
}

function cosineAlphaBar(time: number): number {
  return Math.cos(((time + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
}

/**
 * Shifts and stretches √ᾱ so that it ends at 0 and starts where it did. Lin et al. 2023 (arXiv:2305.08891),
 * Algorithm 1.
 */
function rescaleZeroTerminalSnr(alphasCumprod: Float64Array): Float64Array {
  const roots = alphasCumprod.map(Math.sqrt);
  const [first = 1, last = 0] = [roots.at(0), roots.at(-1)];
  return roots.map((root) => (((root - last) * first) / (first - last)) ** 2);
}
