/** The recipe of a picture: everything that, with the model, decides its every byte. */

/** Samplers by id, in the order in which people meet them, with the names they know. */
export const SAMPLER_NAMES = {
  ddim: "DDIM",
  ddpm: "DDPM",
  euler: "Euler",
  euler_a: "Euler a",
  heun: "Heun",
  dpmpp_2m: "DPM++ 2M",
  unipc: "UniPC",
  pndm: "PNDM",
  lcm: "LCM",
} as const;

/** The id of a sampler, as typed after `--sampler` and stored in settings. */
export type SamplerId = keyof typeof SAMPLER_NAMES;

/** Samplers that draw new noise at every step: in few steps it is other noise, and so another picture. */
export const NOISY_SAMPLERS: ReadonlySet<SamplerId> = new Set(["ddpm", "euler_a", "lcm"]);

/** True for a string that names a sampler. */
export function isSamplerId(id: string): id is SamplerId {
  return Object.hasOwn(SAMPLER_NAMES, id);
}

/** How noise levels lie between the highest and the lowest. */
export type SigmaSpacing = "trained" | "karras" | "exponential";

/** The samplers that visit noise levels, and so can have them spaced otherwise than the model does; the others visit its timesteps. */
const RESPACED: readonly SamplerId[] = ["euler", "euler_a", "heun", "dpmpp_2m", "unipc"];

/** True for a sampler whose picture depends on the spacing of noise levels. */
export function usesSigmaSpacing(sampler: SamplerId): boolean {
  return RESPACED.includes(sampler);
}

/** The model's own U-Net weights ("full"), or these with its few-step LoRA merged ("few_step"). */
export const WEIGHTS = ["full", "few_step"] as const;

/** The choice of U-Net weights. */
export type Weights = (typeof WEIGHTS)[number];

/** The text that a person typed to get a recipe's picture. */
export function typedPrompt({ prompt, typed }: Pick<Recipe, "prompt" | "typed">): string {
  return typed ?? prompt;
}

/** The same recipe, model and backend give the same picture. */
export interface Recipe {
  /** The text that the model is sent. */
  readonly prompt: string;
  /** The text as it was typed, where the model is sent only what it knows of it; left out where that is the prompt itself. */
  readonly typed?: string;
  /** The text that the picture is pushed away from; has no effect at guidance 1. */
  readonly negativePrompt: string;
  /** 0 ... 2^64 - 1. */
  readonly seed: bigint;
  /** Denoising steps, 1 ... 1000. */
  readonly steps: number;
  /** Classifier-free guidance scale; 1 is the plain conditional model. */
  readonly guidanceScale: number;
  /** Guidance rescale (Lin et al. 2023, arXiv:2305.08891, section 3.4), 0 ... 1; 0 is off. */
  readonly guidanceRescale: number;
  /** The part of the steps before guidance begins, 0 ... 1; 0 guides from the first. See guidedSteps.ts. */
  readonly guidanceStart: number;
  /** The part of the steps after which guidance has ended, `guidanceStart` ... 1; 1 guides to the last. */
  readonly guidanceStop: number;
  readonly sampler: SamplerId;
  /** Absent: as the model's own configuration has it. Samplers that do not use it ({@link usesSigmaSpacing}) do not read it. */
  readonly sigmaSpacing?: SigmaSpacing;
  readonly weights: Weights;
  /** DDIM's eta, 0 (deterministic) ... 1; other samplers do not read it. */
  readonly eta: number;
  /** Pixels; a multiple of the model's `sideMultiplePx`. */
  readonly widthPx: number;
  /** Pixels; a multiple of the model's `sideMultiplePx`. */
  readonly heightPx: number;
}
