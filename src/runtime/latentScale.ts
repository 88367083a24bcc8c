/** How an autoencoder's latents differ from those that a U-Net was trained on: z_unet = (z_vae - shift) · scale. */

import * as v from "valibot";
import { Failure } from "../core/failure";
import type { Config } from "./source";

/** From `vae/config.json`. */
export interface LatentScale {
  readonly scale: number;
  readonly shift: number;
}

const VAE = v.object({
  scaling_factor: v.optional(v.pipe(v.number(), v.finite(), v.notValue(0))),
  shift_factor: v.nullish(v.pipe(v.number(), v.finite())),
});

/** @throws {Failure} "model-corrupt" if a factor is no number, "unsupported" if there is no scaling_factor: none is assumed. */
export function latentScale(config: Config): LatentScale {
  const result = v.safeParse(VAE, config);
  if (!result.success) {
    const [issue] = result.issues;
    throw new Failure("model-corrupt", `vae/config.json: ${v.getDotPath(issue)}: ${issue.message}.`);
  }
  const { scaling_factor: scale, shift_factor: shift } = result.output;
  if (scale === undefined)
    throw new Failure(
      "unsupported",
      "vae/config.json: wanted a scaling_factor, got none; write there what the model was trained with.",
    );
  return { scale, shift: shift ?? 0 };
}

/** What the decoder is fed: latents [1, c, h, w] as the sampler leaves them, over the scale, plus the shift. */
export function unscale(latents: Float32Array, { scale, shift }: LatentScale): Float32Array {
  return latents.map((z) => z / scale + shift);
}
