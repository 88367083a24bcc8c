import type { InferenceSession } from "onnxruntime-web";
import { afterEach, describe, expect, it, vi } from "vitest";
import { onHost } from "../../core/tensor";
import { asTimestep } from "../../core/units";
import type { DeviceTensor, Embeddings, EncoderText, UnetExtras } from "../../pipeline/ports";
import { type Backend, chooseBackend } from "../device/device";
import type { GuidanceBatch } from "../memory/batching";
import { loadNodeEngine } from "../ort/nodeEngine";
import { tinyXl } from "../testingXl";
import { createNetworks } from "./diffusersNetworks";

const engine = loadNodeEngine(1);
const backend = await chooseBackend("wasm", engine);
const dataOf = (tensor: DeviceTensor | undefined) => onHost(tensor ?? expect.fail("no prediction")).data;

const open = async (guidanceBatch: GuidanceBatch = "joined", budgetBytes = Number.POSITIVE_INFINITY) =>
  createNetworks({ ...(await tinyXl()), engine, backend, guidanceBatch, budgetBytes });

const text = (first: readonly number[], second: readonly number[], end: number): readonly EncoderText[] => [
  { ids: Int32Array.from(first), end: 0 },
  { ids: Int32Array.from(second), end },
];
const PROMPT = text([1, 2], [3, 4], 1);
const T = asTimestep(1);
const EXTRAS: UnetExtras = { timeIds: [1, 2, 3, 4, 5, 6], timestepCond: null };
const latents = { dims: [1, 4, 1, 2], data: new Float32Array(8) };

/** Tables hold 0, 1, 2, … row by row. */
const HIDDEN = 2 + 3 + (4 + 5) + (9 + 10 + 11) + (12 + 13 + 14);
const EMBEDS = 1e3 * (4 + 5 + 6 + 7);
const IDS = 1e5 * 21;

afterEach(() => vi.restoreAllMocks());

describe("two text encoders", () => {
  it.each<GuidanceBatch>(["joined", "separate"])(
    "penultimate states joined by width, the vector of the whole text at its end, and sizes, %s",
    async (guidanceBatch) => {
      const networks = await open(guidanceBatch);
      const prompt = await networks.encode(PROMPT);
      const other = await networks.encode(text([1, 2], [3, 4], 0));
      expect(prompt.tokens).toBe(2);
      const [a, b] = await networks.predict(latents, T, [prompt, other], EXTRAS);
      expect([...new Set(dataOf(a))]).toEqual([HIDDEN + EMBEDS + IDS]);
      expect([...new Set(dataOf(b))]).toEqual([HIDDEN + 1e3 * (0 + 1 + 2 + 3) + IDS]);
      await networks.dispose();
    },
  );

  it("are joined in each token, not one behind the other", async () => {
    const networks = await open();
    const prompt = await networks.encode(PROMPT);
    const tensor: unknown = Reflect.get(prompt, "tensor");
    expect(tensor).toMatchObject({
      dims: [1, 2, 5],
      data: Float32Array.of(2, 3, 9, 10, 11, 4, 5, 12, 13, 14),
    });
    await networks.dispose();
  });

  it("zeros are as long as the text, and nothing of it is in them", async () => {
    const networks = await open();
    const prompt = await networks.encode(PROMPT);
    const nothing = await networks.zeros(prompt);
    prompt.dispose();
    expect(nothing.tokens).toBe(2);
    const [only] = await networks.predict(latents, T, [nothing], EXTRAS);
    expect([...new Set(dataOf(only))]).toEqual([IDS]);
    await networks.dispose();
  });

  it("want a text each, of one length; and the U-Net its extras", async () => {
    const networks = await open();
    const [first] = PROMPT;
    await expect(networks.encode(first ? [first] : [])).rejects.toMatchObject({ code: "internal" });
    await expect(networks.encode(text([1], [1, 2], 0))).rejects.toMatchObject({ code: "internal" });
    const prompt = await networks.encode(PROMPT);
    const message = "unet: input time_ids: wanted float32 [batch, 6], got nothing.";
    const plain = { timeIds: null, timestepCond: null };
    await expect(networks.predict(latents, T, [prompt], plain)).rejects.toMatchObject({
      code: "bad-request",
      message,
    });
    await networks.dispose();
  });
});

describe("where memory is short", () => {
  /** Names of networks opened from now on, by the parameters that they ask for. */
  function watch() {
    const opened: string[] = [];
    const { InferenceSession: Sessions } = engine.ort;
    const create = Sessions.create as (...args: unknown[]) => Promise<InferenceSession>;
    vi.spyOn(Sessions, "create").mockImplementation(async (...args: unknown[]) => {
      const session = await Reflect.apply(create, Sessions, args);
      opened.push(session.inputNames.join());
      return session;
    });
    return () => opened.splice(0).map((inputs) => inputs.split(",")[0]);
  }

  it("encoders are evicted, come back for a new prompt only, and nothing else changes", async () => {
    const taken = watch();
    // 80 + 200 bytes of encoders, 4 of the U-Net, 4 of the decoder: the larger encoder leaves no memory for the smaller one.
    const networks = await open("joined", 210);
    expect(taken()).toEqual(["input_ids"]);
    const drawn = async (prompt: readonly EncoderText[]) => {
      const embeddings: Embeddings = await networks.encode(prompt);
      const [predicted] = await networks.predict(latents, T, [embeddings], EXTRAS);
      await networks.decode(latents);
      embeddings.dispose();
      return dataOf(predicted)[0];
    };
    expect(await drawn(PROMPT)).toBe(HIDDEN + EMBEDS + IDS);
    expect(taken()).toEqual(["input_ids", "sample", "latent_sample"]);
    expect(await drawn(PROMPT)).toBe(HIDDEN + EMBEDS + IDS);
    expect(taken()).toEqual([]);
    expect(await drawn(text([1, 2], [3, 4], 0))).toBe(HIDDEN + 6e3 + IDS);
    expect(taken()).toEqual(["input_ids", "input_ids"]);
    await networks.dispose();
  });
});

it("an autoencoder that says it overflows gets its f32 graph where all others get f16", async () => {
  const { source, graphs } = await tinyXl();
  const asked: string[] = [];
  const open = (path: string) => {
    asked.push(path);
    return graphs.open(path);
  };
  // There is no GPU here, so the first session fails; by then all graphs were chosen.
  const gpu = { hasF16: true, check: () => undefined, checkAfterError: async () => undefined, device: {} };
  const halfGpu = { kind: "webgpu", report: backend.report, gpu } as unknown as Backend;
  await expect(
    createNetworks({ source, graphs: { ...graphs, open }, engine, backend: halfGpu }),
  ).rejects.toThrow();
  expect(asked.filter((path) => path.endsWith(".onnx"))).toEqual([
    "xl/text_encoder.f16.onnx",
    "xl/text_encoder_2.f16.onnx",
    "xl/unet.f16.onnx",
    "xl/vae_decoder.f32.onnx",
  ]);
});
