/** A repository of one network is a tiny decoder, or nothing to fetch. */

import { expect, it } from "vitest";
import { planFromHub } from "../hub";
import { type Files, hub, origin, SHA } from "./testing";

/** As `madebyollin/taesd` lies there: the same weights again under other names, and as pickles. */
const TAESD: Files = {
  "README.md": { size: 1 },
  "config.json": { size: 597, body: { _class_name: "AutoencoderTiny", latent_channels: 4 } },
  "diffusion_pytorch_model.bin": { size: 9_800_000 },
  "diffusion_pytorch_model.safetensors": { size: 9_793_292, sha256: SHA },
  "taesd_decoder.safetensors": { size: 4_900_000, sha256: SHA },
  "taesd_encoder.safetensors": { size: 4_900_000, sha256: SHA },
};

it.each([true, false])(
  "an AutoencoderTiny is its configuration and its weights (the host lists files: %s)",
  async (lists) => {
    const plan = await planFromHub(origin(), hub(TAESD, { lists }));
    expect(plan.files.map(({ path }) => path)).toEqual([
      "config.json",
      "diffusion_pytorch_model.safetensors",
    ]);
    expect(plan.files[1]).toMatchObject({ sizeBytes: 9_793_292, sha256: SHA });
    expect(plan.totalBytes).toBe(9_793_889);
  },
);

it("half-size weights come first", async () => {
  const half = "diffusion_pytorch_model.fp16.safetensors";
  const plan = await planFromHub(origin(), hub({ ...TAESD, [half]: { size: 4_900_000 } }));
  expect(plan.files.map(({ path }) => path)).toEqual(["config.json", half]);
});

it.each([
  ["a UNet2DConditionModel", { _class_name: "UNet2DConditionModel" }],
  ["an AutoencoderKL", { _class_name: "AutoencoderKL" }],
  ["one without a name", {}],
])("refuses %s alone", async (_, body) => {
  const planned = planFromHub(origin(), hub({ ...TAESD, "config.json": { size: 1, body } }));
  await expect(planned).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringMatching(/^The repository has one network.*wanted a whole model/),
  });
});
