/** Rules [D9] and [D10] of SPEC.md. */

import { describe, expect, it } from "vitest";
import { denoiser } from "../parameterization";
import { noiseSchedule } from "../schedule/schedule";
import { configOf, finish, numberOps } from "../testing";
import { SAMPLERS, samplingPlan } from "./samplers";

const T = 1000;
const linear = { beta_schedule: "linear", beta_start: 0.0001, beta_end: 0.02 };
/** Any network will do, so long as it is not linear. */
const epsilon = (x: number, t: number): number => 0.9 * Math.tanh(x) + 0.1 * Math.cos(0.01 * t);
const z = (draw: number): number => Math.SQRT2 * Math.sin(12.9 * (draw + 1));

/** Algorithm 2 of Ho et al. 2020, written from the page: t runs from T to 1, and β_1 … β_T are linear. */
function algorithm2(
  xT: number,
  variance: (beta: number, alphaBar: number, previous: number) => number,
): number {
  const beta = (t: number): number => 0.0001 + ((t - 1) * (0.02 - 0.0001)) / (T - 1);
  const alphaBars = [1];
  for (let t = 1; t <= T; t++) alphaBars.push((alphaBars[t - 1] ?? 1) * (1 - beta(t)));
  let x = xT;
  for (let t = T; t >= 1; t--) {
    const [alphaBar, previous] = [alphaBars[t] ?? 0, alphaBars[t - 1] ?? 0];
    const noise = t > 1 ? z(T - t) : 0;
    const mean = (x - (beta(t) / Math.sqrt(1 - alphaBar)) * epsilon(x, t - 1)) / Math.sqrt(1 - beta(t));
    x = mean + Math.sqrt(variance(beta(t), alphaBar, previous)) * noise;
  }
  return x;
}

describe("DDPM", () => {
  const betaTilde = (beta: number, alphaBar: number, previous: number): number =>
    ((1 - previous) / (1 - alphaBar)) * beta;
  const choices = [
    { variance_type: "fixed_small", variance: betaTilde },
    { variance_type: "fixed_large", variance: (beta: number): number => beta },
  ];
  const spacings = [
    { timestep_spacing: "leading" },
    { timestep_spacing: "leading", steps_offset: 1 },
    { timestep_spacing: "trailing" },
    { timestep_spacing: "linspace" },
  ];

  it.each(choices.flatMap((choice) => spacings.map((spacing) => ({ ...choice, spacing }))))(
    "[D9] over all 1000 steps is Algorithm 2 with $variance_type, whatever the spacing: $spacing",
    async ({ variance_type, variance, spacing }) => {
      const schedule = noiseSchedule(configOf({ ...linear, ...spacing, variance_type }));
      const ops = numberOps(z);
      const denoise = denoiser(ops, "epsilon", async (x, t) => epsilon(x, t));
      const plan = samplingPlan("ddpm", schedule, { steps: T, eta: 0 });
      const x = await finish(SAMPLERS.ddpm.sampler, ops, denoise, plan, 0.8);
      expect(x).toBeCloseTo(algorithm2(0.8, variance), 9);
    },
  );

  it.each([10, 40, 250])("[D10] is DDIM with η = 1, in %i steps", async (steps) => {
    const schedule = noiseSchedule(configOf());
    const run = (id: "ddpm" | "ddim"): Promise<number> => {
      const ops = numberOps(z);
      const denoise = denoiser(ops, "epsilon", async (x, t) => epsilon(x, t));
      return finish(SAMPLERS[id].sampler, ops, denoise, samplingPlan(id, schedule, { steps, eta: 1 }), 0.8);
    };
    expect(await run("ddpm")).toBeCloseTo(await run("ddim"), 9);
  });
});

it("[D10] DDIM with η = 1 stays finite where next to nothing is left of the data", async () => {
  const drowned = { beta_schedule: "linear", beta_start: 0.01, beta_end: 0.5, prediction_type: "sample" };
  const schedule = noiseSchedule(configOf(drowned));
  for (const steps of [3, 10, 37, 100, 1000]) {
    const plan = samplingPlan("ddim", schedule, { steps, eta: 1 });
    const x = await finish(SAMPLERS.ddim.sampler, numberOps(z), async () => 0.4, plan, 0.8);
    expect(x).toBeCloseTo(0.4, 0);
  }
});
