/** The dialects that the tests speak, each as its exporters write it. */

import { type DialectLike, WIDTH } from "./testing";

/** Extents of the latents that pinned dialects take. */
export const HEIGHT = 6;
export const BREADTH = 4;

export const DIALECTS: readonly (readonly [string, DialectLike])[] = [
  [
    "diffusers' script",
    {
      ids: ["input_ids", "int32", ["batch", "sequence"]],
      sample: ["sample", "float32", ["batch", "channels", "height", "width"]],
      timestep: ["timestep", "float32", ["batch"]],
      hidden: ["encoder_hidden_states", "float32", ["batch", "sequence", WIDTH]],
      latents: ["latent_sample", "float32", ["batch", "channels", "height", "width"]],
      location: "weights.pb",
    },
  ],
  [
    "diffusers' script in float16",
    {
      float: "float16",
      ids: ["input_ids", "int32", ["batch", "sequence"]],
      sample: ["sample", "float16", ["batch", "channels", "height", "width"]],
      timestep: ["timestep", "float16", ["batch"]],
      location: "weights.pb",
    },
  ],
  ["optimum", { location: "model.onnx_data" }],
  ["a data file in a folder of its own", { location: "./data/model_int8.onnx.data" }],
  ["a timestep of no rank", { timestep: ["timestep", "float32", []] }],
  ["a timestep of one number", { timestep: ["t", "int32", [1]] }],
  [
    "extents without names",
    { sample: ["sample", "float32", ["", "", "", ""]], timestep: ["timestep", "int64", [""]] },
  ],
  [
    "the WebNN team's, everything pinned to two",
    {
      float: "float16",
      ids: ["input_ids", "int32", [2, 77]],
      sample: ["sample", "float16", [2, 4, HEIGHT, BREADTH]],
      timestep: ["timestep", "int64", [2]],
      hidden: ["encoder_hidden_states", "float16", [2, 77, WIDTH]],
      latents: ["latent_sample", "float16", [1, 4, HEIGHT, BREADTH]],
      files: (network) => `sd-${network.replace("_", "-")}-float16.onnx`,
    },
  ],
  [
    "its Turbo: names of its own, float16 timestep, float32 decoder",
    {
      float: "float16",
      ids: ["input_ids", "int32", ["batch", "sequence"]],
      sample: [
        "sample",
        "float16",
        ["unet_sample_batch", "unet_sample_channels", "unet_sample_height", "unet_sample_width"],
      ],
      timestep: ["timestep", "float16", ["unet_time_batch"]],
      hidden: ["encoder_hidden_states", "float16", ["unet_hidden_batch", "unet_hidden_sequence", WIDTH]],
    },
  ],
  [
    "one text, other names",
    {
      ids: ["input_ids", "int64", [1, 77]],
      sample: ["latents", "float32", [1, 4, HEIGHT, BREADTH]],
      timestep: ["timestep", "float32", []],
      hidden: ["encoder_hidden_states", "float32", [1, 77, WIDTH]],
      latents: ["latent", "float32", [1, 4, HEIGHT, BREADTH]],
      files: (network) => `onnx/${network}.onnx`,
      outputs: { unet: "noise_pred", decoder: "image" },
    },
  ],
];
