/** Rules [D1]-[D4] of SPEC.md: agreement with diffusers, by the traces of models/golden. */

import { describe, expect, it } from "vitest";
import { guidedSteps } from "../core/guidedSteps";
import type { SamplerId } from "../core/recipe";
import { elementCount, type HostTensor } from "../core/tensor";
import { asTimestep } from "../core/units";
import samplersJson from "./__golden__/samplers.json";
import schedulesJson from "./__golden__/schedules.json";
import { withGuidance } from "./guidance";
import { guidanceEmbedding } from "./guidanceEmbedding";
import { hostLatents, type LatentOps } from "./latents";
import { denoiser } from "./parameterization";
import { SAMPLERS, samplingPlan } from "./samplers/samplers";
import { addNoise } from "./schedule/forward";
import { type NoiseSchedule, noiseSchedule, trainedLevel } from "./schedule/schedule";
import { parseSchedulerConfig } from "./schedule/schedulerConfig";
import { arrayOps } from "./testing";

const IDS: Readonly<Record<string, SamplerId>> = {
  DDPMScheduler: "ddpm",
  DDIMScheduler: "ddim",
  EulerDiscreteScheduler: "euler",
  EulerAncestralDiscreteScheduler: "euler_a",
  HeunDiscreteScheduler: "heun",
  DPMSolverMultistepScheduler: "dpmpp_2m",
  UniPCMultistepScheduler: "unipc",
  PNDMScheduler: "pndm",
  LCMScheduler: "lcm",
};

/** Largest difference, relative to the largest element wanted. */
function distance(got: ArrayLike<number>, want: readonly number[]): number {
  expect(got.length).toBe(want.length);
  const scale = Math.max(...want.map(Math.abs), Number.MIN_VALUE);
  return Math.max(...want.map((value, i) => Math.abs(value - (got[i] ?? Number.NaN)))) / scale;
}

/** The three formulas of models/golden/README.md; i is the flat index. */
const startAt = (i: number): number => Math.SQRT2 * Math.sin(4.1 * i + 0.9);
const noiseAt = (draw: number, i: number): number => Math.SQRT2 * Math.sin(12.9 * (draw + 1) + 7.3 * (i + 1));
const networkAt = (x: number, t: number, i: number): number =>
  0.5 * x + 0.4 * Math.sin(1.7 * x + 0.6 * i) * Math.cos((3 * t) / 1000) + 0.2 * Math.cos(i + (5 * t) / 1000);

const { shape } = samplersJson;
const size = elementCount(shape);

/** One way of holding latents, made anew for each run, and how near to the trace it must come. */
interface Holder<L> {
  readonly ops: () => LatentOps<L>;
  readonly wrap: (data: readonly number[]) => L;
  readonly unwrap: (latent: L) => ArrayLike<number>;
  readonly tolerance: number;
}
const f64: Holder<readonly number[]> = {
  ops: () => arrayOps(size, noiseAt),
  wrap: (data) => data,
  unwrap: (latent) => latent,
  tolerance: 1e-9,
};
const f32: Holder<HostTensor> = {
  ops: () =>
    hostLatents(shape, (draw, count) => Float32Array.from({ length: count }, (_, i) => noiseAt(draw, i))),
  wrap: (data) => ({ dims: shape, data: Float32Array.from(data) }),
  unwrap: ({ data }) => data,
  tolerance: 1e-5,
};

type Case = (typeof samplersJson.cases)[number];

function scheduleOf(scheduler: string, config: object): NoiseSchedule {
  return noiseSchedule(parseSchedulerConfig({ _class_name: scheduler, ...config }));
}

/** The largest distance from the trace, over all its recorded steps, of x and of x̂_0. */
async function replay<L>(trace: Case, { ops: makeOps, wrap, unwrap }: Holder<L>): Promise<number> {
  const ops = makeOps();
  const id = IDS[trace.scheduler] ?? "ddim";
  const schedule = scheduleOf(trace.scheduler, trace.config);
  const plan = samplingPlan(id, schedule, { steps: trace.steps, eta: trace.eta ?? 0 });
  const denoise = denoiser(ops, schedule.config.predictionType, async (x, timestep) =>
    wrap(Array.from(unwrap(x), (value, i) => networkAt(value, timestep, i))),
  );
  const start = wrap(Array.from({ length: size }, (_, i) => startAt(i)));
  const distances: number[] = [];
  for await (const { index, x, denoised } of SAMPLERS[id].sampler(ops, denoise, plan, start)) {
    const at = trace.recorded.indexOf(index);
    const [wantX, wantDenoised] = [trace.latents[at], trace.predOriginal[at]];
    if (wantX === undefined || wantDenoised === undefined) continue;
    distances.push(distance(unwrap(x), wantX), distance(unwrap(denoised), wantDenoised));
  }
  expect(distances).toHaveLength(2 * trace.recorded.length);
  return Math.max(...distances);
}

describe.each(Object.entries(IDS))("traces of %s", (scheduler, id) => {
  const traces = samplersJson.cases.filter((trace) => trace.scheduler === scheduler);

  it("[D1] there are some", () => expect(traces.length).toBeGreaterThan(0));

  it.each(traces)("[D1] $name", async (trace) => {
    expect(await replay(trace, f64)).toBeLessThan(f64.tolerance);
    expect(await replay(trace, f32)).toBeLessThan(f32.tolerance);
  });

  it.each(traces)("[D2] timesteps, levels and first scale of $name", (trace) => {
    const plan = samplingPlan(id, scheduleOf(scheduler, trace.config), { steps: trace.steps, eta: 0 });
    const { timesteps, sigmas } = everyOther(trace);
    expect(
      distance(
        plan.steps.map(({ from }) => from.timestep),
        timesteps,
      ),
    ).toBeLessThan(1e-9);
    expect(plan.initNoiseSigma).toBeCloseTo(trace.initNoiseSigma, 6);
    if (sigmas === undefined) return;
    expect(
      distance([...plan.steps.map(({ from }) => from.sigma), plan.steps.at(-1)?.to.sigma ?? NaN], sigmas),
    ).toBeLessThan(1e-9);
  });
});

/** Heun's lists in diffusers hold every level but the first, and every timestep but the first, twice; PNDM's its second timestep. */
function everyOther({
  scheduler,
  timesteps,
  sigmas,
}: {
  scheduler: string;
  timesteps: number[];
  sigmas?: number[];
}) {
  if (scheduler === "PNDMScheduler")
    return { timesteps: timesteps.filter((_, i) => i !== 1 || timesteps.length === 1), sigmas };
  if (scheduler !== "HeunDiscreteScheduler") return { timesteps, sigmas };
  const once = (_: number, i: number): boolean => i === 0 || i % 2 === 1;
  return { timesteps: timesteps.filter(once), sigmas: sigmas?.filter(once) };
}

describe("schedules", () => {
  it.each(schedulesJson.alphasCumprod)("[D3] ᾱ_t of $config", ({ config, timesteps, alphasCumprod }) => {
    const got = scheduleOf("DDIMScheduler", config).alphasCumprod;
    expect(
      distance(
        timesteps.map((t) => got[t] ?? NaN),
        alphasCumprod,
      ),
    ).toBeLessThan(1e-9);
  });

  it.each(schedulesJson.timesteps)("[D2] $scheduler in $steps steps of $config", (want) => {
    const id = IDS[want.scheduler] ?? "ddim";
    const plan = samplingPlan(id, scheduleOf(want.scheduler, want.config), { steps: want.steps, eta: 0 });
    const { timesteps, sigmas } = everyOther(want);
    expect(
      distance(
        plan.steps.map(({ from }) => from.timestep),
        timesteps,
      ),
    ).toBeLessThan(1e-9);
    if (sigmas)
      expect(
        distance(
          plan.steps.map(({ from }) => from.sigma),
          sigmas.slice(0, -1),
        ),
      ).toBeLessThan(1e-9);
  });
});

describe("guidance and the forward process", () => {
  it.each(samplersJson.guidance)(
    "[D4] guidance $guidanceScale, rescale $guidanceRescale",
    async ({ guidanceScale, guidanceRescale, cond, uncond, result }) => {
      const ops = f32.ops();
      const network = {
        prompted: async () => f32.wrap(cond),
        both: async () => [f32.wrap(cond), f32.wrap(uncond)] as const,
      };
      const predict = withGuidance(ops, network, { scale: guidanceScale, rescale: guidanceRescale });
      const guided = await predict(ops.noise(), asTimestep(500));
      expect(distance(guided.data, result)).toBeLessThan(1e-6);
    },
  );

  it.each(samplersJson.guidedSteps)(
    "[D37] steps guided from $start to $stop of $steps",
    ({ start, stop, steps, guided }) => {
      const { first, end } = guidedSteps({ steps, guidanceStart: start, guidanceStop: stop });
      const digits = Array.from({ length: steps }, (_, i) => Number(first <= i && i < end));
      expect(digits.join("")).toBe(guided);
    },
  );

  it.each(samplersJson.guidanceEmbeddings)(
    "[D4] guidance $guidanceScale told by $width numbers",
    ({ guidanceScale, width, embedding }) => {
      expect(distance(guidanceEmbedding(guidanceScale, width), embedding)).toBeLessThan(1e-3);
    },
  );

  it.each(samplersJson.forward)("[D5] x_t at $timestep of $config, and v leads back to x_0", async (want) => {
    const ops = arrayOps(size, noiseAt);
    const level = trainedLevel(
      scheduleOf("DDIMScheduler", { ...want.config, prediction_type: "v_prediction" }),
      want.timestep,
    );
    expect(distance(addNoise(ops, want.x0, want.noise, level), want.noisy)).toBeLessThan(1e-9);
    const back = denoiser(ops, "v_prediction", async () => want.velocity)(want.noisy, level);
    expect(distance(await back, want.x0)).toBeLessThan(1e-9);
  });
});
