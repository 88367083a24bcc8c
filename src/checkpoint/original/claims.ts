/** A file's claims about itself: Stability AI's model specification in `__metadata__`, and marker tensors. */

import type { Safetensors } from "../weights/safetensors";

/** The U-Net's prediction type, as diffusers calls it. */
type PredictionType = "epsilon" | "v_prediction";

/** Null, false and "" where the file is silent. */
export interface Claims {
  readonly predictionType: PredictionType | null;
  /** Trained with betas rescaled to zero terminal SNR (Lin et al. 2023, arXiv:2305.08891, Algorithm 1). */
  readonly isZeroSnr: boolean;
  /** Architecture and title, in small letters. */
  readonly words: string;
}

/** By `modelspec.prediction_type`, and by what follows "stable-diffusion-v2-" in `modelspec.architecture`. */
const PREDICTIONS: ReadonlyMap<string, PredictionType> = new Map(
  Object.entries({
    v: "v_prediction",
    v_prediction: "v_prediction",
    "768-v": "v_prediction",
    epsilon: "epsilon",
    "512": "epsilon",
  }),
);

/** The claims of a file's header. */
export function claimsOf({ tensors, metadata }: Safetensors): Claims {
  const architecture = metadata.get("modelspec.architecture") ?? "";
  // The markers with which SDXL's trainers and drawing programs tell each other of v-prediction. Without signal there is no ε to find.
  const isMarked = tensors.has("v_pred") || tensors.has("ztsnr");
  const claimed =
    metadata.get("modelspec.prediction_type") ?? architecture.replace(/^stable-diffusion-v2-/, "");
  return {
    predictionType: isMarked ? "v_prediction" : (PREDICTIONS.get(claimed) ?? null),
    isZeroSnr: tensors.has("ztsnr"),
    words: `${architecture} ${metadata.get("modelspec.title") ?? ""}`.trim().toLowerCase(),
  };
}
