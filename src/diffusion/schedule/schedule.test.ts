/** Rules [D26]-[D31] of SPEC.md. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asSigma } from "../../core/units";
import { SAMPLERS, samplingPlan } from "../samplers/samplers";
import { configOf } from "../testing";
import { noiseSchedule, trainedLevel, trainedSigmas } from "./schedule";
import { exponentialSigmas, karrasSigmas, sigmaAt, timestepAt } from "./sigmas";
import { lcmTimesteps, multistepTimesteps, spacedTimesteps, wholeTimesteps } from "./timesteps";

const falls = (values: readonly number[]): boolean =>
  values.every((value, i) => i === 0 || value < (values[i - 1] ?? 0));
const betaRange = fc
  .tuple(fc.double({ min: 1e-5, max: 0.01, noNaN: true }), fc.double({ min: 1.1, max: 20, noNaN: true }))
  .map(([start, times]) => ({ beta_start: start, beta_end: start * times }));
const kind = fc.constantFrom("linear", "scaled_linear", "squaredcos_cap_v2");
const trainSteps = fc.integer({ min: 2, max: 500 });

describe("ᾱ_t", () => {
  it("[D26] falls from below 1, and stays above 0", () => {
    fc.assert(
      fc.property(kind, betaRange, trainSteps, (beta_schedule, range, num_train_timesteps) => {
        const { alphasCumprod } = noiseSchedule(configOf({ beta_schedule, ...range, num_train_timesteps }));
        expect(alphasCumprod).toHaveLength(num_train_timesteps);
        expect(alphasCumprod.at(0)).toBeLessThan(1);
        expect(falls([...alphasCumprod])).toBe(true);
        expect(alphasCumprod.at(-1)).toBeGreaterThan(0);
      }),
    );
  });

  it("[D27] rescaled keeps its first value, falls, and ends at 0: zero terminal SNR", () => {
    fc.assert(
      fc.property(kind, betaRange, trainSteps, (beta_schedule, range, num_train_timesteps) => {
        const plain = { beta_schedule, ...range, num_train_timesteps };
        const before = noiseSchedule(configOf(plain)).alphasCumprod;
        const { alphasCumprod } = noiseSchedule(configOf({ ...plain, rescale_betas_zero_snr: true }));
        expect(alphasCumprod.at(0)).toBeCloseTo(before.at(0) ?? 0, 12);
        expect(falls([...alphasCumprod])).toBe(true);
        expect(alphasCumprod.at(-1)).toBe(0);
      }),
    );
  });

  it("[D26] is the product of 1 − β for betas given one by one", () => {
    const config = configOf({ trained_betas: [0.1, 0.2, 0.5], num_train_timesteps: 3 });
    expect([...noiseSchedule(config).alphasCumprod]).toEqual(
      [0.9, 0.72, 0.36].map((v) => expect.closeTo(v, 12)),
    );
  });

  it("[D28] with zero terminal SNR is pure noise at T, but 2^-24 where ε or σ has to be finite", () => {
    const zero = { rescale_betas_zero_snr: true };
    const v = noiseSchedule(configOf({ ...zero, prediction_type: "v_prediction" }));
    const epsilon = noiseSchedule(configOf(zero));
    expect(trainedLevel(v, 999)).toMatchObject({ alphaT: 0, sigmaT: 1, sigma: Number.POSITIVE_INFINITY });
    expect(trainedLevel(epsilon, 999).alphaT).toBeCloseTo(2 ** -12, 12);
    for (const schedule of [v, epsilon]) expect(trainedSigmas(schedule).at(-1)).toBeCloseTo(4096, 3);
    for (const schedule of [v, epsilon])
      expect(trainedLevel(schedule, 998).sigma).toBe(trainedSigmas(schedule).at(998));
  });
});

describe("timesteps", () => {
  const spacing = fc.constantFrom("leading", "trailing", "linspace");
  const request = fc
    .tuple(spacing, fc.integer({ min: 1, max: 1200 }), fc.nat(1), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([spacing, trained, offset, share]) => ({
      steps: 1 + Math.floor(share * (trained - 1)),
      options: { spacing, trained, offset } as const,
    }));

  it("[D29] are as many as asked for, falling, inside the trained range", () => {
    fc.assert(
      fc.property(request, ({ steps, options }) => {
        for (const timesteps of [wholeTimesteps(steps, options), spacedTimesteps(steps, options)]) {
          expect(timesteps).toHaveLength(steps);
          expect(falls(timesteps)).toBe(true);
          expect(timesteps.every((t) => t >= 0 && t <= options.trained - 1)).toBe(true);
        }
        expect(wholeTimesteps(steps, options).every(Number.isInteger)).toBe(true);
        expect(multistepTimesteps(steps, options)).toHaveLength(steps);
      }),
    );
  });

  it("[D29] start and end where their spacing says", () => {
    const at = (spacing: "leading" | "trailing" | "linspace") =>
      wholeTimesteps(10, { spacing, trained: 1000, offset: 1 });
    expect(at("leading")).toEqual([901, 801, 701, 601, 501, 401, 301, 201, 101, 1]);
    expect(at("trailing")).toEqual([999, 899, 799, 699, 599, 499, 399, 299, 199, 99]);
    expect(at("linspace")).toEqual([999, 888, 777, 666, 555, 444, 333, 222, 111, 0]);
  });

  it("[D29] are all of them when as many are asked for, whatever the spacing and the offset", () => {
    const all = Array.from({ length: 1000 }, (_, i) => 999 - i);
    for (const spacing of ["leading", "trailing", "linspace"] as const) {
      for (const offset of [0, 1])
        expect(wholeTimesteps(1000, { spacing, trained: 1000, offset })).toEqual(all);
    }
  });

  it("[D29] of a consistency model are among those it was distilled on, the last one first", () => {
    expect(lcmTimesteps(4, 50, 1000)).toEqual([999, 759, 499, 259]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), (steps) => {
        const timesteps = lcmTimesteps(steps, 50, 1000);
        expect(timesteps[0]).toBe(999);
        expect(falls(timesteps)).toBe(true);
        expect(timesteps.every((t) => (t + 1) % 20 === 0)).toBe(true);
      }),
    );
  });
});

describe("noise levels", () => {
  const range = { min: asSigma(0.0291675), max: asSigma(14.614642) };

  it("[D30] of Karras et al. are the published ones for Stable Diffusion's range", () => {
    const published = [14.6146, 9.1029, 5.4784, 3.1686, 1.7494, 0.9141, 0.4469, 0.2014, 0.0819, 0.0292];
    expect(karrasSigmas(10, range)).toEqual(published.map((sigma) => expect.closeTo(sigma, 4)));
  });

  it("[D30] fall from the highest to the lowest; exponential ones by a constant factor", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 200 }), (steps) => {
        for (const sigmas of [karrasSigmas(steps, range), exponentialSigmas(steps, range)]) {
          expect(sigmas).toHaveLength(steps);
          expect(falls(sigmas)).toBe(true);
          expect(sigmas.at(0)).toBeCloseTo(range.max, 9);
          expect(sigmas.at(-1)).toBeCloseTo(range.min, 9);
        }
        const [first = 0, second = 0, ...rest] = exponentialSigmas(steps, range);
        const last = rest.at(-1) ?? second;
        expect(first * (second / first) ** (steps - 1)).toBeCloseTo(last, 9);
      }),
    );
  });

  it("[D31] and timesteps are each other's inverse at trained ones, monotone between, clamped outside", () => {
    const trained = trainedSigmas(noiseSchedule(configOf()));
    for (const t of [0, 1, 500, 998, 999]) expect(timestepAt(sigmaAt(t, trained), trained)).toBeCloseTo(t, 9);
    expect(sigmaAt(10.5, trained)).toBeCloseTo(((trained[10] ?? 0) + (trained[11] ?? 0)) / 2, 12);
    const [ten, eleven] = trained.slice(10, 12);
    expect(timestepAt(asSigma(Math.sqrt((ten ?? 0) * (eleven ?? 0))), trained)).toBeCloseTo(10.5, 9);
    expect([1e-9, 1e9].map((sigma) => timestepAt(asSigma(sigma), trained))).toEqual([0, 999]);
  });
});

describe("plans", () => {
  it("[D32] fall from level to level without a gap (but for PNDM), for every sampler and spacing", () => {
    const spacings = fc.constantFrom("leading", "trailing", "linspace", undefined);
    const levels = fc.constantFrom({}, { use_karras_sigmas: true }, { use_exponential_sigmas: true });
    fc.assert(
      fc.property(spacings, levels, fc.integer({ min: 1, max: 50 }), (timestep_spacing, respaced, steps) => {
        const schedule = noiseSchedule(
          configOf({ timestep_spacing, ...respaced, rescale_betas_zero_snr: true, set_alpha_to_one: true }),
        );
        for (const [id, { plan }] of Object.entries(SAMPLERS)) {
          const { steps: pairs } = plan(schedule, { steps, eta: 0 });
          expect(pairs).toHaveLength(steps);
          expect(pairs.every(({ from, to }) => to.sigma < from.sigma)).toBe(true);
          if (id === "pndm") continue;
          expect(pairs.slice(1).map(({ from }) => from)).toEqual(pairs.slice(0, -1).map(({ to }) => to));
          expect(pairs.at(-1)?.to.sigma).toBe(0);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("[D32] end at the lowest trained level where the model says so", () => {
    const schedule = noiseSchedule(configOf({ final_sigmas_type: "sigma_min", set_alpha_to_one: false }));
    const lowest = trainedSigmas(schedule).at(0);
    for (const id of ["ddim", "euler", "dpmpp_2m", "unipc"] as const) {
      expect(samplingPlan(id, schedule, { steps: 9, eta: 0 }).steps.at(-1)?.to.sigma).toBe(lowest);
    }
  });

  it("[D32] scale the first noise to σ for the samplers on the grid of Euler, with the data added where timesteps lead", () => {
    const first = (
      id: "euler" | "heun" | "euler_a" | "unipc",
      timestep_spacing: string,
    ): [number, number] => {
      const schedule = noiseSchedule(configOf({ timestep_spacing }));
      const plan = samplingPlan(id, schedule, { steps: 5, eta: 0 });
      return [plan.initNoiseSigma, plan.steps[0]?.from.sigma ?? Number.NaN];
    };
    for (const id of ["euler", "heun", "euler_a"] as const) {
      const [trailing, sigma] = first(id, "trailing");
      expect(trailing).toBe(sigma);
      const [leading, lower] = first(id, "leading");
      expect(leading).toBeCloseTo(Math.sqrt(lower ** 2 + 1), 12);
    }
    expect(first("unipc", "trailing")[0]).toBe(1);
  });
});
