import { describe, expect, it } from "vitest";
import { planCaches } from "./plan";

const entry = (url: string, revision: string | null = null) => ({ url, revision });

describe("what is cached when", () => {
  it("fetches the shell at install, and leaves engine and model until used", () => {
    const shell = [
      entry("index.html", "a1"),
      entry("assets/index-D1.js"),
      entry("assets/main-D2.js"),
      entry("icons/icon.svg", "b2"),
    ];
    const large = [
      entry("assets/ort-wasm-simd-threaded.jspi-C3.wasm"),
      entry("assets/ort.jspi.bundle.min-C4.js"),
      entry("models/tinyworld-0a/unet/diffusion_pytorch_model.safetensors"),
      entry("models/graphs-0b/tinyworld/unet.f32.onnx"),
    ];
    const plan = planCaches([...large, ...shell], "https://example.org/studio/");
    expect(plan.shell).toEqual(shell);
    expect([...plan.keepable]).toEqual(large.map(({ url }) => `https://example.org/studio/${url}`));
  });
});
