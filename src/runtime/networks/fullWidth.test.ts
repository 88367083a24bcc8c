import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { bindWeights, parametersOf } from "../../checkpoint/graph/binding";
import { floatsToHalves } from "../../checkpoint/weights/dtype";
import { nodeModelFiles } from "../../cli/nodeFiles";
import { mountWeights, type ReaderOf } from "../ort/mountWeights";
import { loadNodeEngine } from "../ort/nodeEngine";
import { openSession } from "../ort/session";
import { must } from "../testing";

const inRepository = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const graphs = nodeModelFiles(inRepository("models/graphs"));
const blocks = nodeModelFiles(inRepository("src/runtime/__fixtures__/blocks"));
const engine = loadNodeEngine(2);

/** A prime number of halves in ±0.05. */
const PATTERN = floatsToHalves(Float32Array.from({ length: 65_537 }, (_, i) => Math.sin(i * i) / 20));

/** Halves that follow from where they stand, so that a file of 5 GB need not be anywhere. */
const halvesByPlace: ReaderOf = () => (begin, end) => {
  const halves = new Uint16Array((end - begin) / 2);
  for (let at = 0; at < halves.length; ) {
    const part = PATTERN.subarray((begin / 2 + at) % PATTERN.length).subarray(0, halves.length - at);
    halves.set(part, at);
    at += part.length;
  }
  return new Uint8Array(halves.buffer);
};

async function bytesOf(files: typeof graphs, path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await must(files, path)).arrayBuffer());
}

const zeros = (...dims: number[]) => ({ dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)) });
const waves = (...dims: number[]) => ({ dims, data: zeros(...dims).data.map((_, i) => Math.sin(i)) });

/** Latents of 16 x 8, which a block halves; one text of eight tokens. */
const FEEDS = { sample: waves(1, 4, 16, 8), timestep: { dims: [1], data: Float32Array.of(500) } };

it.each([
  ["sd1", 686, 1_719_041_928, [1, 320, 8, 4], { encoder_hidden_states: waves(1, 8, 768) }],
  [
    "sdxl",
    1680,
    5_134_927_368,
    [1, 640, 4, 2],
    { encoder_hidden_states: waves(1, 8, 2048), text_embeds: waves(1, 1280), time_ids: zeros(1, 6) },
  ],
])(
  "%s at full width: %i parameters in f16 are bound, and the first block with attention computes on the CPU",
  async (family, count, fileBytes, dims, text) => {
    const file = new Blob([]);
    let end = 0;
    const parameters = new Map(
      [...parametersOf("unet", await bytesOf(graphs, `${family}/unet.f32.onnx`))].map(([name, shape]) => {
        const begin = end;
        end += 2 * shape.reduce((a, b) => a * b, 1);
        return [name, { file, dtype: "F16", shape, begin, end, isTransposed: false }];
      }),
    );
    expect([parameters.size, end]).toEqual([count, fileBytes]);
    const bound = bindWeights("unet", await bytesOf(blocks, `${family}.onnx`), parameters);
    const { mounts, failure } = await mountWeights("unet", bound, { readerOf: halvesByPlace });
    const session = await openSession(
      engine,
      { kind: "wasm", report: { kind: "wasm", description: "", reason: null } },
      { name: "unet", model: bound.model, mounts, output: "host" },
    );
    try {
      const feeds = { ...FEEDS, ...text };
      const block = await session.run(
        Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputs.includes(name))),
      );
      expect(block.dims).toEqual(dims);
      const values = block.data as Float32Array;
      expect(values.every(Number.isFinite)).toBe(true);
      expect(new Set(values).size).toBeGreaterThan(values.length / 2);
      block.dispose();
    } finally {
      await session.release();
    }
    expect(failure()).toBeNull();
  },
  120_000,
);
