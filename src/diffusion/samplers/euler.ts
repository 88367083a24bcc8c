/** Euler's method on the probability-flow ODE, plain and with ancestral noise. */

import { denoiseExploding } from "./exploding";
import { firstLatent, freshNoise, type Sampler } from "./sampler";

/**
 * dx/dσ = (x − x̂_0)/σ. Karras et al. 2022 (arXiv:2206.00364), Algorithm 1 without its correction, s(t) = 1
 * and σ(t) = t.
 */
export const sampleEuler: Sampler = async function* (ops, denoise, plan, start) {
  let x = firstLatent(ops, plan, start);
  for (const [index, { from, to }] of plan.steps.entries()) {
    const denoised = await denoiseExploding(ops, denoise, x, from);
    const h = to.sigma - from.sigma;
    // x + h (x − x̂_0) / σ
    x = ops.combine([
      [1 + h / from.sigma, x],
      [-h / from.sigma, denoised],
    ]);
    yield { index, x, denoised };
  }
};

/**
 * Euler down to σ_down, then fresh noise up to σ' again: σ_down² + σ_up² = σ'², split as in DDPM's posterior.
 * As in k-diffusion (Crowson 2022), η = 1.
 */
export const sampleEulerAncestral: Sampler = async function* (ops, denoise, plan, start) {
  let x = firstLatent(ops, plan, start);
  for (const [index, { from, to }] of plan.steps.entries()) {
    const denoised = await denoiseExploding(ops, denoise, x, from);
    const sigmaUp = (to.sigma / from.sigma) * Math.sqrt(from.sigma ** 2 - to.sigma ** 2);
    const sigmaDown = to.sigma ** 2 / from.sigma; // √(σ'² − σ_up²)
    const h = sigmaDown - from.sigma;
    x = ops.combine([[1 + h / from.sigma, x], [-h / from.sigma, denoised], ...freshNoise(ops, sigmaUp)]);
    yield { index, x, denoised };
  }
};
