/** The samplers by id, and how a run of one is laid out. */

import { Failure } from "../../core/failure";
import { NOISY_SAMPLERS, SAMPLER_NAMES, type SamplerId } from "../../core/recipe";
import {
  type Planner,
  type PlanRequest,
  planDdim,
  planDdpm,
  planDpmpp,
  planEuler,
  planLcm,
  planPndm,
  planToZero,
  planUnipc,
  type SamplingPlan,
} from "../schedule/plan";
import type { NoiseSchedule } from "../schedule/schedule";
import { sampleDdim } from "./ddim";
import { sampleDdpm } from "./ddpm";
import { sampleDpmpp2m } from "./dpmpp2m";
import { sampleEuler, sampleEulerAncestral } from "./euler";
import { managed } from "./freeing";
import { sampleHeun } from "./heun";
import { sampleLcm } from "./lcm";
import { samplePndm } from "./pndm";
import type { Sampler } from "./sampler";
import { sampleUnipc } from "./unipc";

/** A sampler and what is good to know before choosing it. */
export interface SamplerInfo {
  /** As people know it. */
  readonly name: string;
  /** Evaluations of the network in a run of so many steps. */
  readonly evaluations: (steps: number) => number;
  /** Whether it adds noise on the way: "eta" where η > 0. */
  readonly stochastic: boolean | "eta";
  readonly plan: Planner;
  readonly sampler: Sampler;
}

/** Every sampler. */
export const SAMPLERS: Readonly<Record<SamplerId, SamplerInfo>> = {
  ddim: entry("ddim", planDdim, sampleDdim, { stochastic: "eta" }),
  ddpm: entry("ddpm", planDdpm, sampleDdpm),
  euler: entry("euler", planEuler, sampleEuler),
  euler_a: entry("euler_a", planToZero, sampleEulerAncestral),
  heun: entry("heun", planToZero, sampleHeun, { evaluations: (steps) => 2 * steps - 1 }),
  dpmpp_2m: entry("dpmpp_2m", planDpmpp, sampleDpmpp2m),
  unipc: entry("unipc", planUnipc, sampleUnipc),
  pndm: entry("pndm", planPndm, samplePndm, { evaluations: (steps) => steps + Number(steps > 1) }),
  lcm: entry("lcm", planLcm, sampleLcm),
};

/**
 * Where a run of `sampler` goes. Same schedule, same request: same plan.
 *
 * @throws {Failure} "bad-request" if steps is not a whole number from 1 to what model and sampler allow, or
 * eta is not in [0, 1]; if the sampler does not compute what the model's configuration asks of it; or if the run would begin with
 * pure noise and the network predicts noise.
 */
export function samplingPlan(
  sampler: SamplerId,
  schedule: NoiseSchedule,
  request: PlanRequest,
): SamplingPlan {
  const { steps, eta } = request;
  const most = schedule.config.numTrainTimesteps;
  if (!Number.isInteger(steps) || steps < 1 || steps > most) {
    throw new Failure(
      "bad-request",
      `Steps is a whole number from 1 to ${most} with this model, got ${steps}.`,
    );
  }
  if (!(eta >= 0 && eta <= 1)) {
    throw new Failure("bad-request", `Eta is a number from 0 (deterministic) to 1, got ${eta}.`);
  }
  const plan = SAMPLERS[sampler].plan(schedule, request);
  refusePureNoise(schedule, plan);
  return plan;
}

/** Of pure noise a network that predicts the noise tells nothing: x̂_0 would be a number over zero. */
function refusePureNoise({ config }: NoiseSchedule, { steps }: SamplingPlan): void {
  const { rescaleBetasZeroSnr, predictionType, numTrainTimesteps } = config;
  const isPureNoise = (steps[0]?.from.timestep ?? 0) >= numTrainTimesteps - 1;
  if (!rescaleBetasZeroSnr || predictionType !== "epsilon" || !isPureNoise) return;
  throw new Failure(
    "bad-request",
    'scheduler_config.json begins with pure noise (rescale_betas_zero_snr), of which a model that predicts the noise (prediction_type "epsilon") says nothing. Set there what the model was trained with: rescale_betas_zero_snr false, or prediction_type "v_prediction".',
  );
}

function entry(
  id: SamplerId,
  plan: Planner,
  loop: Sampler,
  extra: Partial<Pick<SamplerInfo, "evaluations" | "stochastic">> = {},
): SamplerInfo {
  return {
    name: SAMPLER_NAMES[id],
    evaluations: (steps) => steps,
    stochastic: NOISY_SAMPLERS.has(id),
    plan,
    sampler: managed(loop),
    ...extra,
  };
}
