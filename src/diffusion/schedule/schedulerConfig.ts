/** A model's scheduler/scheduler_config.json, read and checked once. Keys and values are diffusers'. */

import * as v from "valibot";
import { Failure } from "../../core/failure";
import type { SigmaSpacing } from "../../core/recipe";
import type { PredictionType } from "../parameterization";

/** β_t of the forward process, t = 1 … T. */
export type BetaSchedule =
  | { readonly kind: "linear" | "scaled_linear"; readonly start: number; readonly end: number }
  | { readonly kind: "squaredcos_cap_v2" }
  | { readonly kind: "trained"; readonly betas: readonly number[] };

/** How timesteps are picked out of the trained ones: Lin et al. 2023 (arXiv:2305.08891), Table 2. */
export type TimestepSpacing = "leading" | "trailing" | "linspace";

/** All that decides the numbers of a sampling run but the sampler and the number of steps. */
export interface SchedulerConfig {
  /** T, at least 1. */
  readonly numTrainTimesteps: number;
  readonly betaSchedule: BetaSchedule;
  readonly rescaleBetasZeroSnr: boolean;
  readonly predictionType: PredictionType;
  /** undefined: each sampler takes the default of its own diffusers class. */
  readonly timestepSpacing: TimestepSpacing | undefined;
  /** Added to the timesteps of "leading" spacing. */
  readonly stepsOffset: number;
  readonly sigmaSpacing: SigmaSpacing;
  /** Where Euler, DPM++ and UniPC end: at 0, or at the lowest trained level. */
  readonly finalSigmasType: "zero" | "sigma_min";
  /** DDIM and PNDM: end at ᾱ = 1, or at ᾱ_0; undefined: each takes the default of its own class. */
  readonly setAlphaToOne: boolean | undefined;
  /** DDPM: variance β̃_t (small) or β_t (large). */
  readonly varianceType: "fixed_small" | "fixed_large";
  /** DPM++ and UniPC: 1 or 2; what asks for 3 gets 2. */
  readonly solverOrder: number;
  /** Which form of the second order: DPM++ tells "heun" from all others, UniPC "bh1". */
  readonly solverType: "midpoint" | "heun" | "logrho" | "bh1" | "bh2" | undefined;
  /** DPM++: what is integrated; those without "++" integrate the noise. */
  readonly algorithmType: "dpmsolver++" | "dpmsolver" | "sde-dpmsolver++" | "sde-dpmsolver" | "deis";
  /** UniPC: whether the data is integrated, or else the noise. */
  readonly predictX0: boolean;
  /** DPM++: the lowest log signal-to-noise ratio that is visited; null is no limit. */
  readonly lambdaMinClipped: number | null;
  /** UniPC: whether another scheduler makes its predictions. */
  readonly hasOtherPredictor: boolean;
  /** UniPC: indices of steps whose end is not corrected. */
  readonly disableCorrector: readonly number[];
  readonly lowerOrderFinal: boolean;
  readonly eulerAtFinal: boolean;
  /** LCM: the number of steps it was distilled from. */
  readonly originalInferenceSteps: number;
  /** LCM: stretches time in its boundary condition. */
  readonly timestepScaling: number;
}

const flag = (fallback: boolean) => v.nullish(v.boolean(), fallback);
const whole = (min: number, fallback: number) =>
  v.nullish(v.pipe(v.number(), v.integer(), v.minValue(min)), fallback);
const beta = v.pipe(v.number(), v.gtValue(0), v.ltValue(1));

const FileSchema = v.object({
  _class_name: v.pipe(v.string(), v.endsWith("Scheduler")),
  num_train_timesteps: whole(1, 1000),
  beta_start: v.nullish(beta),
  beta_end: v.nullish(beta),
  beta_schedule: v.nullish(v.picklist(["linear", "scaled_linear", "squaredcos_cap_v2"])),
  trained_betas: v.nullish(v.array(beta)),
  rescale_betas_zero_snr: flag(false),
  prediction_type: v.nullish(v.picklist(["epsilon", "v_prediction", "sample"]), "epsilon"),
  timestep_spacing: v.nullish(v.picklist(["leading", "trailing", "linspace"])),
  steps_offset: whole(0, 0),
  use_karras_sigmas: flag(false),
  use_exponential_sigmas: flag(false),
  final_sigmas_type: v.nullish(v.picklist(["zero", "sigma_min"]), "zero"),
  set_alpha_to_one: v.nullish(v.boolean()),
  variance_type: v.nullish(v.picklist(["fixed_small", "fixed_small_log", "fixed_large"]), "fixed_small"),
  solver_order: whole(1, 2),
  solver_type: v.nullish(v.picklist(["midpoint", "heun", "logrho", "bh1", "bh2"])),
  algorithm_type: v.nullish(
    v.picklist(["dpmsolver++", "dpmsolver", "sde-dpmsolver++", "sde-dpmsolver", "deis"]),
    "dpmsolver++",
  ),
  predict_x0: flag(true),
  lambda_min_clipped: v.nullish(v.number(), null),
  solver_p: v.optional(v.unknown()),
  disable_corrector: v.nullish(v.array(v.pipe(v.number(), v.integer(), v.minValue(0))), []),
  lower_order_final: flag(true),
  euler_at_final: flag(false),
  original_inference_steps: whole(1, 50),
  timestep_scaling: v.nullish(v.pipe(v.number(), v.gtValue(0)), 10),
});
type File = v.InferOutput<typeof FileSchema>;

/**
 * Features of diffusers that change the numbers and that no sampler here has: each key may only be absent or
 * this.
 */
const ONLY: Readonly<Record<string, unknown>> = {
  thresholding: false,
  use_beta_sigmas: false,
  use_lu_lambdas: false,
  use_flow_sigmas: false,
  interpolation_type: "linear",
  timestep_type: "discrete",
  sigma_min: null,
  sigma_max: null,
};

/**
 * Reads scheduler_config.json.
 *
 * Absent keys take the defaults of the diffusers class that `_class_name` names, where our samplers' classes
 * agree, which is everywhere but in timestep spacing. `clip_sample` is not read: latents have no range to be
 * clipped to, and diffusers' Stable Diffusion pipelines turn it off too.
 *
 * @throws {Failure} "model-corrupt" if a value is missing or not one that its key can have; "unsupported" if
 * the file asks for something that cannot be sampled here (flow matching, thresholding, …).
 */
export function parseSchedulerConfig(json: unknown): SchedulerConfig {
  requireSupported(json);
  const file = v.safeParse(FileSchema, json);
  if (!file.success) throw corrupt(sentence(file.issues[0]));
  return {
    numTrainTimesteps: file.output.num_train_timesteps,
    betaSchedule: betaSchedule(file.output),
    rescaleBetasZeroSnr: file.output.rescale_betas_zero_snr,
    predictionType: file.output.prediction_type,
    timestepSpacing: file.output.timestep_spacing ?? undefined,
    stepsOffset: file.output.steps_offset,
    sigmaSpacing: sigmaSpacing(file.output),
    finalSigmasType: file.output.final_sigmas_type,
    setAlphaToOne: file.output.set_alpha_to_one ?? undefined,
    varianceType: file.output.variance_type === "fixed_large" ? "fixed_large" : "fixed_small",
    solverOrder: Math.min(file.output.solver_order, 2),
    solverType: file.output.solver_type ?? undefined,
    algorithmType: file.output.algorithm_type,
    predictX0: file.output.predict_x0,
    lambdaMinClipped: file.output.lambda_min_clipped,
    hasOtherPredictor: (file.output.solver_p ?? null) !== null,
    disableCorrector: file.output.disable_corrector,
    lowerOrderFinal: file.output.lower_order_final,
    eulerAtFinal: file.output.euler_at_final,
    originalInferenceSteps: file.output.original_inference_steps,
    timestepScaling: file.output.timestep_scaling,
  };
}

function requireSupported(json: unknown): void {
  if (typeof json !== "object" || json === null) return;
  const fields = new Map<string, unknown>(Object.entries(json));
  const className = String(fields.get("_class_name"));
  if (/^(FlowMatch|EDM)/.test(className)) {
    throw new Failure(
      "unsupported",
      `Models of diffusers' ${className} cannot be sampled here: they have no betas.`,
    );
  }
  for (const [key, only] of Object.entries(ONLY)) {
    const value = fields.get(key) ?? only;
    if (value === only) continue;
    const [got, want] = [JSON.stringify(value), JSON.stringify(only)];
    throw new Failure(
      "unsupported",
      `scheduler_config.json asks for ${key} ${got}; only ${want} can be sampled here.`,
    );
  }
}

function betaSchedule(file: File): BetaSchedule {
  if (file.trained_betas) {
    const [want, got] = [file.num_train_timesteps, file.trained_betas.length];
    if (want !== got)
      throw corrupt(`trained_betas: wanted ${want} numbers (num_train_timesteps), got ${got}.`);
    return { kind: "trained", betas: file.trained_betas };
  }
  const defaults = betaDefaults(file._class_name);
  const kind = file.beta_schedule ?? defaults.kind;
  if (kind === "squaredcos_cap_v2") return { kind };
  return { kind, start: file.beta_start ?? defaults.start, end: file.beta_end ?? defaults.end };
}

/** As in the signatures of diffusers' classes. */
function betaDefaults(className: string): { kind: "linear" | "scaled_linear"; start: number; end: number } {
  if (className === "LCMScheduler") return { kind: "scaled_linear", start: 0.00085, end: 0.012 };
  if (/^(Heun|KDPM2)/.test(className)) return { kind: "linear", start: 0.00085, end: 0.012 };
  return { kind: "linear", start: 0.0001, end: 0.02 };
}

function sigmaSpacing(file: File): SigmaSpacing {
  if (file.use_karras_sigmas && file.use_exponential_sigmas) {
    throw corrupt("use_karras_sigmas and use_exponential_sigmas: wanted at most one of them true, got both.");
  }
  if (file.use_karras_sigmas) return "karras";
  return file.use_exponential_sigmas ? "exponential" : "trained";
}

function sentence(issue: v.BaseIssue<unknown>): string {
  const want = issue.expected === null ? "something else" : issue.expected;
  return `${v.getDotPath(issue) ?? "the whole file"}: wanted ${want}, got ${issue.received}.`;
}

function corrupt(detail: string): Failure {
  return new Failure("model-corrupt", `scheduler_config.json is not one of diffusers': ${detail}`);
}
