/** DPM-Solver++(2M): second order for one evaluation a step, by remembering the last one. */

import type { Term } from "../latents";
import type { SamplingPlan } from "../schedule/plan";
import { firstLatent, type Sampler } from "./sampler";

/**
 * Lu et al. 2022 (arXiv:2211.01095), Algorithm 2, in λ = log(α_t/σ_t) = −log σ: x_t = (σ_t/σ_s) x − α_t
 * (e^{−h} − 1) D, D = (1 + 1/2r) x̂_0 − (1/2r) x̂_0', r = h'/h, where ' is of the step before.
 */
export const sampleDpmpp2m: Sampler = async function* (ops, denoise, plan, start) {
  let x = firstLatent(ops, plan, start);
  let previous: { readonly h: number; readonly denoised: typeof start } | undefined;
  for (const [index, { from, to }] of plan.steps.entries()) {
    const denoised = await denoise(x, from);
    const h = Math.log(from.sigma) - Math.log(to.sigma);
    const phi = -to.alphaT * Math.expm1(-h);
    let d: readonly Term<typeof start>[] = [[phi, denoised]];
    if (previous !== undefined && !isFirstOrder(plan, index)) {
      // What the difference D_1 = (x̂_0 − x̂_0') / r counts for: φ/2, or with Heun's rule α_t ((e^{−h} − 1) / h + 1).
      const weight = plan.config.solverType === "heun" ? to.alphaT * (Math.expm1(-h) / h + 1) : phi / 2;
      const r = previous.h / h;
      d = [
        [phi + weight / r, denoised],
        [-weight / r, previous.denoised],
      ];
    }
    x = ops.combine([[to.sigmaT / from.sigmaT, x], ...d]);
    yield { index, x, denoised };
    previous = { h, denoised };
  }
};

/**
 * Extrapolation is left out where it harms: into σ = 0, where λ is infinite, and at the end of a short run.
 */
function isFirstOrder({ steps, config }: SamplingPlan, index: number): boolean {
  if (config.solverOrder === 1) return true;
  if (index < steps.length - 1) return false;
  return steps.at(-1)?.to.sigma === 0 || config.eulerAtFinal || (config.lowerOrderFinal && steps.length < 15);
}
