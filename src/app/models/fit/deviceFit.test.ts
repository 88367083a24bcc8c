/** The page says before any download whether a device can run a model, and why. */

import { expect, it } from "vitest";
import type { ModelNeeds } from "../../../protocol/catalogue";
import type { DeviceReport } from "../../../protocol/library";
import { deviceFit, needsOfFiles } from "./deviceFit";

const GPU = {
  description: "acme one",
  isSoftware: false,
  hasF16: true,
  bufferBytesMax: 4 * 2 ** 30,
  bindingBytesMax: 2 * 2 ** 30,
};
const desktop: DeviceReport = { gpu: GPU, gpuReason: null, threads: 4, memoryGb: 8 };
const withGpu = (change: Partial<typeof GPU>): DeviceReport => ({ ...desktop, gpu: { ...GPU, ...change } });
const noGpu: DeviceReport = { ...desktop, gpu: null, gpuReason: "This browser has no WebGPU." };

const SD15: ModelNeeds = { weightsBytes: 2.13e9, largestNetworkBytes: 1.72e9, decoder: "kl" };
const SDXL: ModelNeeds = { weightsBytes: 6.94e9, largestNetworkBytes: 5.14e9, decoder: "kl-f32" };
const TINY_SD: ModelNeeds = { weightsBytes: 1.06e9, largestNetworkBytes: 0.65e9, decoder: "kl" };
const BUNDLED_MODEL: ModelNeeds = { weightsBytes: 3e7, largestNetworkBytes: 2e7, decoder: "tiny" };
const px = (side: number) => ({ widthPx: side, heightPx: side });

it.each<[string, DeviceReport, ModelNeeds, number, string, RegExp]>([
  [
    "a GPU with 16 bits",
    desktop,
    SD15,
    512,
    "runs",
    /^Runs on the GPU, and takes about 3\.1 GB of the GPU's memory/,
  ],
  ["a GPU with 16 bits, a large model", desktop, SDXL, 1024, "runs", /about 7\.9 GB/],
  ["a GPU without", withGpu({ hasF16: false }), SD15, 512, "runs-slowly", /32-bit.*twice.*5\.3 GB/],
  [
    "the buffers of a phone",
    withGpu({ bindingBytesMax: 128 * 2 ** 20 }),
    SD15,
    512,
    "runs",
    /^Runs on the GPU/,
  ],
  [
    "the buffers of a phone, larger pictures",
    withGpu({ bindingBytesMax: 128 * 2 ** 20 }),
    SD15,
    768,
    "runs",
    /up to 512 × 512 pixels.*134 MB/,
  ],
  [
    "the buffers of a phone, a decoder in 32 bits",
    withGpu({ bindingBytesMax: 128 * 2 ** 20 }),
    SDXL,
    1024,
    "runs",
    /up to 320 × 320/,
  ],
  [
    "buffers for nothing",
    withGpu({ bufferBytesMax: 16 * 2 ** 20 }),
    SD15,
    512,
    "will-not-run",
    /One buffer of this GPU may have 17 MB/,
  ],
  [
    "little memory",
    { ...desktop, memoryGb: 2 },
    SD15,
    512,
    "will-not-run",
    /takes 3\.1 GB of memory.*about 2 GB/,
  ],
  ["memory that is not told", { ...desktop, memoryGb: null }, SDXL, 1024, "runs", /Runs on the GPU/],
  [
    "no GPU",
    noGpu,
    SD15,
    512,
    "will-not-run",
    /no WebGPU\. On the processor its largest network takes 3\.4 GB/,
  ],
  ["no GPU, a small one", noGpu, TINY_SD, 512, "runs-slowly", /no WebGPU\..*4 threads.*minutes.*3\.1 GB/],
  ["no GPU and little memory", { ...noGpu, memoryGb: 2, threads: 1 }, TINY_SD, 512, "will-not-run", /2 GB/],
  ["no GPU, the model in the box", noGpu, BUNDLED_MODEL, 256, "runs", /fast enough/],
  [
    "a software GPU",
    withGpu({ isSoftware: true }),
    SD15,
    512,
    "will-not-run",
    /^Only a software GPU was found\./,
  ],
])("on %s", (_, device, needs, side, verdict, reason) => {
  const fit = deviceFit(device, needs, px(side));
  expect(fit).toEqual({ verdict, reason: expect.stringMatching(reason) });
  expect(fit.reason).toMatch(/^[A-Z].*\.$/);
});

it("reads from files what no catalogue says: networks by folder, shards together, configs not at all", () => {
  expect(
    needsOfFiles([
      { path: "unet/a-00001-of-00002.safetensors", sizeBytes: 30 },
      { path: "unet/a-00002-of-00002.safetensors", sizeBytes: 30 },
      { path: "unet/config.json", sizeBytes: 5 },
      { path: "text_encoder_2/model.onnx", sizeBytes: 1 },
      { path: "text_encoder_2/model.onnx_data", sizeBytes: 9 },
      { path: "tokenizer/vocab.json", sizeBytes: 7 },
    ]),
  ).toEqual({ weightsBytes: 70, largestNetworkBytes: 60, decoder: "kl-f32" });
  expect(needsOfFiles([{ path: "one.safetensors", sizeBytes: 100 }])).toMatchObject({
    largestNetworkBytes: 80,
  });
  expect(needsOfFiles([])).toEqual({ weightsBytes: 0, largestNetworkBytes: 0, decoder: "kl" });
});
