import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson } from "../../../checkpoint/json";
import { nodeModelFiles } from "../../../cli/nodeFiles";
import { Failure } from "../../../core/failure";
import type { HostTensor } from "../../../core/tensor";
import { chooseBackend } from "../../device/device";
import { loadNodeEngine } from "../../ort/nodeEngine";
import { maxDifference, must } from "../../testing";
import { bareTiles, type Decoder, openDecoder, seamOf, smoothLatents } from "./testing";
import { decodeTiled } from "./tiledDecode";
import { largestBytes, type TilePlan, tilePlan } from "./tilePlan";

const fixtures = nodeModelFiles(fileURLToPath(new URL("../../__fixtures__", import.meta.url)));
const engine = loadNodeEngine(2);
const backend = await chooseBackend("wasm", engine);

/** A decoder that is no network: every latent becomes a square of pixels. */
async function enlarged({ dims: [n = 1, c = 1, h = 1, w = 1], data }: HostTensor): Promise<HostTensor> {
  const [height, width] = [2 * h, 2 * w];
  const pixels = new Float32Array(n * c * height * width).map((_, i) => {
    const [x, y, plane] = [i % width, Math.floor(i / width) % height, Math.floor(i / (width * height))];
    return data[(plane * h + Math.floor(y / 2)) * w + Math.floor(x / 2)] ?? Number.NaN;
  });
  return { dims: [n, c, height, width], data: pixels };
}

const sizes = fc.record({
  config: fc.constantFrom(
    { _class_name: "AutoencoderTiny", decoder_block_out_channels: [8], num_decoder_blocks: [3] },
    { _class_name: "AutoencoderKL", block_out_channels: [8] },
  ),
  height: fc.integer({ min: 1, max: 40 }),
  width: fc.integer({ min: 1, max: 40 }),
  limitBytes: fc.integer({ min: 8 * 16 * 16 * 4, max: 40_000 }),
});

it("every pixel comes out where it belongs, and the weights of all tiles at a pixel sum to exactly 1", async () => {
  await fc.assert(
    fc.asyncProperty(sizes, async ({ config, height, width, limitBytes }) => {
      const latents = smoothLatents(3, height, width);
      const plan = tilePlan(config, latents.dims, 4, limitBytes);
      fc.pre(plan !== null);
      const [tiled, whole] = [await decodeTiled(latents, plan, enlarged), await enlarged(latents)];
      expect(tiled.dims).toEqual(whole.dims);
      expect(maxDifference(tiled.data, whole.data)).toBe(0);
    }),
    { numRuns: 100 },
  );
});

it("decodes one tile after another, each of the plan's size", async () => {
  const latents = smoothLatents(4, 20, 30);
  const plan = bareTiles(10, 15);
  let running = 0;
  const seen: (readonly number[])[] = [];
  await decodeTiled(latents, plan, async (tile) => {
    expect(++running).toBe(1);
    seen.push(tile.dims);
    const planes = await enlarged(tile);
    running--;
    return planes;
  });
  expect(seen).toEqual(new Array(4).fill([1, 4, 10, 15]));
});

it("fails as a tile fails, and refuses planes that are no multiple of it", async () => {
  const failure = new Failure("out-of-memory", "no memory");
  const latents = smoothLatents(4, 20, 30);
  await expect(decodeTiled(latents, bareTiles(10, 15), () => Promise.reject(failure))).rejects.toBe(failure);
  const odd = async () => ({ dims: [1, 3, 80, 100], data: new Float32Array(3 * 80 * 100) });
  await expect(decodeTiled(latents, bareTiles(10, 15), odd)).rejects.toMatchObject({
    code: "internal",
    message: "Wanted planes of so many pixels for each of 15 latents, got [1, 3, 80, 100].",
  });
});

/** How a decoder of the fixtures decodes latents whole, in the tiles that a limit asks for, and in bare ones. */
async function decoded(
  open: () => Promise<Decoder>,
  latents: HostTensor,
  plans: readonly TilePlan[],
): Promise<{ whole: HostTensor; tiled: readonly HostTensor[] }> {
  const { decode, release } = await open();
  try {
    const whole = await decode(latents);
    const tiled: HostTensor[] = [];
    for (const plan of plans) tiled.push(await decodeTiled(latents, plan, decode));
    return { whole, tiled };
  } finally {
    await release();
  }
}

async function openFixture(weights: string, graph: string): Promise<Decoder> {
  return openDecoder(engine, backend, await must(fixtures, weights), await must(fixtures, graph));
}

/** The plan where a tensor may take so much of what the largest of the whole takes. */
async function planFor(config: string, { dims }: HostTensor, part: number): Promise<TilePlan> {
  const description = parseJson(config, await (await must(fixtures, config)).text());
  const bytes = largestBytes(description, dims, 4) ?? expect.fail("no facts");
  return tilePlan(description, dims, 4, part * bytes) ?? expect.fail("no plan");
}

const counts = ({ rows, columns }: TilePlan) => [rows.length, columns.length];

// Tiles without overlap are decoded too, so that it is known what a seam looks like to the tests: steps of 6 and 12, where ours are 0.002 and 0.05.
describe("no seam", { timeout: 60_000 }, () => {
  const tiny = () =>
    openFixture("small/vae/diffusion_pytorch_model.safetensors", "small/graphs/vae_decoder.f32.onnx");
  const kl = () => openFixture("kl/diffusion_pytorch_model.safetensors", "kl/vae_decoder.f32.onnx");

  it("AutoencoderTiny: tiles that share all that they look at are the whole, within 1e-4", async () => {
    const latents = smoothLatents(4, 40, 44);
    const plan = await planFor("small/vae/config.json", latents, 0.49);
    const { whole, tiled } = await decoded(tiny, latents, [plan]);
    expect(counts(plan)).toEqual([2, 2]);
    expect(maxDifference(tiled[0]?.data ?? new Float32Array(), whole.data)).toBeLessThan(1e-4);
  });

  it("AutoencoderTiny: tiles too small for that are the whole within 2/255, and step no more than it", async () => {
    const latents = smoothLatents(4, 20, 36);
    const plan = await planFor("small/vae/config.json", latents, 0.5);
    expect(counts(plan)).toEqual([1, 3]);
    const bare = bareTiles(10, 18);
    const { whole, tiled } = await decoded(tiny, latents, [plan, bare]);
    const [good = whole, bad = whole] = tiled;
    expect(maxDifference(good.data, whole.data)).toBeLessThan(2 / 127.5);
    expect(seamOf(good, whole, plan).step).toBeLessThan(0.02);
    expect(seamOf(bad, whole, bare).step).toBeGreaterThan(2);
  });

  it("AutoencoderKL: where tiles meet, the picture errs and steps no more than elsewhere", async () => {
    const bytes = await (await must(fixtures, "kl/latents.bin")).arrayBuffer();
    const latents = { dims: [1, 8, 20, 28], data: new Float32Array(bytes) };
    const plan = await planFor("kl/config.json", latents, 0.5);
    expect(counts(plan)).toEqual([2, 2]);
    const bare = bareTiles(10, 14);
    const { whole, tiled } = await decoded(kl, latents, [plan, bare]);
    const [good = whole, bad = whole] = tiled;
    const [seam, seen] = [seamOf(good, whole, plan), seamOf(bad, whole, bare)];
    expect(seam.error).toBeLessThan(0.7);
    expect(seam.step).toBeLessThan(0.1);
    expect(seen.error).toBeGreaterThan(3);
    expect(seen.step).toBeGreaterThan(3);
  });
});
