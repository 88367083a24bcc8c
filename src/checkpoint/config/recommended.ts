/** Recommended settings for a model without a sidecar, from the configurations that every model has. */

import type { SamplerId } from "../../core/recipe";
import type { SchedulerConfig } from "../../diffusion/schedule/schedulerConfig";
import type { NetworkConfigs } from "./networkConfigs";

/** The sampler of each of diffusers' schedulers; for one that is not here, its nearest kin, marked as such. */
const SAMPLER_OF: Readonly<Record<string, { readonly id: SamplerId; readonly isOther?: true }>> = {
  DDIMScheduler: { id: "ddim" },
  DDPMScheduler: { id: "ddpm" },
  PNDMScheduler: { id: "pndm" },
  EulerDiscreteScheduler: { id: "euler" },
  EulerAncestralDiscreteScheduler: { id: "euler_a" },
  HeunDiscreteScheduler: { id: "heun" },
  DPMSolverMultistepScheduler: { id: "dpmpp_2m" },
  UniPCMultistepScheduler: { id: "unipc" },
  LCMScheduler: { id: "lcm" },
  // trajectory-consistency models jump to the data and back, as consistency models do
  TCDScheduler: { id: "lcm", isOther: true },
  // multistep methods of other coefficients
  LMSDiscreteScheduler: { id: "dpmpp_2m", isOther: true },
  DEISMultistepScheduler: { id: "dpmpp_2m", isOther: true },
  DPMSolverSinglestepScheduler: { id: "dpmpp_2m", isOther: true },
  SASolverScheduler: { id: "dpmpp_2m", isOther: true },
  // methods of second order in one step
  KDPM2DiscreteScheduler: { id: "heun", isOther: true },
  // those that add noise on the way
  KDPM2AncestralDiscreteScheduler: { id: "euler_a", isOther: true },
  DPMSolverSDEScheduler: { id: "euler_a", isOther: true },
  DDPMParallelScheduler: { id: "ddpm" },
  DDIMParallelScheduler: { id: "ddim" },
};

/** The sampler, and a sentence for people if it is not quite what the model's configurations ask for. */
export interface SamplerChoice {
  readonly sampler: SamplerId;
  readonly remark: string | null;
}

/** The sampler that a model's scheduler is; for one that is not here the nearest that is. Takes what scheduler_config.json holds. */
export function samplerFor(schedulerJson: unknown): SamplerChoice {
  const fields = new Map<string, unknown>(Object.entries(Object(schedulerJson)));
  const asked = String(fields.get("_class_name"));
  const { id, isOther } = SAMPLER_OF[asked] ?? { id: "euler", isOther: true };
  const form = otherForm(fields);
  if (form !== null)
    return {
      sampler: "euler",
      remark: `It asks for ${asked} with ${form}, which is not here; Euler draws instead.`,
    };
  const details = [
    fields.get("algorithm_type") === "sde-dpmsolver++" && "its noise on the way",
    asked === "PNDMScheduler" && fields.get("skip_prk_steps") !== true && "its Runge-Kutta start",
    typeof fields.get("solver_order") === "number" &&
      Number(fields.get("solver_order")) > 2 &&
      "its third order",
  ].filter((detail) => detail !== false);
  if (isOther)
    return { sampler: id, remark: `It asks for ${asked}, which is not here; its nearest kin draws instead.` };
  return {
    sampler: id,
    remark:
      details.length > 0 ? `It asks for ${asked}, which is here without ${details.join(" and ")}.` : null,
  };
}

/** Forms of samplers that are not computed here, by the key and value that ask for them; null for others. */
function otherForm(fields: ReadonlyMap<string, unknown>): string | null {
  const [asked, algorithm] = [fields.get("_class_name"), fields.get("algorithm_type")];
  const clipped = fields.get("lambda_min_clipped") ?? null;
  if (asked === "DPMSolverMultistepScheduler") {
    if (algorithm === "dpmsolver" || algorithm === "sde-dpmsolver") return `algorithm_type ${algorithm}`;
    return clipped === null ? null : `lambda_min_clipped ${clipped}`;
  }
  if (asked !== "UniPCMultistepScheduler") return null;
  if (fields.get("predict_x0") === false) return "predict_x0 false";
  return (fields.get("solver_p") ?? null) === null ? null : "solver_p";
}

/** How many steps, and how strong a guidance. */
interface Effort {
  readonly steps: number;
  readonly guidanceScale: number;
}

/** Steps that draw well with every sampler here; diffusers' pipelines take twice as many, for the slowest of them. */
const PATIENT_STEPS = 25;
/** `num_inference_steps` of diffusers' LatentConsistencyModelPipeline; adversarially distilled models draw in 1 to 4. */
const FEW_STEPS = 4;

/**
 * Few steps for U-Nets that were distilled to draw in few, which shows in their configurations: a guidance embedding or LCM's scheduler
 * (Luo et al. 2023, arXiv:2310.04378), or, as in Turbo (Sauer et al. 2023, arXiv:2311.17042), one of Euler's over "trailing"
 * timesteps with a plain noise schedule and ε prediction. Guidance is the default of diffusers' pipeline.
 */
export function effortFor(
  { unet }: NetworkConfigs,
  sampler: SamplerId,
  { timestepSpacing, predictionType, rescaleBetasZeroSnr }: SchedulerConfig,
): Effort {
  if (unet.time_cond_proj_dim != null) return { steps: FEW_STEPS, guidanceScale: 8.5 };
  const isEuler = sampler === "euler" || sampler === "euler_a";
  const isTurbo =
    isEuler && timestepSpacing === "trailing" && predictionType === "epsilon" && !rescaleBetasZeroSnr;
  if (sampler === "lcm" || isTurbo) return { steps: FEW_STEPS, guidanceScale: 1 };
  return { steps: PATIENT_STEPS, guidanceScale: unet.addition_embed_type === "text_time" ? 5 : 7.5 };
}

/** The size that a U-Net was trained at, in latents: [rows, columns]. diffusers' pipelines take 64, SDXL's 128, where it is not said. */
export function trainedSize({ unet }: NetworkConfigs): readonly [number, number] {
  const size = unet.sample_size ?? (unet.addition_embed_type === "text_time" ? 128 : 64);
  return typeof size === "number" ? [size, size] : size;
}
