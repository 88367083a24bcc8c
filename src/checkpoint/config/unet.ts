/** `unet/config.json`: the configuration of diffusers' UNet2DConditionModel. */

import * as v from "valibot";
import { Failure } from "../../core/failure";
import { check } from "../json";

const positive = v.pipe(v.number(), v.finite(), v.minValue(1));
const count = v.pipe(positive, v.integer());

/** Keys that are absent have the defaults of the class. */
const UNET = v.object({
  _class_name: v.optional(v.string(), "UNet2DConditionModel"),
  in_channels: v.optional(count, 4),
  out_channels: v.optional(count, 4),
  sample_size: v.nullish(v.union([positive, v.tuple([positive, positive])])),
  block_out_channels: v.pipe(v.array(positive), v.minLength(1)),
  time_cond_proj_dim: v.nullish(count),
  addition_embed_type: v.nullish(v.string()),
  class_embed_type: v.nullish(v.string()),
  num_class_embeds: v.nullish(v.number()),
  encoder_hid_dim_type: v.nullish(v.string()),
});

/** The configuration of a U-Net. */
export type UnetConfig = v.InferOutput<typeof UNET>;

/** @param json content of `unet/config.json`. @throws {Failure} "model-corrupt" naming the field. */
export function parseUnetConfig(json: unknown): UnetConfig {
  return check("unet/config.json", UNET, json);
}

/** Inputs of U-Nets for other tasks, by their number of channels: diffusers' inpainting, InstructPix2Pix and upscaling. */
const OTHER_TASKS: Readonly<Record<number, string>> = {
  9: "a mask and a masked picture, for inpainting",
  8: "another picture, to edit it",
  7: "a small picture, to enlarge it",
};

/**
 * Lets only U-Nets pass that read a latent, a time and a text, and give a latent.
 *
 * @param latent channels of a latent, as the autoencoder has them.
 * @throws {Failure} "unsupported" saying what else it wants.
 */
export function refuseOtherInputs(unet: UnetConfig, latent: number): void {
  const { in_channels: reads, out_channels: gives } = unet;
  if (reads !== latent)
    throw new Failure(
      "unsupported",
      `This U-Net reads ${reads} channels where a latent has ${latent}: ${OTHER_TASKS[reads] ?? "more than a latent"}; from text alone it cannot draw.`,
    );
  if (gives !== latent)
    throw new Failure("unsupported", `This U-Net gives ${gives} channels where a latent has ${latent}.`);
  const conditions = {
    addition_embed_type: ["text", "text_time"].includes(unet.addition_embed_type ?? "text")
      ? null
      : unet.addition_embed_type,
    class_embed_type: unet.class_embed_type,
    num_class_embeds: unet.num_class_embeds,
    encoder_hid_dim_type: unet.encoder_hid_dim_type,
  };
  for (const [key, value] of Object.entries(conditions))
    if (value != null)
      throw new Failure(
        "unsupported",
        `This U-Net wants more than a text (${key} ${JSON.stringify(value)}); from text alone it cannot draw.`,
      );
}
