/** Rules [D7] and [D8] of SPEC.md: samplers that add noise end with the data's own mean and variance. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { seededNoise } from "../../core/random";
import type { SamplerId } from "../../core/recipe";
import type { HostTensor } from "../../core/tensor";
import { asSigma } from "../../core/units";
import { hostLatents } from "../latents";
import type { Denoise } from "../parameterization";
import type { NoiseLevel } from "../schedule/noiseLevel";
import type { SamplingPlan } from "../schedule/plan";
import { noiseSchedule } from "../schedule/schedule";
import { exponentialSigmas } from "../schedule/sigmas";
import { arrayOps, configOf, finish, flow, type Gaussian, idealDenoised, planAlong } from "../testing";
import { SAMPLERS, samplingPlan } from "./samplers";

const max = asSigma(50);
const min = asSigma(0.02);
const data: Gaussian = { mean: -1.2, deviation: 0.6 };

/**
 * The perfect network: E[x_0 | x]; for LCM the perfect consistency function, the end of the flow through x.
 * Affine in x.
 */
function perfectAt(id: SamplerId, x: number, level: NoiseLevel): number {
  if (level.alphaT === 0) return data.mean;
  return id === "lcm" ? flow(data, x / level.alphaT, level.sigma, 0) : idealDenoised(data, x, level);
}

/**
 * Runs a sampler on a whole distribution at once. With an affine network every latent is mean + Σ cᵢ zᵢ over
 * independent normals zᵢ, so a latent here is the list [mean, c_start, c_0, c_1, …], and moments are exact.
 */
async function moments(id: SamplerId, plan: SamplingPlan, start: Gaussian): Promise<Gaussian> {
  const ops = arrayOps(plan.steps.length + 2, (draw, i) => (i === draw + 2 ? 1 : 0));
  const perfect: Denoise<readonly number[]> = async (x, level) => {
    const offset = perfectAt(id, 0, level);
    const slope = perfectAt(id, 1, level) - offset;
    return x.map((value, i) => slope * value + (i === 0 ? offset : 0));
  };
  const first = [start.mean, start.deviation, ...plan.steps.map(() => 0)];
  const [mean = Number.NaN, ...coefficients] = await finish(SAMPLERS[id].sampler, ops, perfect, plan, first);
  return { mean, deviation: Math.hypot(...coefficients) };
}

/** Moments after `steps` geometric steps between the exact marginals at σ = 50 and 0.02, as x_0 + σ ε. */
async function momentsOver(
  steps: number,
  id: SamplerId,
  changes: Partial<SamplingPlan>,
  exploding: boolean,
): Promise<Gaussian> {
  const plan = planAlong(exponentialSigmas(steps + 1, { min, max }), changes);
  const scaleAt = (sigma: typeof max): number => (exploding ? 1 : 1 / Math.hypot(1, sigma));
  const end = await moments(id, plan, {
    mean: data.mean * scaleAt(max),
    deviation: Math.hypot(data.deviation, max) * scaleAt(max),
  });
  return { mean: end.mean / scaleAt(min), deviation: end.deviation / scaleAt(min) };
}

const fixedLarge = { config: { ...configOf(), varianceType: "fixed_large" as const } };
const STOCHASTIC: readonly [string, SamplerId, Partial<SamplingPlan>, boolean][] = [
  ["DDPM with σ² = β̃", "ddpm", {}, false],
  ["DDPM with σ² = β", "ddpm", fixedLarge, false],
  ["DDIM with η = 0.5", "ddim", { eta: 0.5 }, false],
  ["DDIM with η = 1", "ddim", { eta: 1 }, false],
  ["Euler ancestral", "euler_a", {}, true],
];

it.each(STOCHASTIC)(
  "[D7] %s keeps the mean, and halves its error in variance with twice as many steps",
  async (_, id, changes, exploding) => {
    const want = data.deviation ** 2 + min ** 2;
    const [coarse, fine] = [
      await momentsOver(100, id, changes, exploding),
      await momentsOver(200, id, changes, exploding),
    ];
    expect(fine.mean).toBeCloseTo(data.mean, 10);
    const ratio = (coarse.deviation ** 2 - want) / (fine.deviation ** 2 - want);
    expect(ratio).toBeGreaterThan(1.85);
    expect(ratio).toBeLessThan(2.15);
    expect(Math.abs(fine.deviation ** 2 / want - 1)).toBeLessThan(0.1);
  },
);

it("[D7] LCM with a perfect consistency function has the data's mean and variance after any number of steps", async () => {
  for (const steps of [1, 2, 4, 8]) {
    const plan = planAlong([...exponentialSigmas(steps, { min: asSigma(1), max }), 0]);
    const end = await moments("lcm", plan, {
      mean: data.mean / Math.hypot(1, max),
      deviation: Math.hypot(data.deviation, max) / Math.hypot(1, max),
    });
    expect(end.mean).toBeCloseTo(data.mean, 6);
    expect(end.deviation).toBeCloseTo(data.deviation, 6);
  }
});

it.each(["ddpm", "ddim", "euler_a", "lcm"] as const)(
  "[D8] %s with the noise of any seed has the moments of the exact run",
  async (id) => {
    const size = 3000;
    const zeroSnr = {
      prediction_type: "v_prediction",
      rescale_betas_zero_snr: true,
      timestep_spacing: "trailing",
    };
    const plan = samplingPlan(id, noiseSchedule(configOf(zeroSnr)), { steps: 25, eta: 1 });
    const want = await moments(id, plan, { mean: 0, deviation: 1 });
    await fc.assert(
      fc.asyncProperty(fc.bigInt(0n, 2n ** 64n - 1n), async (seed) => {
        const ops = hostLatents([1, size], seededNoise(seed));
        const perfect: Denoise<HostTensor> = async ({ dims, data: x }, level) => ({
          dims,
          data: x.map((value) => perfectAt(id, value, level)),
        });
        const { data: end } = await finish(SAMPLERS[id].sampler, ops, perfect, plan, ops.noise());
        const mean = end.reduce((sum, x) => sum + x, 0) / size;
        const variance = end.reduce((sum, x) => sum + (x - mean) ** 2, 0) / size;
        // Six standard errors.
        expect(Math.abs(mean - want.mean)).toBeLessThan((6 * want.deviation) / Math.sqrt(size));
        expect(Math.abs(variance / want.deviation ** 2 - 1)).toBeLessThan(6 * Math.sqrt(2 / size));
      }),
      { numRuns: 3 },
    );
    expect(want.mean).toBeCloseTo(data.mean, 2);
  },
);
