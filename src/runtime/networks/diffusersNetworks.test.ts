import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { nodeModelFiles } from "../../cli/nodeFiles";
import { type HostTensor, onHost } from "../../core/tensor";
import { asTimestep } from "../../core/units";
import { chooseBackend } from "../device/device";
import type { GuidanceBatch } from "../memory/batching";
import { loadNodeEngine } from "../ort/nodeEngine";
import type { HostInput } from "../ort/tensors";
import { deviations, Expected, maxDifference, PLAIN, smallModel, textOf } from "../testing";
import { createNetworks } from "./diffusersNetworks";
import { openModel } from "./load";

const FIXTURES = new URL("../__fixtures__/", import.meta.url);
const fixtures = nodeModelFiles(fileURLToPath(FIXTURES));
const expected = await Expected.read(fixtures);
const engine = loadNodeEngine(2);
const backend = await chooseBackend("wasm", engine);
const { endToEnd } = expected;
const latents = expected.floats(endToEnd.initialLatents);
const prompt = textOf(endToEnd.promptIds);
const negative = textOf(endToEnd.negativePromptIds);
const T = asTimestep(999);

const openSmall = (guidanceBatch: GuidanceBatch = "joined") =>
  createNetworks({ ...smallModel(fixtures), engine, backend, guidanceBatch });

// Every network is opened and run eleven times over; on a busy machine that is not done in a moment.
describe("against PyTorch", { timeout: 120_000 }, () => {
  const small = { engine, backend, fixtures, expected };

  it("every network in every dtype, size and text length, within 1e-3", async () => {
    const found = Object.entries(await deviations(small, expected.cases));
    expect(found.map(([name]) => name).join("\n")).toMatch(
      /bf16.*\n.*unet.*\n.*unet.*\n.*unet.*\n.*vae_decoder(.*\n)*.*prompt_match.*\n.*prompt_match/,
    );
    for (const [name, difference] of found) expect(difference, name).toBeLessThan(1e-3);
  });

  it("the same in the graphs that compute in float16, as far as that reaches", async () => {
    // The CPU can run the graphs that are meant for a GPU with shader-f16, slowly.
    const found = Object.entries(await deviations({ ...small, precision: "f16" }, expected.cases));
    expect(found).toHaveLength(expected.cases.length);
    for (const [name, difference] of found) expect(difference, name).toBeLessThan(2e-2);
  });

  it("decodes latents over the scaling factor of the model's own config", async () => {
    const one = expected.cases.find(({ network }) => network === "vae_decoder") ?? expect.fail("no case");
    const networks = await openSmall();
    const [input] = Object.values(one.inputs);
    const [output] = Object.values(one.outputs);
    const { dims, data } = expected.floats(input ?? expect.fail("no input"));
    const scale = JSON.parse(readFileSync(new URL("small/vae/config.json", FIXTURES), "utf8")).scaling_factor;
    const scaled: HostTensor = { dims, data: data.map((z) => z * scale) };
    const planes = onHost(await networks.decode(scaled));
    expect(maxDifference(planes.data, expected.floats(output ?? expect.fail("no output")).data)).toBeLessThan(
      1e-3,
    );
    await networks.dispose();
  });
});

it("the prompt match of a picture and a text: the same answer each time, another for other words", async () => {
  const networks = await openSmall();
  const match = networks.promptMatch ?? expect.fail("no prompt match");
  expect(match.sidePx).toBe(32);
  const pixels = expected.cases.find(({ network }) => network === "prompt_match")?.inputs["pixels"];
  const { data } = expected.floats(pixels ?? expect.fail("no case"));
  const picture = { dims: [1, 3, 32, 32], data: data.slice(0, 3 * 32 * 32) };
  const [a, b] = [await networks.encode(prompt), await networks.encode(negative)];
  const first = await match.cosine(picture, a, 6);
  expect(Math.abs(first)).toBeLessThanOrEqual(1);
  expect(await match.cosine(picture, a, 6)).toBe(first);
  expect(await match.cosine(picture, b, 2)).not.toBeCloseTo(first, 3);
  await networks.dispose();
  await expect(match.cosine(picture, a, 6)).rejects.toMatchObject({ code: "internal" });
});

describe("guidance", () => {
  it("one batch of two texts predicts what two passes do", async () => {
    const predict = async (guidanceBatch: GuidanceBatch) => {
      const networks = await openSmall(guidanceBatch);
      const texts = [await networks.encode(negative), await networks.encode(prompt)];
      const predictions = await networks.predict(latents, T, texts, PLAIN);
      await networks.dispose();
      expect(predictions.map(({ dims }) => dims)).toEqual([latents.dims, latents.dims]);
      return predictions.map((each) => onHost(each).data);
    };
    const [joined, separate] = [await predict("joined"), await predict("separate")];
    for (const row of [0, 1]) expect(maxDifference(at(joined, row), at(separate, row))).toBeLessThan(1e-5);
    expect(maxDifference(at(joined, 0), at(joined, 1))).toBeGreaterThan(1e-2);
  });

  it("texts of unlike lengths go through one by one, in their order", async () => {
    const networks = await openSmall();
    const texts = [
      await networks.encode(prompt),
      await networks.encode(textOf(endToEnd.promptIds.slice(0, 20))),
    ];
    const together = await networks.predict(latents, T, texts, PLAIN);
    for (const [i, text] of texts.entries()) {
      expect(await networks.predict(latents, T, [text], PLAIN)).toEqual([together[i]]);
    }
    await networks.dispose();
  });
});

describe("refusals", () => {
  it.each([
    [[1, 3, 6, 4], "unet: input sample: wanted float32 [batch, 4, height, width], got float32 [1, 3, 6, 4]."],
    [[4, 6, 4], "unet: input sample: wanted float32 [batch, 4, height, width], got float32 [1, 6, 4]."],
  ])("latents of %j are refused in one sentence", async (dims, message) => {
    const networks = await openSmall();
    const text = await networks.encode(prompt);
    const wrong = { dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)) };
    await expect(networks.predict(wrong, T, [text], PLAIN)).rejects.toMatchObject({
      code: "bad-request",
      message,
    });
    await networks.dispose();
  });

  it.each<[string, Record<string, HostInput>, string]>([
    ["a stranger", { ids: ints([1, 4]) }, "text_encoder has no input ids, only input_ids."],
    ["nothing", {}, "text_encoder: input input_ids: wanted int32 [batch, tokens], got nothing."],
    [
      "another dtype",
      { input_ids: { dims: [1, 4], data: new Float32Array(4) } },
      "text_encoder: input input_ids: wanted int32 [batch, tokens], got float32 [1, 4].",
    ],
    [
      "another rank",
      { input_ids: ints([4]) },
      "text_encoder: input input_ids: wanted int32 [batch, tokens], got int32 [4].",
    ],
  ])("%s where ids belong is refused in one sentence", async (_, feeds, message) => {
    const { networks } = await openModel({ ...smallModel(fixtures), engine, backend });
    const refused = expect.objectContaining({ code: "bad-request", message });
    await expect(networks.use("text_encoder", (it) => it.run(feeds))).rejects.toEqual(refused);
    await networks.close();
  });

  it("dimensions of one name must agree across inputs", async () => {
    const { networks } = await openModel({ ...smallModel(fixtures), engine, backend });
    const feeds = {
      sample: floats([2, 4, 6, 4]),
      timestep: floats([1]),
      encoder_hidden_states: floats([2, 77, 32]),
    };
    const message = "unet: input timestep: wanted float32 [batch], got float32 [1].";
    await expect(networks.use("unet", (it) => it.run(feeds))).rejects.toEqual(
      expect.objectContaining({ code: "bad-request", message }),
    );
    await networks.close();
  });

  it("embeddings that were disposed, or are another model's, are refused", async () => {
    const [one, other] = [await openSmall(), await openSmall()];
    const text = await one.encode(prompt);
    await expect(other.predict(latents, T, [text], PLAIN)).rejects.toMatchObject({ code: "internal" });
    text.dispose();
    text.dispose();
    await expect(one.predict(latents, T, [text], PLAIN)).rejects.toMatchObject({ code: "internal" });
    await Promise.all([one.dispose(), other.dispose()]);
  });
});

function at<T>(list: readonly T[], index: number): T {
  return list[index] ?? expect.fail(`nothing at ${index}`);
}

function floats(dims: readonly number[]) {
  return { dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)) };
}

function ints(dims: readonly number[]) {
  return { dims, data: new Int32Array(dims.reduce((a, b) => a * b, 1)) };
}
