import { afterEach, expect, it, vi } from "vitest";
import { deviceReport } from "./deviceReport";

const limits = { maxBufferSize: 2 ** 32, maxStorageBufferBindingSize: 2 ** 31 };
const info = { vendor: "acme", architecture: "one", description: "", isFallbackAdapter: false };

function browserWith(adapter: object | null, deviceMemory?: number) {
  const gpu = { requestAdapter: async () => adapter };
  vi.stubGlobal("navigator", { gpu, hardwareConcurrency: 16, deviceMemory });
}
afterEach(() => vi.unstubAllGlobals());

it("says what the adapter can do, as the adapter says it", async () => {
  browserWith({ features: new Set(["shader-f16"]), limits, info }, 8);
  expect(await deviceReport(true)).toEqual({
    gpu: {
      description: "acme one",
      isSoftware: false,
      hasF16: true,
      bufferBytesMax: 2 ** 32,
      bindingBytesMax: 2 ** 31,
    },
    gpuReason: null,
    threads: 4,
    memoryGb: 8,
  });
});

it("without an adapter says why, and without isolation counts one thread", async () => {
  browserWith(null);
  expect(await deviceReport(false)).toEqual({
    gpu: null,
    gpuReason: "This browser has WebGPU, but found no GPU that it may use.",
    threads: 1,
    memoryGb: null,
  });
});
