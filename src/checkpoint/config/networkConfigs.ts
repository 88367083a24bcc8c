/** What the pipeline must know of a model's networks, from their `config.json`; and which it cannot draw with. */

import * as v from "valibot";
import { Failure } from "../../core/failure";
import { type ConfigFiles, check } from "./configFiles";

const positive = v.pipe(v.number(), v.finite(), v.minValue(1));
const count = v.pipe(positive, v.integer());
const channels = v.pipe(v.array(positive), v.minLength(1));

/** `unet/config.json`; what it leaves out has the default of diffusers' UNet2DConditionModel. */
const UNET = v.object({
  _class_name: v.optional(v.string(), "UNet2DConditionModel"),
  in_channels: v.optional(count, 4),
  out_channels: v.optional(count, 4),
  sample_size: v.nullish(v.union([positive, v.tuple([positive, positive])])),
  block_out_channels: channels,
  time_cond_proj_dim: v.nullish(count),
  addition_embed_type: v.nullish(v.string()),
  class_embed_type: v.nullish(v.string()),
  num_class_embeds: v.nullish(v.number()),
  encoder_hid_dim_type: v.nullish(v.string()),
});

/** `vae/config.json`; what it leaves out has the default of diffusers' AutoencoderKL or AutoencoderTiny. */
const VAE = v.object({
  _class_name: v.optional(v.string(), "AutoencoderKL"),
  block_out_channels: v.optional(channels),
  decoder_block_out_channels: v.optional(channels),
  latent_channels: v.optional(count, 4),
  scaling_factor: v.optional(v.pipe(v.number(), v.finite())),
});

/** `model_index.json`, which names the pipeline. */
const INDEX = v.object({
  _class_name: v.optional(v.string()),
  force_zeros_for_empty_prompt: v.nullish(v.boolean()),
});

const TEXT = v.object({ eos_token_id: v.optional(v.union([v.number(), v.array(v.number())])) });

/** What is read of `unet/config.json`. */
export type UnetConfig = v.InferOutput<typeof UNET>;
/** What is read of `vae/config.json`. */
export type VaeConfig = v.InferOutput<typeof VAE>;

/** The networks of one model, as far as the pipeline is concerned. */
export interface NetworkConfigs {
  readonly unet: UnetConfig;
  readonly vae: VaeConfig;
  /** diffusers' class, from `model_index.json`; null if the model does not say. */
  readonly pipeline: string | null;
  /** Whether no negative prompt means embeddings of zeros. */
  readonly zerosForNoNegative: boolean;
  /** `eos_token_id` of each text encoder, the first one first. */
  readonly eosTokenIds: readonly [number, ...number[]];
}

/** What transformers' CLIPTextConfig has for `eos_token_id`. */
const EOS_TOKEN_ID = 49407;

/**
 * Reads `model_index.json` and the `config.json` of every network.
 *
 * @throws {Failure} "model-corrupt" naming the file and the field, "unsupported" for a model that text alone cannot draw with
 * here: without a U-Net, with one that reads more than latent, time and text, or without the text encoder that others have.
 */
export async function readNetworkConfigs(configFiles: ConfigFiles): Promise<NetworkConfigs> {
  const index = check("model_index.json", INDEX, (await configFiles.optionalJson("model_index.json")) ?? {});
  const unetJson = await configFiles.optionalJson("unet/config.json");
  if (unetJson === null) await refuseOtherNetwork(configFiles, index._class_name);
  const unet = check("unet/config.json", UNET, unetJson ?? (await configFiles.json("unet/config.json")));
  const vae = check("vae/config.json", VAE, await configFiles.json("vae/config.json"));
  refuseOtherInputs(unet, vae);
  const [first, second] = [
    await eosTokenId(configFiles, "text_encoder"),
    await eosTokenId(configFiles, "text_encoder_2"),
  ];
  if (first === null)
    throw new Failure(
      "unsupported",
      second === null
        ? "text_encoder/config.json is missing; without a text encoder no prompt can be read."
        : "This model has a second text encoder and no first one, as SDXL's refiner has; it refines pictures and cannot begin one.",
    );
  if (unet.addition_embed_type === "text_time" && second === null)
    throw new Failure(
      "unsupported",
      "This U-Net wants the text as SDXL's two encoders read it, but text_encoder_2/config.json is missing.",
    );
  return {
    unet,
    vae,
    pipeline: index._class_name ?? null,
    // as diffusers' StableDiffusionXLPipeline has it; its other pipelines know no such thing
    zerosForNoNegative:
      unet.addition_embed_type === "text_time" && (index.force_zeros_for_empty_prompt ?? true),
    eosTokenIds: second === null ? [first] : [first, second],
  };
}

/** The other kinds of networks that denoise, by the folder that diffusers keeps them in. */
async function refuseOtherNetwork(configFiles: ConfigFiles, pipeline: string | undefined): Promise<void> {
  for (const folder of ["transformer", "prior", "decoder"]) {
    if ((await configFiles.optionalJson(`${folder}/config.json`)) === null) continue;
    throw new Failure(
      "unsupported",
      `This is a ${pipeline ?? "model of another kind"}, whose ${folder} is no U-Net; only Stable Diffusion 1, 2, SDXL and their kin can be drawn with.`,
    );
  }
}

/** What U-Nets of other tasks read besides, by their number of channels: diffusers' inpainting and InstructPix2Pix pipelines. */
const OTHER_TASKS: Readonly<Record<number, string>> = {
  9: "a mask and a masked picture, for inpainting",
  8: "another picture, to edit it",
  7: "a small picture, to enlarge it",
};

function refuseOtherInputs(unet: UnetConfig, vae: VaeConfig): void {
  const { in_channels: reads, out_channels: gives } = unet;
  const latent = vae.latent_channels;
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

async function eosTokenId(configFiles: ConfigFiles, folder: string): Promise<number | null> {
  const path = `${folder}/config.json`;
  const json = await configFiles.optionalJson(path);
  if (json === null) return null;
  const { eos_token_id: id } = check(path, TEXT, json);
  return typeof id === "number" ? id : EOS_TOKEN_ID;
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
