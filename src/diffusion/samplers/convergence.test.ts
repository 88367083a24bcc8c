/**
 * Rule [D6] of SPEC.md: deterministic samplers against closed forms for Gaussian data, in f64 and one
 * dimension.
 */

import { describe, expect, it } from "vitest";
import type { SamplerId } from "../../core/recipe";
import { asSigma } from "../../core/units";
import type { Denoise } from "../parameterization";
import { configOf, finish, flow, type Gaussian, idealDenoised, numberOps, planAlong } from "../testing";
import { SAMPLERS } from "./samplers";

/** A deterministic sampler, how fast it must converge, and where its run ends. */
interface Row {
  readonly id: SamplerId;
  readonly order: number;
  /** Whether its latents are x_0 + σ ε. */
  readonly exploding: boolean;
  readonly end: number;
  readonly lowerOrderFinal: boolean;
  /** Strides of a run alternate as 1 : this. */
  readonly unevenness: number;
}
const row = (id: SamplerId, order: number, changes: Partial<Row> = {}): Row => ({
  id,
  order,
  exploding: false,
  end: 0.05,
  lowerOrderFinal: true,
  unevenness: 2,
  ...changes,
});
const DETERMINISTIC: readonly Row[] = [
  row("ddim", 1),
  row("euler", 1, { exploding: true }),
  row("heun", 2, { exploding: true }),
  row("dpmpp_2m", 2),
  // Its weights are those of even strides; strides that are even in log σ, not in σ, leave 2.
  row("pndm", 2, { unevenness: 1 }),
  // UniPC-2 is of order 3 (Zhao et al. 2023, Theorem 3.1); its uncorrected last step of order 1 leaves 2 of
  // that, to be
  // seen where the data still bends the path.
  row("unipc", 3, { lowerOrderFinal: false }),
  row("unipc", 2, { end: 1 }),
];

const max = asSigma(20);
const gaussians: readonly Gaussian[] = [
  { mean: 0, deviation: 1 },
  { mean: -1.5, deviation: 0.4 },
  { mean: 0.7, deviation: 2 },
];

function perfect(data: Gaussian): Denoise<number> {
  return async (x, level) => idealDenoised(data, x, level);
}

/** From σ = 20 to `end`. Strides in log σ alternate, for what a multistep method gets wrong on uneven ones. */
function sigmasDownTo(end: number, steps: number, unevenness: number): number[] {
  const short = Math.log(max / end) / (((1 + unevenness) / 2) * steps);
  const strideAt = (i: number): number => short * (i % 2 === 0 ? 1 : unevenness);
  let logSigma = Math.log(max);
  const below = Array.from({ length: steps }, (_, i) => {
    logSigma -= strideAt(i);
    return Math.exp(logSigma);
  });
  return [max, ...below];
}

/** How far from the closed form a run of an even number of steps ends. */
async function errorOf(
  { id, exploding, end, lowerOrderFinal, unevenness }: Row,
  data: Gaussian,
  steps: number,
): Promise<number> {
  const min = asSigma(end);
  const config = { ...configOf(), lowerOrderFinal };
  const plan = planAlong(sigmasDownTo(end, steps, unevenness), { config });
  const scaleAt = (sigma: typeof max): number => (exploding ? 1 : 1 / Math.hypot(1, sigma));
  const start = data.mean + 1.3 * max;
  const x = await finish(SAMPLERS[id].sampler, numberOps(), perfect(data), plan, start * scaleAt(max));
  return Math.abs(x / scaleAt(min) - flow(data, start, max, min));
}

describe.each(DETERMINISTIC)(
  "$id down to σ = $end, last step of lower order: $lowerOrderFinal",
  (sampler) => {
    const factor = 2 ** sampler.order;

    it.each(gaussians)(
      `[D6] divides its error by ${factor} with twice as many steps, for data N($mean, $deviation²)`,
      async (data) => {
        const [coarse, fine] = [await errorOf(sampler, data, 160), await errorOf(sampler, data, 320)];
        expect(coarse / fine / factor).toBeGreaterThan(0.97);
        expect(coarse / fine / factor).toBeLessThan(1.03);
      },
    );
  },
);
