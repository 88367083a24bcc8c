/** Denoising diffusion implicit models: DDPM's marginals without its noise. */

import { firstLatent, freshNoise, type Sampler } from "./sampler";

/** Song et al. 2021 (arXiv:2010.02502), Eq. 12 and 16. η = 0 is deterministic, η = 1 is DDPM. */
export const sampleDdim: Sampler = async function* (ops, denoise, plan, start) {
  let x = firstLatent(ops, plan, start);
  for (const [index, { from, to }] of plan.steps.entries()) {
    const denoised = await denoise(x, from);
    // Eq. 16: σ_t(η) = η √((1 − ᾱ_{t'}) / (1 − ᾱ_t)) √(1 − ᾱ_t / ᾱ_{t'})
    const sigma = plan.eta * (to.sigmaT / from.sigmaT) * Math.sqrt(1 - (from.alphaT / to.alphaT) ** 2);
    // Eq. 12: √ᾱ_{t'} x̂_0 + √(1 − ᾱ_{t'} − σ_t²) ε̂ + σ_t z, where ε̂ = (x_t − √ᾱ_t x̂_0) / √(1 − ᾱ_t)
    const direction = Math.sqrt(to.sigmaT ** 2 - sigma ** 2) / from.sigmaT;
    x = ops.combine([
      [to.alphaT - direction * from.alphaT, denoised],
      [direction, x],
      ...freshNoise(ops, sigma),
    ]);
    yield { index, x, denoised };
  }
};
