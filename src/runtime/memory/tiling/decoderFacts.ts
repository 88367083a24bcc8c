/** Facts of a decoder from its autoencoder's config: the size of its largest tensor, and how far a latent is seen. */

import type { Config } from "../../../checkpoint/checkpoint";
import { parseVaeConfig, type VaeConfig } from "../../../checkpoint/config/vae";

/** Of a decoder from latents [1, c, h, w] to planes [1, 3, h · factor, w · factor]. */
export interface DecoderFacts {
  /** Pixels per latent along each side. */
  readonly factor: number;
  /** Latents that a pixel depends on at most, to each side of its own; null if on all, through normalisation or attention. */
  readonly reach: number | null;
  /** Numbers in the largest tensor of a decode of h x w latents. */
  largest(height: number, width: number): number;
}

/** @param config `vae/config.json`. @returns null for a class that is not known, or a configuration that does not say enough. @throws {Failure} "model-corrupt" for one that is damaged. */
export function decoderFacts(config: Config): DecoderFacts | null {
  const vae = parseVaeConfig(config);
  if (vae._class_name === "AutoencoderTiny") return tinyFacts(vae);
  const { block_out_channels: widths } = vae;
  return widths && vae._class_name === "AutoencoderKL" ? klFacts(widths, vae.mid_block_add_attention) : null;
}

/** `decoder_block_out_channels` of diffusers' class. */
const TINY_WIDTHS: readonly number[] = [64, 64, 64, 64];

/** Wider attention heads than this ONNX Runtime's WebGPU backend computes in parts, by so many tokens, and keeps all parts (1.30). */
const WHOLE_HEAD_MAX = 128;
const PART_TOKENS = 64;

/**
 * diffusers' AutoencoderKL (Rombach et al. 2022, arXiv:2112.10752). At each of its sizes, from the smallest to the picture's, what was
 * upsampled still has the channels of the size below, until the first residual block. Attention, in the middle, is at the
 * smallest size, with one head.
 */
function klFacts(widths: readonly number[], attends: boolean): DecoderFacts {
  const last = widths.length - 1;
  const perLatent = Math.max(
    ...widths.map((width, level) => Math.max(width, widths[level + 1] ?? width) * 4 ** (last - level)),
  );
  const head = widths[last] ?? 0;
  const hasParts = attends && head > WHOLE_HEAD_MAX;
  return {
    factor: 2 ** last,
    reach: null,
    largest(height, width) {
      const tokens = height * width;
      const parts = hasParts ? tokens * Math.ceil(tokens / PART_TOKENS) * head : 0;
      return Math.max(tokens * perLatent, parts);
    },
  };
}

/**
 * diffusers' AutoencoderTiny (TAESD, Bohan 2023): at each size some blocks of three 3x3 convolutions; between sizes upsampling and one more;
 * one at the beginning and one at the end. Nothing else looks sideways.
 */
function tinyFacts(vae: VaeConfig): DecoderFacts {
  const { num_decoder_blocks: blocks, upsampling_scaling_factor: ratio } = vae;
  const widths = vae.decoder_block_out_channels ?? TINY_WIDTHS;
  const last = widths.length - 1;
  const perLatent = widths.map(
    (width, level) => Math.max(width, widths[level - 1] ?? 0) * ratio ** (2 * level),
  );
  const most = Math.max(...perLatent);
  // From the picture inwards: what reaches so many pixels reaches a ratio-th as many, rounded up, of the size below.
  const reach = blocks.reduceRight((wider, count) => Math.ceil(wider / ratio) + 3 * count + 1, 1);
  return { factor: ratio ** last, reach, largest: (height, width) => height * width * most };
}
