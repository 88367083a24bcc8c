/** PNDM as Stable Diffusion runs it: linear multistep over the network's own outputs, up to fourth order. */

import type { LatentOps, Term } from "../latents";
import type { PredictionType } from "../parameterization";
import type { NoiseLevel } from "../schedule/noiseLevel";
import type { PlanStep } from "../schedule/plan";
import { firstLatent, type Sampler } from "./sampler";

/** Weights of this output and those before it: Adams-Bashforth of order 1 to 4. */
const ADAMS_BASHFORTH: readonly (readonly number[])[] = [
  [1],
  [3 / 2, -1 / 2],
  [23 / 12, -16 / 12, 5 / 12],
  [55 / 24, -59 / 24, 37 / 24, -9 / 24],
];

/**
 * Liu et al. 2022 (arXiv:2202.09778), Eq. 11 and 12, without the Runge-Kutta start ("PLMS", Crowson 2022): the first step is
 * made twice, the second time with the mean of the outputs at both its ends; then Adams-Bashforth, its order growing with what
 * is remembered.
 */
export const samplePndm: Sampler = async function* (ops, denoise, plan, start) {
  const type = plan.config.predictionType;
  let x = firstLatent(ops, plan, start);
  let outputs: (typeof start)[] = [];
  for (const [index, step] of plan.steps.entries()) {
    let denoised = await denoise(x, step.from);
    const output = outputOf(ops, type, x, denoised, step.from);
    outputs = [output, ...outputs].slice(0, ADAMS_BASHFORTH.length);
    const weights = ADAMS_BASHFORTH[outputs.length - 1] ?? [];
    const mixture = outputs.map((e, i) => [weights[i] ?? 0, e] as const);
    let next = transfer(ops, type, x, mixture, step);
    const second = plan.steps[1];
    if (index === 0 && second !== undefined) {
      denoised = await denoise(next, second.from);
      const there = outputOf(ops, type, next, denoised, second.from);
      const mean = [output, there].map((e) => [1 / 2, e] as const);
      next = transfer(ops, type, x, mean, step);
    }
    x = next;
    yield { index, x, denoised };
  }
};

/** The network's own output, of which its x̂_0 was made: ε, v or x_0. */
function outputOf<L>(
  ops: LatentOps<L>,
  type: PredictionType,
  x: L,
  denoised: L,
  { alphaT, sigmaT }: NoiseLevel,
): L {
  switch (type) {
    case "epsilon":
      return ops.combine([
        [1 / sigmaT, x],
        [-alphaT / sigmaT, denoised],
      ]);
    case "v_prediction":
      return ops.combine([
        [alphaT / sigmaT, x],
        [-1 / sigmaT, denoised],
      ]);
    case "sample":
      return ops.combine([[1, denoised]]);
  }
}

/** Liu et al. 2022, Eq. 9: x_{t'} = α_{t'} x̂_0 + σ_{t'} ε̂, both of them by x_t and a mixture of outputs. */
function transfer<L>(
  ops: LatentOps<L>,
  type: PredictionType,
  x: L,
  mixture: readonly Term<L>[],
  { from, to }: PlanStep,
): L {
  const [ofX, ofOutput] = transferWeights(type, from, to);
  return ops.combine([[ofX, x], ...mixture.map(([weight, e]) => [ofOutput * weight, e] as const)]);
}

function transferWeights(
  type: PredictionType,
  { alphaT: a, sigmaT: s }: NoiseLevel,
  { alphaT, sigmaT }: NoiseLevel,
): readonly [number, number] {
  switch (type) {
    case "epsilon": // x̂_0 = (x − σ_t ε̂) / α_t
      return [alphaT / a, sigmaT - (alphaT * s) / a];
    case "v_prediction": // x̂_0 = α_t x − σ_t v, ε̂ = σ_t x + α_t v
      return [alphaT * a + sigmaT * s, sigmaT * a - alphaT * s];
    case "sample": // ε̂ = (x − α_t x̂_0) / σ_t
      return [sigmaT / s, alphaT - (sigmaT * a) / s];
  }
}
