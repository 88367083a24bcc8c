/** How an autoencoder's latents differ from those that a U-Net was trained on: z_unet = (z_vae − shift) · scale, or by channel. */

import { Failure } from "../../core/failure";
import type { VaeConfig } from "./vae";

/** A number z becomes scale · z + shift. */
export interface Affine {
  readonly scale: number;
  readonly shift: number;
}

/** The factors between the two spaces. */
export interface LatentScale {
  readonly scale: number;
  readonly shift: number;
  /** By channel, z_unet = (z_vae − mean) / deviation · scale, as some of SDXL's kin have it; null where the shift is all. */
  readonly channels: readonly { readonly mean: number; readonly deviation: number }[] | null;
}

/** `scaling_factor` of the autoencoder of Stable Diffusion 1 and 2, which is also the default of diffusers' AutoencoderKL. */
export const STABLE_DIFFUSION_SCALE = 0.18215;
/** Defaults of diffusers' classes: Stable Diffusion 1's configuration does not write its factor. */
const CLASS_SCALES: Readonly<Record<string, number>> = {
  AutoencoderKL: STABLE_DIFFUSION_SCALE,
  AutoencoderTiny: 1,
};

/** @throws {Failure} "model-corrupt" if means and deviations do not go together, "unsupported" if there is no scale, in the file or in its class. */
export function latentScale(vae: VaeConfig): LatentScale {
  const scale = vae.scaling_factor ?? CLASS_SCALES[vae._class_name];
  if (scale === undefined)
    throw new Failure(
      "unsupported",
      "vae/config.json: wanted a scaling_factor, got none; write there what the model was trained with.",
    );
  return { scale, shift: vae.shift_factor, channels: channelsOf(vae) };
}

function channelsOf({ latents_mean, latents_std }: VaeConfig): LatentScale["channels"] {
  if (!latents_mean || !latents_std) return null;
  if (latents_mean.length === latents_std.length)
    return latents_mean.map((mean, i) => ({ mean, deviation: latents_std[i] ?? 1 }));
  throw new Failure(
    "model-corrupt",
    `vae/config.json: wanted as many latents_std as latents_mean, got ${latents_std.length} and ${latents_mean.length}.`,
  );
}

/** {@link unscale} as z · scale + shift: one map for all numbers of a latent, or one for each channel. */
export function unscaling({ scale, shift, channels }: LatentScale): readonly Affine[] {
  if (channels === null) return [{ scale: 1 / scale, shift }];
  return channels.map(({ mean, deviation }) => ({ scale: deviation / scale, shift: mean }));
}

/** The decoder's input: latents [1, c, h, w] as the sampler leaves them, over the scale, plus the shift. */
export function unscale(latents: Float32Array, { scale, shift, channels }: LatentScale): Float32Array {
  if (channels === null) return latents.map((z) => z / scale + shift);
  const area = latents.length / channels.length;
  return latents.map((z, i) => {
    const { mean, deviation } = channels[Math.floor(i / area)] ?? { mean: Number.NaN, deviation: Number.NaN };
    return (z * deviation) / scale + mean;
  });
}
