import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { parseJson } from "../../../checkpoint/json";
import { nodeModelFiles } from "../../../cli/nodeFiles";
import { chooseBackend } from "../../device/device";
import { loadNodeEngine } from "../../ort/nodeEngine";
import { must } from "../../testing";
import { decoderFacts } from "./decoderFacts";
import { openDecoder, smoothLatents } from "./testing";

const filesIn = (path: string) =>
  nodeModelFiles(fileURLToPath(new URL(`../../../../${path}`, import.meta.url)));
const fixtures = filesIn("src/runtime/__fixtures__");
const published = filesIn("models/published");
const description = {
  sd15: [published, "sd15/vae"],
  sdxl: [published, "sdxl/vae"],
  taesd: [published, "taesd/vae"],
  tinyworld: [filesIn("models/tinyworld"), "vae"],
  small: [fixtures, "small/vae"],
  kl: [fixtures, "kl"],
} as const;

async function factsOf(name: keyof typeof description) {
  const [files, folder] = description[name];
  const path = `${folder}/config.json`;
  return decoderFacts(parseJson(path, await (await must(files, path)).text())) ?? expect.fail(path);
}

it.each([
  // The most numbers of any value in models/graphs/*/vae_decoder.f32.onnx, by onnx.shape_inference.
  ["sd15", 8, [16, 24], 6_291_456],
  ["taesd", 8, [64, 48], 12_582_912],
  ["tinyworld", 16, [16, 24], 3_145_728],
  ["small", 8, [16, 24], 196_608],
  ["kl", 16, [20, 28], 2_293_760],
  // Attention in parts, which are in no graph. ONNX Runtime's greatest buffer on WebGPU for one head of 512: 2 MiB at 256 tokens, 32 MiB
  // at 1024, as 4 bytes · tokens · parts · 512 say.
  ["sd15", 8, [32, 32], 1024 * 64 * 256],
  ["sd15", 8, [64, 64], 134_217_728],
  ["sdxl", 8, [128, 128], 2_147_483_648],
] as const)(
  "%s: %i pixels a latent, and for %j latents %i numbers in the largest tensor",
  async (name, factor, [height, width], largest) => {
    const facts = await factsOf(name);
    expect(facts.factor).toBe(factor);
    expect(facts.largest(height, width)).toBe(largest);
  },
);

it.each([
  ["small", 8],
  ["taesd", 19],
  ["tinyworld", 24],
  ["sd15", null],
] as const)("a pixel of %s depends on %s latents to each side at most", async (name, reach) => {
  expect((await factsOf(name)).reach).toBe(reach);
});

it("no pixel beyond the reach of a latent changes with it, and some just within it do", async () => {
  const engine = loadNodeEngine(1);
  const { decode, release } = await openDecoder(
    engine,
    await chooseBackend("wasm", engine),
    await must(fixtures, "small/vae/diffusion_pytorch_model.safetensors"),
    await must(fixtures, "small/graphs/vae_decoder.f32.onnx"),
  );
  const { reach, factor } = await factsOf("small");
  const latents = smoothLatents(4, 3, 24);
  const other = { ...latents, data: latents.data.map((z, i) => (i % 24 === 12 ? -z : z)) };
  const [a, b] = [await decode(latents), await decode(other)];
  await release();
  const far = [...a.data.entries()].flatMap(([i, value]) => {
    const column = Math.floor((i % (24 * factor)) / factor);
    return value === b.data[i] ? [] : [Math.abs(column - 12)];
  });
  expect(Math.max(...far)).toBeLessThanOrEqual(reach ?? 0);
  expect(Math.max(...far)).toBeGreaterThanOrEqual((reach ?? 0) - 2);
});

it.each([
  { _class_name: "ConsistencyDecoderVAE", block_out_channels: [320] },
  { _class_name: "AutoencoderKL" },
])("%j does not tell", (config) => {
  expect(decoderFacts(config)).toBeNull();
});
