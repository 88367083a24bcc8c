import { describe, expect, it } from "vitest";
import { layoutKind } from "./kind";
import { onnxPaths } from "./onnx";

const OPTIMUM = [
  "model_index.json",
  "text_encoder/model.onnx",
  "unet/model.onnx",
  "unet/model.onnx_data",
  "vae_decoder/model.onnx",
];

describe("which file is which network", () => {
  it.each<[string, readonly string[], Readonly<Record<string, string | null>>]>([
    [
      "optimum's folders",
      [...OPTIMUM, "vae_encoder/model.onnx", "safety_checker/model.onnx"],
      { text_encoder: "text_encoder/model.onnx", text_encoder_2: null, unet: "unet/model.onnx" },
    ],
    [
      "the WebNN team's flat files",
      [
        "Stable-Diffusion-v1.5-vae-decoder-float16-fp32-instancenorm.onnx",
        "safety_checker_int32_reduceSum.onnx",
        "sd-unet-v1.5-model-b2c4h64w64s77-float16-compute-and-inputs-layernorm.onnx",
        "text-encoder.onnx",
      ],
      {
        text_encoder: "text-encoder.onnx",
        unet: "sd-unet-v1.5-model-b2c4h64w64s77-float16-compute-and-inputs-layernorm.onnx",
        vae_decoder: "Stable-Diffusion-v1.5-vae-decoder-float16-fp32-instancenorm.onnx",
      },
    ],
    [
      "its SDXL, with helpers and twins",
      [
        "onnx/concat.onnx",
        "onnx/qdq_unet_model_q4f16.onnx",
        "onnx/text_encoder_2_model_q4f16.onnx",
        "onnx/text_encoder_model_q4f16.onnx",
        "onnx/unet_model_q4f16.onnx",
        "onnx/vae_decoder_model_q4f16.onnx",
      ],
      {
        text_encoder: "onnx/text_encoder_model_q4f16.onnx",
        text_encoder_2: "onnx/text_encoder_2_model_q4f16.onnx",
        unet: "onnx/unet_model_q4f16.onnx",
        vae_decoder: "onnx/vae_decoder_model_q4f16.onnx",
      },
    ],
    [
      "two of one network",
      [
        "text_encoder/model.onnx",
        "text_encoder/model_layernorm.onnx",
        "unet/model_layernorm.onnx",
        "unet/model.onnx",
        "vae_decoder/model.onnx",
      ],
      { text_encoder: "text_encoder/model.onnx", unet: "unet/model.onnx" },
    ],
  ])("[CK1] %s", (_, paths, wanted) => {
    expect(layoutKind(paths)).toBe("onnx");
    expect(onnxPaths(paths, "folder")).toMatchObject(wanted);
  });

  it("[CK2] a folder that has its U-Net as safetensors too is no ONNX folder", () => {
    expect(layoutKind([...OPTIMUM, "unet/diffusion_pytorch_model.fp16.safetensors"])).toBe("diffusers");
    expect(layoutKind(["unet/config.json", "controlnet/unet.onnx"])).toBe("other");
  });

  it("[CK3] a network that is missing is named, and how its file should be called", () => {
    const refused = expect.objectContaining({
      code: "model-missing",
      message: expect.stringMatching(/no vae_decoder; wanted/),
    });
    expect(() => onnxPaths(OPTIMUM.slice(0, -1), "folder")).toThrow(refused);
  });
});
