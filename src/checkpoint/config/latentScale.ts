/** How an autoencoder's latents differ from those that a U-Net was trained on: z_unet = (z_vae − shift) · scale, or by channel. */

import * as v from "valibot";
import { Failure } from "../../core/failure";
import type { Config } from "../checkpoint";

/** A number z becomes scale · z + shift. */
export interface Affine {
  readonly scale: number;
  readonly shift: number;
}

/** From `vae/config.json`. */
export interface LatentScale {
  readonly scale: number;
  readonly shift: number;
  /** By channel, z_unet = (z_vae − mean) / deviation · scale, as some of SDXL's kin have it; null where the shift is all. */
  readonly channels: readonly { readonly mean: number; readonly deviation: number }[] | null;
}

/** The `scaling_factor` of diffusers' own classes, for configurations that do not write it: Stable Diffusion 1's does not. */
const CLASS_SCALES: Readonly<Record<string, number>> = { AutoencoderKL: 0.18215, AutoencoderTiny: 1 };

const VAE = v.object({
  _class_name: v.optional(v.string(), "AutoencoderKL"),
  scaling_factor: v.optional(v.pipe(v.number(), v.finite(), v.notValue(0))),
  shift_factor: v.nullish(v.pipe(v.number(), v.finite())),
  latents_mean: v.nullish(v.array(v.pipe(v.number(), v.finite()))),
  latents_std: v.nullish(v.array(v.pipe(v.number(), v.finite(), v.notValue(0)))),
});

/** @throws {Failure} "model-corrupt" if a factor is no number, "unsupported" if there is none, in the file or in its class. */
export function latentScale(config: Config): LatentScale {
  const result = v.safeParse(VAE, config);
  if (!result.success) {
    const [issue] = result.issues;
    throw new Failure("model-corrupt", `vae/config.json: ${v.getDotPath(issue)}: ${issue.message}.`);
  }
  const { _class_name: className, shift_factor: shift } = result.output;
  const scale = result.output.scaling_factor ?? CLASS_SCALES[className];
  if (scale === undefined)
    throw new Failure(
      "unsupported",
      "vae/config.json: wanted a scaling_factor, got none; write there what the model was trained with.",
    );
  return { scale, shift: shift ?? 0, channels: channelsOf(result.output) };
}

function channelsOf({ latents_mean, latents_std }: v.InferOutput<typeof VAE>): LatentScale["channels"] {
  if (!latents_mean || !latents_std) return null;
  if (latents_mean.length === latents_std.length)
    return latents_mean.map((mean, i) => ({ mean, deviation: latents_std[i] ?? 1 }));
  throw new Failure(
    "model-corrupt",
    `vae/config.json: wanted as many latents_std as latents_mean, got ${latents_std.length} and ${latents_mean.length}.`,
  );
}

/** What {@link unscale} does to a latent's numbers, as z · scale + shift: for all of them, or by channel. */
export function unscaling({ scale, shift, channels }: LatentScale): readonly Affine[] {
  if (channels === null) return [{ scale: 1 / scale, shift }];
  return channels.map(({ mean, deviation }) => ({ scale: deviation / scale, shift: mean }));
}

/** What the decoder is fed: latents [1, c, h, w] as the sampler leaves them, over the scale, plus the shift. */
export function unscale(latents: Float32Array, { scale, shift, channels }: LatentScale): Float32Array {
  if (channels === null) return latents.map((z) => z / scale + shift);
  const area = latents.length / channels.length;
  return latents.map((z, i) => {
    const { mean, deviation } = channels[Math.floor(i / area)] ?? { mean: Number.NaN, deviation: Number.NaN };
    return (z * deviation) / scale + mean;
  });
}
