import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { nodeModelFiles } from "../../cli/nodeFiles";
import { chooseBackend } from "../../runtime/device/device";
import { createNetworks } from "../../runtime/networks/diffusersNetworks";
import { mountWeights } from "../../runtime/ort/mountWeights";
import { loadNodeEngine } from "../../runtime/ort/nodeEngine";
import { deviations, Expected, smallFiles, smallModel } from "../../runtime/testing";
import { diffusersSource } from "../diffusersFolder";
import type { Binding, BoundGraph } from "../graph/binding";
import { loraEdits, readLora } from "./lora";

const fixtures = nodeModelFiles(fileURLToPath(new URL("../../runtime/__fixtures__/", import.meta.url)));
const expected = await Expected.read(fixtures);
const engine = loadNodeEngine(2);
const backend = await chooseBackend("wasm", engine);

/** A safetensors file of f32 tensors, by name: shape and numbers. */
function loraFile(tensors: Readonly<Record<string, readonly [readonly number[], readonly number[]]>>): Blob {
  const header: Record<string, unknown> = {};
  let bytes = 0;
  for (const [name, [shape, { length }]] of Object.entries(tensors)) {
    header[name] = { dtype: "F32", shape, data_offsets: [bytes, bytes + 4 * length] };
    bytes += 4 * length;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const numbers = Float32Array.from(Object.values(tensors).flatMap(([, values]) => values));
  return new Blob([BigUint64Array.of(BigInt(text.length)), text, numbers]);
}

/** A network of one f32 weight [2, 3] named a.weight: 1, 2, … 6. */
function network() {
  const file = new Blob([Float32Array.of(1, 2, 3, 4, 5, 6)]);
  const shape = [2, 3];
  const parameter = { file, dtype: "F32", shape, begin: 0, end: 24, isTransposed: false };
  const binding: Binding = { name: "a.weight", parameter, from: "F32", to: "F32", dims: shape, bytes: 24 };
  const bindings = new Map([["a.weight", binding]]);
  const bound: BoundGraph = { model: new Uint8Array(0), bindings, readBytes: 24, openBytes: 24 };
  return bound;
}

describe("against PyTorch", { timeout: 120_000 }, () => {
  it("[CK24] every linear and convolutional layer of a U-Net, in f32 within 1e-3", async () => {
    const bench = { engine, backend, fixtures, expected };
    const [merged] = Object.values(await deviations(bench, [expected.lora]));
    expect(merged).toBeLessThan(1e-3);
    const { lora, ...bare } = expected.lora;
    const [unmerged] = Object.values(await deviations(bench, [bare]));
    expect(lora).toBeDefined();
    expect(unmerged).toBeGreaterThan(0.1);
  });

  it("[CK24] the same with weights in f16, as far as that reaches", async () => {
    const bench = { engine, backend, fixtures, expected, precision: "f16" } as const;
    const [merged] = Object.values(await deviations(bench, [expected.lora]));
    expect(merged).toBeLessThan(2e-2);
  });
});

const DOWN = "unet.a.lora_A.weight";
const UP = "unet.a.lora_B.weight";
const GOOD = {
  [DOWN]: [
    [1, 3],
    [1, 0, 2],
  ],
  [UP]: [
    [2, 1],
    [10, 20],
  ],
} as const;

it("[CK25] adds s · up · down to the weight on its way", async () => {
  const bound = network();
  const edits = await loraEdits("unet", bound, await readLora(loraFile(GOOD), "l", "unet"), 0.5);
  expect([...edits.keys()]).toEqual(["a.weight"]);
  const { mounts } = await mountWeights("unet", bound, { edits });
  const { buffer } = mounts[0]?.data ?? expect.fail("nothing was mounted");
  expect([...new Float32Array(buffer)]).toEqual([6, 2, 13, 14, 5, 26]);
});

it.each([
  ["a tensor of another kind", { "unet.a.alpha": [[1], [4]] }, "unsupported", /got unet\.a\.alpha\.$/],
  [
    "another network",
    {
      "text_encoder.a.lora_A.weight": [
        [1, 3],
        [1, 2, 3],
      ],
    },
    "unsupported",
    /text_encoder/,
  ],
  ["half of a change", { [DOWN]: GOOD[DOWN] }, "model-corrupt", /a\.weight.*lora_B is missing/],
] as const)("[CK26] refuses %s in a sentence", async (_, tensors, code, message) => {
  const reading = readLora(loraFile(tensors), "l", "unet");
  await expect(reading).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

it.each([
  [
    "a parameter that the network has not",
    { "unet.b.lora_A.weight": GOOD[DOWN], "unet.b.lora_B.weight": GOOD[UP] },
    "unsupported",
    /unet has no b\.weight/,
  ],
  [
    "factors of two ranks",
    {
      ...GOOD,
      [UP]: [
        [2, 2],
        [1, 2, 3, 4],
      ],
    },
    "model-corrupt",
    /\[2, 3\].*got \[1, 3\] and \[2, 2\]/,
  ],
  [
    "a factor of another width",
    {
      ...GOOD,
      [DOWN]: [
        [1, 2],
        [1, 2],
      ],
    },
    "model-corrupt",
    /got \[1, 2\]/,
  ],
  ["rank 0", { [DOWN]: [[0, 3], []], [UP]: [[2, 0], []] }, "model-corrupt", /got \[0, 3\]/],
] as const)("[CK26] refuses %s in a sentence", async (_, tensors, code, message) => {
  const merging = loraEdits("unet", network(), await readLora(loraFile(tensors), "l", "unet"), 1);
  await expect(merging).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

it("[CK26] one that is not there says so, leaves the model as it was, and may be asked for again", async () => {
  const path = "few_step/pytorch_lora_weights.safetensors";
  const { graphs } = smallModel(fixtures);
  const { paths, open } = smallFiles(fixtures);
  let isThere = false;
  const source = diffusersSource({
    paths,
    open: async (wanted) => (wanted === path && !isThere ? null : open(wanted)),
  });
  const networks = await createNetworks({ source, graphs, engine, backend });
  await expect(networks.withLora(path)).rejects.toMatchObject({ code: "model-missing" });
  isThere = true;
  await expect(networks.withLora(path)).resolves.toBeDefined();
  await networks.dispose();
});
