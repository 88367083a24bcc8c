/** Denoising diffusion probabilistic models: the ancestral sampler that started it. */

import type { NoiseLevel } from "../schedule/noiseLevel";
import type { SamplingPlan } from "../schedule/plan";
import { firstLatent, freshNoise, type Sampler } from "./sampler";

/**
 * Ho et al. 2020 (arXiv:2006.11239), Algorithm 2, with the posterior q(x_{t-1} | x_t, x̂_0) of Eq. 6-7. Over
 * fewer than T steps, the same between neighbours of a thinned-out chain: α_t = ᾱ_t / ᾱ_{t'}.
 */
export const sampleDdpm: Sampler = async function* (ops, denoise, plan, start) {
  let x = firstLatent(ops, plan, start);
  for (const [index, { from, to }] of plan.steps.entries()) {
    const denoised = await denoise(x, from);
    const alpha = (from.alphaT / to.alphaT) ** 2;
    const beta = 1 - alpha;
    // Eq. 7: μ̃ = √ᾱ_{t'} β_t / (1 − ᾱ_t) · x̂_0 + √α_t (1 − ᾱ_{t'}) / (1 − ᾱ_t) · x_t
    x = ops.combine([
      [(to.alphaT * beta) / from.sigmaT ** 2, denoised],
      [(Math.sqrt(alpha) * to.sigmaT ** 2) / from.sigmaT ** 2, x],
      ...freshNoise(ops, deviation(plan, from, to, beta)),
    ]);
    yield { index, x, denoised };
  }
};

/** σ_t: √β̃_t of Eq. 7 (fixed_small), or √β_t (fixed_large); none where the chain ends at t = 0. */
function deviation({ config }: SamplingPlan, from: NoiseLevel, to: NoiseLevel, beta: number): number {
  if (from.timestep === 0) return 0;
  const share = config.varianceType === "fixed_large" ? 1 : (to.sigmaT / from.sigmaT) ** 2;
  return Math.sqrt(share * beta);
}
