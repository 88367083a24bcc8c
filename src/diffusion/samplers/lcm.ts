/** Latent consistency models: jump to the data, add noise back, jump again. */

import { firstLatent, freshNoise, type Sampler } from "./sampler";

/** σ_data of the boundary condition. Song et al. 2023 (arXiv:2303.01469), appendix C. */
const SIGMA_DATA = 0.5;

/**
 * Luo et al. 2023 (arXiv:2310.04378), Algorithm 3. `denoised` is the consistency function f = c_skip x_t +
 * c_out x̂_0, which is x_t itself at t = 0.
 */
export const sampleLcm: Sampler = async function* (ops, denoise, plan, start) {
  let x = firstLatent(ops, plan, start);
  for (const [index, { from, to }] of plan.steps.entries()) {
    const t = from.timestep * plan.config.timestepScaling;
    const skip = SIGMA_DATA ** 2 / (t ** 2 + SIGMA_DATA ** 2);
    const out = t / Math.hypot(t, SIGMA_DATA);
    const guess = await denoise(x, from);
    const denoised = ops.combine([
      [skip, x],
      [out, guess],
    ]);
    // x_{t'} = α_{t'} f + σ_{t'} z
    x = ops.combine([[to.alphaT, denoised], ...freshNoise(ops, to.sigmaT)]);
    yield { index, x, denoised };
  }
};
