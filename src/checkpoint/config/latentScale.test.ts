import { expect, it } from "vitest";
import { STABLE_DIFFUSION_SCALE, latentScale as scaleOf, unscale } from "./latentScale";
import { parseVaeConfig } from "./vae";

const latentScale = (config: object) => scaleOf(parseVaeConfig(config));

it("[CK38] takes the factors of the config, 0 and null included", () => {
  const config = { _class_name: "AutoencoderKL", scaling_factor: 0.5, shift_factor: 0.25 };
  expect(latentScale(config)).toEqual({ scale: 0.5, shift: 0.25, channels: null });
  expect(latentScale({ ...config, shift_factor: null })).toEqual({ scale: 0.5, shift: 0, channels: null });
});

it("[CK38] takes the default of diffusers' class where the config is silent, as Stable Diffusion 1's is", () => {
  expect(latentScale({ _class_name: "AutoencoderKL" })).toEqual({
    scale: STABLE_DIFFUSION_SCALE,
    shift: 0,
    channels: null,
  });
  expect(latentScale({ _class_name: "AutoencoderTiny" })).toEqual({ scale: 1, shift: 0, channels: null });
});

it.each([
  [{ _class_name: "AutoencoderKL", scaling_factor: "1" }, "model-corrupt"],
  [{ _class_name: "AutoencoderKL", scaling_factor: 0 }, "model-corrupt"],
  [{ _class_name: "AutoencoderOf", latent_channels: 4 }, "unsupported"],
])("[CK39] refuses %j", (config, code) => {
  expect(() => latentScale(config)).toThrow(expect.objectContaining({ code }));
});

it("[CK40] undoes what training did: z = z_unet / scale + shift", () => {
  expect(unscale(Float32Array.of(1, -2), { scale: 0.5, shift: 0.25, channels: null })).toEqual(
    Float32Array.of(2.25, -3.75),
  );
});

it("[CK40] undoes it by channel where the config has means and deviations", () => {
  const scale = latentScale({ scaling_factor: 0.5, latents_mean: [1, -1], latents_std: [2, 4] });
  expect(unscale(Float32Array.of(1, 2, 1, 2), scale)).toEqual(Float32Array.of(5, 9, 7, 15));
  expect(() => latentScale({ latents_mean: [1, -1], latents_std: [2] })).toThrow(/2 latents_mean|1 and 2/);
});

it.each([
  [{ block_out_channels: [128, "256"] }, "block_out_channels"],
  [{ _class_name: "AutoencoderTiny", num_decoder_blocks: [] }, "num_decoder_blocks"],
])("[CK39] refuses %j, naming the field", (config, field) => {
  expect(() => parseVaeConfig(config)).toThrow(
    expect.objectContaining({
      code: "model-corrupt",
      message: expect.stringContaining(`vae/config.json: ${field}`),
    }),
  );
});
