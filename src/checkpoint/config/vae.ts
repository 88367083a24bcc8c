/** `vae/config.json`: the configuration of diffusers' AutoencoderKL and AutoencoderTiny. */

import * as v from "valibot";
import { Failure } from "../../core/failure";
import { check } from "../json";

const finite = v.pipe(v.number(), v.finite());
const factor = v.pipe(finite, v.notValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const counts = v.pipe(v.array(count), v.minLength(1));

/** Keys that are absent have the defaults of the class where it has any. */
const VAE = v.object({
  _class_name: v.optional(v.string(), "AutoencoderKL"),
  latent_channels: v.optional(count, 4),
  /** Widths of AutoencoderKL's levels, from the picture to the latent. */
  block_out_channels: v.nullish(counts),
  mid_block_add_attention: v.nullish(v.boolean(), true),
  /** Widths of AutoencoderTiny's levels, from the latent to the picture. */
  decoder_block_out_channels: v.nullish(counts),
  num_decoder_blocks: v.nullish(
    v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(0))), v.minLength(1)),
    [3, 3, 3, 1],
  ),
  upsampling_scaling_factor: v.nullish(count, 2),
  scaling_factor: v.nullish(factor),
  shift_factor: v.nullish(finite, 0),
  latents_mean: v.nullish(v.array(finite)),
  latents_std: v.nullish(v.array(factor)),
});

/** The configuration of an autoencoder. */
export type VaeConfig = v.InferOutput<typeof VAE>;

/** @param json content of `vae/config.json`. @throws {Failure} "model-corrupt" naming the field. */
export function parseVaeConfig(json: unknown): VaeConfig {
  return check("vae/config.json", VAE, json);
}

/** Pixels per latent along each side: each level of the autoencoder but one halves them. @throws {Failure} "unsupported". */
export function pixelsPerLatentOf(vae: VaeConfig): number {
  const levels = (vae.decoder_block_out_channels ?? vae.block_out_channels)?.length;
  if (levels !== undefined) return 2 ** (levels - 1);
  throw new Failure(
    "unsupported",
    "vae/config.json: wanted block_out_channels or decoder_block_out_channels, to know how many pixels a latent covers; neither is there.",
  );
}
