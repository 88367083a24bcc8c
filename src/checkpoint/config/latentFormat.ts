/** Latent spaces that many models share: which one a model's latents are in, and what shows them without the model's own decoder. */

import type { RgbMap } from "../../core/pixels";
import { STABLE_DIFFUSION_SCALE } from "./latentScale";
import type { NetworkConfigs } from "./networkConfigs";

/** "sd" is that of Stable Diffusion 1 and 2, "sdxl" that of SDXL. */
export type LatentSpace = "sd" | "sdxl";

/** Stable Diffusion 1 and 2. keturn 2022, discuss.huggingface.co/t/decoding-latents-to-rgb-without-upscaling/23204. */
const SD_RGB: RgbMap = {
  matrix: [
    [0.298, 0.207, 0.208],
    [0.187, 0.286, 0.173],
    [-0.158, 0.189, 0.264],
    [-0.184, -0.271, -0.473],
  ],
  bias: [0, 0, 0],
};

/** SDXL, in levels of 0 ... 255. Vass 2023, huggingface.co/blog/TimothyAlexisVass/explaining-the-sdxl-latent-space. */
const SDXL_LEVELS = {
  matrix: [
    [60, 60, 60],
    [-60, -5, 10],
    [25, 15, -5],
    [-70, -50, -35],
  ],
  bias: [150, 140, 130],
} as const;
const HALF_RANGE = 127.5;
const SDXL_RGB: RgbMap = {
  matrix: SDXL_LEVELS.matrix.map(([r, g, b]) => [r / HALF_RANGE, g / HALF_RANGE, b / HALF_RANGE]),
  bias: [
    SDXL_LEVELS.bias[0] / HALF_RANGE - 1,
    SDXL_LEVELS.bias[1] / HALF_RANGE - 1,
    SDXL_LEVELS.bias[2] / HALF_RANGE - 1,
  ],
};

/** Where scaled latents of known autoencoders are told apart: by their `scaling_factor` as published. */
const SCALES: Readonly<Record<LatentSpace, number>> = { sd: STABLE_DIFFUSION_SCALE, sdxl: 0.13025 };
const SPACES: readonly LatentSpace[] = ["sd", "sdxl"];
const RGB_MAPS: Readonly<Record<LatentSpace, RgbMap>> = { sd: SD_RGB, sdxl: SDXL_RGB };

/**
 * The latent space that a model's configurations name: by the autoencoder's scaling factor (diffusers' AutoencoderKL has Stable
 * Diffusion's where none is written), and for AutoencoderTiny, which stands in for either, by the U-Net. Null if it is no known one.
 */
export function latentSpaceOf({ unet, vae }: NetworkConfigs): LatentSpace | null {
  if (vae.latent_channels !== SD_RGB.matrix.length) return null;
  if (vae._class_name === "AutoencoderTiny") return unet.addition_embed_type === "text_time" ? "sdxl" : "sd";
  const scale = vae.scaling_factor ?? SCALES.sd;
  return SPACES.find((space) => Math.abs(scale / SCALES[space] - 1) < 1e-3) ?? null;
}

/** The linear map from latents of a known space to colours. */
export function rgbMapOf(space: LatentSpace): RgbMap {
  return RGB_MAPS[space];
}

/** A repository or folder named so, with or without more behind it: "taesd", "taesdxl", "taesdxl-fp16", not "taesd3". */
const TINY_DECODER = /(?:^|\/)taesd(xl)?(?![a-z0-9])[^/]*$/i;

/**
 * The latent space that a tiny decoder was made for. Its network cannot tell, since those for Stable Diffusion and for SDXL have the
 * same shapes, so its name does: the ones that its maker publishes them under (Bohan 2023, github.com/madebyollin/taesd).
 *
 * @param names what it is called, the most trustworthy first: its repository, `_name_or_path`, its folder.
 * @returns by the first name that tells; null if none does.
 */
export function decoderSpaceOf(names: readonly string[]): LatentSpace | null {
  for (const name of names) {
    const match = TINY_DECODER.exec(name.replace(/\/+$/, ""));
    if (match) return match[1] === undefined ? "sd" : "sdxl";
  }
  return null;
}
