/** Rules [D11]-[D15] of SPEC.md: what all samplers have in common. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSamplerId, SAMPLER_NAMES, type SamplerId } from "../../core/recipe";
import type { LatentOps } from "../latents";
import type { Denoise } from "../parameterization";
import { noiseSchedule } from "../schedule/schedule";
import { configOf, finish, numberOps } from "../testing";
import { SAMPLERS, samplingPlan } from "./samplers";

const ids = Object.keys(SAMPLERS).filter(isSamplerId);
const schedule = noiseSchedule(configOf({ prediction_type: "v_prediction", timestep_spacing: "trailing" }));
const planOf = (id: SamplerId, steps: number) => samplingPlan(id, schedule, { steps, eta: 0.5 });
// PNDM mixes what the network says, as diffusers does: of outputs that agree on x_0, only ε are all the same.
const agreeing = noiseSchedule(configOf({ timestep_spacing: "trailing", set_alpha_to_one: true }));
const agreeingPlan = (id: SamplerId, steps: number) =>
  id === "pndm" ? samplingPlan(id, agreeing, { steps, eta: 0 }) : planOf(id, steps);

/** A latent that knows whether it has been released. */
interface Tracked {
  readonly value: number;
  alive: boolean;
}

/** Latents that throw when used or released after their release, and the ones still alive. */
function trackedOps(): { ops: LatentOps<Tracked>; make: (value: number) => Tracked; alive: () => Tracked[] } {
  const all: Tracked[] = [];
  const inner = numberOps((draw) => Math.sin(draw + 1));
  const make = (value: number): Tracked => {
    const latent = { value, alive: true };
    all.push(latent);
    return latent;
  };
  const read = (latent: Tracked): number => {
    if (!latent.alive) throw new Error("used after its release");
    return latent.value;
  };
  const ops: LatentOps<Tracked> = {
    combine: (terms) =>
      make(inner.combine(terms.map(([coefficient, latent]) => [coefficient, read(latent)]))),
    noise: () => make(inner.noise()),
    matchStandardDeviation: (latent) => make(read(latent)),
    release(latent) {
      read(latent);
      latent.alive = false;
    },
  };
  return { ops, make, alive: () => all.filter((latent) => latent.alive) };
}

const answer = (x: number, t: number): number => 0.6 * Math.sin(x) + 0.1 * Math.cos(t / 300);

describe.each(ids)("%s", (id) => {
  const { sampler, evaluations: evaluationsOf, stochastic } = SAMPLERS[id];

  it("[D11] ends on x_0 when the network always answers x_0", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(1, 2, 4, 5, 8, 10, 20, 25, 40, 50),
        fc.double({ min: -3, max: 3, noNaN: true }),
        async (steps, x0) => {
          const ops = numberOps((draw) => Math.cos(draw));
          expect(await finish(sampler, ops, async () => x0, agreeingPlan(id, steps), 1.1)).toBeCloseTo(x0, 4);
        },
      ),
    );
  });

  it("[D12] yields once a step, counting from 0, and evaluates the network as often as it says", async () => {
    for (const steps of [1, 2, 7]) {
      let evaluations = 0;
      const denoise: Denoise<number> = async (x, { timestep }) => {
        evaluations++;
        return answer(x, timestep);
      };
      const indices: number[] = [];
      for await (const { index } of sampler(numberOps(), denoise, planOf(id, steps), 1)) indices.push(index);
      expect(indices).toEqual(Array.from({ length: steps }, (_, i) => i));
      expect(evaluations).toBe(evaluationsOf(steps));
    }
  });

  it("[D13] draws noise if and only if it says so, in the order of the steps, and the same plan gives the same end", async () => {
    for (const eta of [0, 1]) {
      const draws: number[] = [];
      const run = (draw: (index: number) => number): Promise<number> => {
        const plan = samplingPlan(id, schedule, { steps: 6, eta });
        return finish(sampler, numberOps(draw), async (x) => x / 2, plan, 1);
      };
      const first = await run((index) => draws.push(index));
      expect(draws.length > 0).toBe(stochastic === true || (stochastic === "eta" && eta > 0));
      expect(draws).toEqual(draws.map((_, i) => i));
      expect(await run((index) => index + 1)).toBe(first);
    }
  });

  it("[D14] leaves its last latent and nothing else, and never uses what it has let go", async () => {
    const { ops, make, alive } = trackedOps();
    const start = make(0.9);
    const denoise: Denoise<Tracked> = async (x, { timestep }) => make(answer(x.value, timestep));
    const plain = await finish(
      sampler,
      numberOps((draw) => Math.sin(draw + 1)),
      async (x, { timestep }) => answer(x, timestep),
      planOf(id, 12),
      0.9,
    );
    let held = 0;
    let end = start;
    for await (const { x, denoised } of sampler(ops, denoise, planOf(id, 12), start)) {
      expect([x.alive, denoised.alive]).toEqual([true, true]);
      held = Math.max(held, alive().length);
      end = x;
    }
    expect(end.value).toBe(plain);
    expect(alive()).toEqual([start, end]);
    expect(held).toBeLessThan(32);
  });

  it("[D15] asks nothing more and frees everything when its caller stops asking", async () => {
    const { ops, make, alive } = trackedOps();
    const start = make(0.9);
    let evaluations = 0;
    const denoise: Denoise<Tracked> = async (x, { timestep }) => {
      evaluations++;
      return make(answer(x.value, timestep));
    };
    for await (const { index } of sampler(ops, denoise, planOf(id, 12), start)) if (index === 4) break;
    // what Heun saves, it saves at the end
    expect(evaluations).toBe(evaluationsOf(5) + Number(id === "heun"));
    expect(alive()).toEqual([start]);
  });

  it("[D15] frees everything when the network fails", async () => {
    const { ops, make, alive } = trackedOps();
    const start = make(0.9);
    let evaluations = 0;
    const denoise: Denoise<Tracked> = async (x, { timestep }) => {
      if (++evaluations > 4) throw new Error("device lost");
      return make(answer(x.value, timestep));
    };
    await expect(finish(sampler, ops, denoise, planOf(id, 12), start)).rejects.toThrow("device lost");
    expect(alive()).toEqual([start]);
  });

  it("[D16] has the name that people know", () => {
    expect(SAMPLERS[id].name).toBe(SAMPLER_NAMES[id]);
  });
});

it.each([0, -1, 2.5, 1001, Number.NaN, Number.POSITIVE_INFINITY])("[D17] refuses %d steps", (steps) => {
  expect(() => samplingPlan("ddim", schedule, { steps, eta: 0 })).toThrow(
    expect.objectContaining({ code: "bad-request", message: expect.stringMatching(/from 1 to 1000/) }),
  );
});

it.each([-0.1, 1.1, Number.NaN])("[D17] refuses an eta of %d", (eta) => {
  expect(() => samplingPlan("ddim", schedule, { steps: 5, eta })).toThrow(
    expect.objectContaining({ code: "bad-request", message: expect.stringMatching(/Eta/) }),
  );
});

it("[D17] refuses more steps than a consistency model was distilled from, and levels that do not fall", () => {
  expect(() => samplingPlan("lcm", schedule, { steps: 51, eta: 0 })).toThrow(
    expect.objectContaining({
      code: "bad-request",
      message: "LCM takes at most 50 steps with this model, got 51.",
    }),
  );
  const linspace = noiseSchedule(configOf({ timestep_spacing: "linspace" }));
  expect(() => samplingPlan("unipc", linspace, { steps: 1000, eta: 0 })).toThrow(
    expect.objectContaining({ code: "bad-request", message: expect.stringMatching(/fewer steps/) }),
  );
});

describe("[D39] what a configuration asks for and is not computed", () => {
  const asked = (id: SamplerId, keys: Readonly<Record<string, unknown>>, steps = 10) =>
    samplingPlan(id, noiseSchedule(configOf(keys)), { steps, eta: 0 });

  it.each(["dpmsolver", "sde-dpmsolver"])("is refused by name by DPM++ 2M: %s", (algorithm_type) => {
    expect(() => asked("dpmpp_2m", { algorithm_type })).toThrow(
      expect.objectContaining({
        code: "bad-request",
        message: expect.stringContaining(`algorithm_type "${algorithm_type}"`),
      }),
    );
    expect(asked("euler", { algorithm_type }).steps).toHaveLength(10);
  });

  it("is refused by name where levels are cut off", () => {
    expect(() => asked("dpmpp_2m", { lambda_min_clipped: -1 })).toThrow(/lambda_min_clipped -1/);
    expect(asked("dpmpp_2m", { lambda_min_clipped: null }).steps).toHaveLength(10);
    expect(asked("unipc", { lambda_min_clipped: -1 }).steps).toHaveLength(10);
  });

  it("is refused by name by UniPC", () => {
    expect(() => asked("unipc", { predict_x0: false })).toThrow(/predict_x0 false.*another sampler/);
    expect(() => asked("unipc", { solver_p: { _class_name: "DDIMScheduler" } })).toThrow(/solver_p/);
    expect(asked("unipc", { solver_p: null }).steps).toHaveLength(10);
    expect(asked("ddim", { predict_x0: false }).steps).toHaveLength(10);
  });

  it("no run begins with pure noise where the network predicts the noise", () => {
    const zero = { rescale_betas_zero_snr: true, timestep_spacing: "trailing" };
    for (const id of [
      "ddim",
      "ddpm",
      "euler",
      "euler_a",
      "heun",
      "dpmpp_2m",
      "unipc",
      "pndm",
      "lcm",
    ] as const) {
      expect(() => asked(id, zero), id).toThrow(/rescale_betas_zero_snr.*v_prediction/);
      expect(() => asked(id, { ...zero, prediction_type: "v_prediction" }), id).not.toThrow();
    }
    // A run that begins below has a number for everything.
    expect(asked("ddim", { ...zero, timestep_spacing: "leading" }).steps).toHaveLength(10);
  });
});
