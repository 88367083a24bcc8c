import { expect, it } from "vitest";
import { decoderSpaceOf, latentSpaceOf } from "./latentFormat";
import { STABLE_DIFFUSION_SCALE } from "./latentScale";
import type { NetworkConfigs } from "./networkConfigs";
import { parseVaeConfig } from "./vae";

const configs = (vae: object, unet: object = {}): NetworkConfigs => ({
  unet: {
    _class_name: "UNet2DConditionModel",
    in_channels: 4,
    out_channels: 4,
    block_out_channels: [32],
    ...unet,
  },
  vae: parseVaeConfig(vae),
  pipeline: null,
  zerosForNoNegative: false,
  texts: [{ eosTokenId: 2, positions: 77 }],
});

it.each([
  [{ scaling_factor: STABLE_DIFFUSION_SCALE }, {}, "sd"],
  [{}, {}, "sd"],
  [{ scaling_factor: 0.13025 }, { addition_embed_type: "text_time" }, "sdxl"],
  [{ scaling_factor: 0.5 }, { addition_embed_type: "text_time" }, null],
  [{ scaling_factor: 0.13025, latent_channels: 16 }, {}, null],
  [{ _class_name: "AutoencoderTiny", scaling_factor: 1 }, {}, "sd"],
  [{ _class_name: "AutoencoderTiny", scaling_factor: 1 }, { addition_embed_type: "text_time" }, "sdxl"],
])("[CK41] latents of %j with %j are those of %s", (vae, unet, space) => {
  expect(latentSpaceOf(configs(vae, unet))).toBe(space);
});

it.each([
  [["madebyollin/taesd"], "sd"],
  [["madebyollin/taesdxl"], "sdxl"],
  [["mirror/TAESDXL-fp16", "taesd"], "sdxl"],
  [["owner/decoder", "madebyollin/taesdxl", "taesd"], "sdxl"],
  [["/home/me/models/taesd/"], "sd"],
  [["taesd3"], null],
  [["madebyollin/taef1", "vae", "my-taesd", ""], null],
  [["taesdxl/other"], null],
])("[CK42] a decoder called %j was made for latents of %s", (names, space) => {
  expect(decoderSpaceOf(names)).toBe(space);
});
