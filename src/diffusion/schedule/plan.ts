/** Where a run goes: the noise levels that it visits, decided before its first step. */

import { Failure } from "../../core/failure";
import { asSigma, asTimestep, type Sigma } from "../../core/units";
import { CLEAN, type NoiseLevel, noiseLevel } from "./noiseLevel";
import { type NoiseSchedule, trainedLevel, trainedSigmas } from "./schedule";
import type { SchedulerConfig, TimestepSpacing } from "./schedulerConfig";
import { exponentialSigmas, karrasSigmas, sigmaAt, timestepAt } from "./sigmas";
import { lcmTimesteps, multistepTimesteps, type Spacing, spacedTimesteps, wholeTimesteps } from "./timesteps";

/** One step of a run, from more noise to less. */
export interface PlanStep {
  readonly from: NoiseLevel;
  /** Usually the `from` of the next step. */
  readonly to: NoiseLevel;
}

/** A whole run. */
export interface SamplingPlan {
  /** At least one. */
  readonly steps: readonly PlanStep[];
  /** The factor that turns standard normal noise into a latent at the first level. */
  readonly initNoiseSigma: number;
  /** DDIM's η in [0, 1]; 0 is deterministic. */
  readonly eta: number;
  /** For what some samplers ask of it: variance type, solver order, LCM's time scaling. */
  readonly config: SchedulerConfig;
}

/** A request for a plan. */
export interface PlanRequest {
  /** A whole number from 1 to the number of trained timesteps. */
  readonly steps: number;
  /** In [0, 1]. */
  readonly eta: number;
}

/** Lays out a run of one kind of sampler. */
export type Planner = (schedule: NoiseSchedule, request: PlanRequest) => SamplingPlan;

/**
 * The rest of a run from step `first`, 0 ... steps − 1. A latent that comes in on the way is already one of the sampler's own, and is
 * not scaled.
 */
export function planFrom(plan: SamplingPlan, first: number): SamplingPlan {
  return first === 0 ? plan : { ...plan, steps: plan.steps.slice(first), initNoiseSigma: 1 };
}

/** DDPM: from each timestep to the next, and at last to ᾱ = 1. */
export const planDdpm: Planner = (schedule, { steps, eta }) => {
  const levels = wholeTimesteps(steps, spacing(schedule, "leading")).map((t) => trainedLevel(schedule, t));
  return { steps: chain(levels, CLEAN), initNoiseSigma: 1, eta, config: schedule.config };
};

/** DDIM: from each timestep to the next of the list, and at last to ᾱ = 1, or to ᾱ_0 if the model says so. */
export const planDdim: Planner = (schedule, { steps, eta }) => {
  const { config } = schedule;
  const end = (config.setAlphaToOne ?? true) ? CLEAN : trainedLevel(schedule, 0);
  const levels = wholeTimesteps(steps, spacing(schedule, "leading")).map((t) => trainedLevel(schedule, t));
  const pairs = levels.map((from, i) => ({ from, to: levels[i + 1] ?? end }));
  return { steps: pairs, initNoiseSigma: 1, eta, config };
};

/**
 * PNDM: from each timestep t to t − ⌊T / steps⌋, even where the next one lies elsewhere, since its formulas stand on even strides; at
 * last to ᾱ_0 unless the model says otherwise.
 */
export const planPndm: Planner = (schedule, { steps, eta }) => {
  const { config } = schedule;
  const stride = Math.floor(config.numTrainTimesteps / steps);
  const end = config.setAlphaToOne ? CLEAN : trainedLevel(schedule, 0);
  const pairs = wholeTimesteps(steps, spacing(schedule, "leading")).map((t) => ({
    from: trainedLevel(schedule, t),
    to: t >= stride ? trainedLevel(schedule, t - stride) : end,
  }));
  return { steps: pairs, initNoiseSigma: 1, eta, config };
};

/** LCM: from each timestep of the distillation to the next, and at last to x̂_0 itself. */
export const planLcm: Planner = (schedule, { steps, eta }) => {
  const { config } = schedule;
  const original = config.originalInferenceSteps;
  if (steps > original) {
    throw new Failure("bad-request", `LCM takes at most ${original} steps with this model, got ${steps}.`);
  }
  const levels = lcmTimesteps(steps, original, config.numTrainTimesteps).map((t) =>
    trainedLevel(schedule, t),
  );
  return { steps: chain(levels, CLEAN), initNoiseSigma: 1, eta, config };
};

/** Euler: σ along the model's spacing, down to where the model says. */
export const planEuler: Planner = (schedule, request) => planSigmas(schedule, request, finalLevel(schedule));

/** Euler ancestral and Heun: as Euler, but always down to 0. */
export const planToZero: Planner = (schedule, request) => planSigmas(schedule, request, CLEAN);

/** DPM++ 2M: Karras timesteps are rounded, but with cosine betas cut off. */
export const planDpmpp: Planner = (schedule, request) => {
  const { sigmaSpacing, betaSchedule, algorithmType, lambdaMinClipped } = schedule.config;
  if (lambdaMinClipped !== null) throw notComputed("DPM++ 2M", `lambda_min_clipped ${lambdaMinClipped}`);
  if (algorithmType === "dpmsolver" || algorithmType === "sde-dpmsolver")
    throw notComputed("DPM++ 2M", `algorithm_type "${algorithmType}"`);
  const rounds = sigmaSpacing === "karras" && betaSchedule.kind !== "squaredcos_cap_v2";
  return planMultistep(schedule, request, rounds ? Math.round : Math.trunc);
};

/** UniPC: Karras timesteps are rounded. */
export const planUnipc: Planner = (schedule, request) => {
  const { sigmaSpacing, predictX0, hasOtherPredictor } = schedule.config;
  if (hasOtherPredictor) throw notComputed("UniPC", "solver_p");
  if (!predictX0) throw notComputed("UniPC", "predict_x0 false");
  return planMultistep(schedule, request, sigmaSpacing === "karras" ? Math.round : Math.trunc);
};

function notComputed(sampler: string, asked: string): Failure {
  return new Failure(
    "bad-request",
    `scheduler_config.json asks for ${asked}, which ${sampler} does not compute here: choose another sampler.`,
  );
}

/** Respaced levels lie between the ends of the spaced ones. */
function planSigmas(schedule: NoiseSchedule, { steps, eta }: PlanRequest, end: NoiseLevel): SamplingPlan {
  const trained = trainedSigmas(schedule);
  const how = spacing(schedule, "linspace");
  const spaced = spacedTimesteps(steps, how).map((t) => noiseLevel(asTimestep(t), sigmaAt(t, trained)));
  const levels = respaced(
    schedule,
    spaced,
    spaced.map(({ sigma }) => sigma),
  );
  const max = levels[0]?.sigma ?? Number.NaN;
  return {
    steps: chain(levels, end),
    // As in diffusers: of a standard deviation of hypot(σ, 1), "linspace" and "trailing" leave the 1 to
    // the data.
    initNoiseSigma: how.spacing === "leading" ? Math.hypot(max, 1) : max,
    eta,
    config: schedule.config,
  };
}

/** Respaced levels span the whole trained range, and timesteps are whole. */
function planMultistep(
  schedule: NoiseSchedule,
  { steps, eta }: PlanRequest,
  whole: (timestep: number) => number,
): SamplingPlan {
  const trained = trainedSigmas(schedule);
  const timesteps = multistepTimesteps(steps, spacing(schedule, "linspace"));
  const spaced = timesteps.map((t) => noiseLevel(asTimestep(t), sigmaAt(t, trained)));
  const levels = respaced(schedule, spaced, trained);
  const read = levels.map(({ timestep, sigma }) => noiseLevel(asTimestep(whole(timestep)), sigma));
  return { steps: chain(read, finalLevel(schedule)), initNoiseSigma: 1, eta, config: schedule.config };
}

/**
 * The levels themselves, or as many Karras or exponential ones, over the range of `sigmas`, if the model asks
 * for them.
 */
function respaced(
  schedule: NoiseSchedule,
  spaced: readonly NoiseLevel[],
  sigmas: readonly Sigma[],
): readonly NoiseLevel[] {
  const { sigmaSpacing } = schedule.config;
  if (sigmaSpacing === "trained") return spaced;
  const range = { min: asSigma(Math.min(...sigmas)), max: asSigma(Math.max(...sigmas)) };
  const between = (sigmaSpacing === "karras" ? karrasSigmas : exponentialSigmas)(spaced.length, range);
  const trained = trainedSigmas(schedule);
  return between.map((sigma) => noiseLevel(timestepAt(sigma, trained), sigma));
}

function finalLevel(schedule: NoiseSchedule): NoiseLevel {
  return schedule.config.finalSigmasType === "zero" ? CLEAN : trainedLevel(schedule, 0);
}

function spacing({ config }: NoiseSchedule, fallback: TimestepSpacing): Spacing {
  return {
    spacing: config.timestepSpacing ?? fallback,
    trained: config.numTrainTimesteps,
    offset: config.stepsOffset,
  };
}

/** Each level to the next, the last to `end`. */
function chain(levels: readonly NoiseLevel[], end: NoiseLevel): PlanStep[] {
  return levels.map((from, i) => {
    const to = levels[i + 1] ?? end;
    if (to.sigma < from.sigma || (to === end && to.sigma === from.sigma)) return { from, to };
    throw new Failure(
      "bad-request",
      `This sampler has no ${levels.length} different noise levels to visit with this model; ask for fewer steps.`,
    );
  });
}
