/** What a file says about itself beside its weights: Stability AI's model specification in `__metadata__`, and marker tensors. */

import { isObject } from "../json";
import type { SafetensorsHeader } from "../weights/safetensors";

/** What the U-Net predicts, as diffusers calls it. */
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

/** @param header of the file, as `readHeader` believed it. */
export async function readClaims(file: Blob, header: SafetensorsHeader): Promise<Claims> {
  const metadata = await readMetadata(file);
  const architecture = metadata.get("modelspec.architecture") ?? "";
  // The markers with which SDXL's trainers and drawing programs tell each other of v-prediction. Without signal there is no ε to find.
  const isMarked = header.has("v_pred") || header.has("ztsnr");
  const claimed =
    metadata.get("modelspec.prediction_type") ?? architecture.replace(/^stable-diffusion-v2-/, "");
  return {
    predictionType: isMarked ? "v_prediction" : (PREDICTIONS.get(claimed) ?? null),
    isZeroSnr: header.has("ztsnr"),
    words: `${architecture} ${metadata.get("modelspec.title") ?? ""}`.trim().toLowerCase(),
  };
}

/** The strings of `__metadata__`, in a file whose header has been read before. */
async function readMetadata(file: Blob): Promise<ReadonlyMap<string, string>> {
  const length = new DataView(await file.slice(0, 8).arrayBuffer()).getBigUint64(0, true);
  const header: unknown = JSON.parse(await file.slice(8, 8 + Number(length)).text());
  const metadata = isObject(header) ? header["__metadata__"] : null;
  if (!isObject(metadata)) return new Map();
  return new Map(
    Object.entries(metadata).flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : [])),
  );
}
