/** Heun's method on the probability-flow ODE: two evaluations of the network for second order. */

import { denoiseExploding } from "./exploding";
import { firstLatent, type Sampler } from "./sampler";

/** Karras et al. 2022 (arXiv:2206.00364), Algorithm 1 with s(t) = 1, σ(t) = t. A step to σ = 0 is Euler's. */
export const sampleHeun: Sampler = async function* (ops, denoise, plan, start) {
  let x = firstLatent(ops, plan, start);
  for (const [index, { from, to }] of plan.steps.entries()) {
    const denoised = await denoiseExploding(ops, denoise, x, from);
    const h = to.sigma - from.sigma;
    // x' = x + h d, d = (x − x̂_0) / σ
    const euler = ops.combine([
      [1 + h / from.sigma, x],
      [-h / from.sigma, denoised],
    ]);
    if (to.sigma === 0) {
      x = euler;
    } else {
      // x + h (d + d') / 2, d' = (x' − x̂_0') / σ'
      const there = await denoiseExploding(ops, denoise, euler, to);
      x = ops.combine([
        [1 + h / (2 * from.sigma), x],
        [-h / (2 * from.sigma), denoised],
        [h / (2 * to.sigma), euler],
        [-h / (2 * to.sigma), there],
      ]);
    }
    yield { index, x, denoised };
  }
};
