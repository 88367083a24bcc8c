import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { InferenceSession } from "onnxruntime-web";
import { afterEach, describe, expect, it, vi } from "vitest";
import { onnxSource } from "../../../checkpoint/onnx/onnxSource";
import {
  type DialectLike,
  filesOf,
  folderOf,
  POOLED,
  PUBLISHED,
  VAE,
  WIDTH,
  wordValue,
} from "../../../checkpoint/onnx/testing";
import { BREADTH, DIALECTS, HEIGHT } from "../../../checkpoint/onnx/testingDialects";
import { nodeModelFiles, nodeReaderOf } from "../../../cli/nodeFiles";
import { type HostTensor, onHost } from "../../../core/tensor";
import { asTimestep } from "../../../core/units";
import type { DeviceTensor, UnetExtras } from "../../../pipeline/ports";
import { chooseBackend } from "../../device/device";
import type { GuidanceBatch } from "../../memory/batching";
import { loadNodeEngine } from "../../ort/nodeEngine";
import type { LoadedNetworks } from "../diffusersNetworks";
import { createOnnxNetworks } from "./onnxNetworks";

const engine = loadNodeEngine(1);
const backend = await chooseBackend("wasm", engine);
const NONE: UnetExtras = { timeIds: null, timestepCond: null };
const IDS = [Int32Array.from({ length: 77 }, (_, i) => i), Int32Array.from({ length: 77 }, (_, i) => 5 * i)];

type Folder = Readonly<Record<string, Uint8Array<ArrayBuffer> | object>>;

const open = async (folder: Folder, guidanceBatch: GuidanceBatch = "joined", tensorBytes?: number) => {
  const source = await onnxSource(filesOf({ ...VAE, ...folder }), PUBLISHED);
  const limit = tensorBytes === undefined ? {} : { tensorBytes };
  return createOnnxNetworks({ source, engine, backend, guidanceBatch, ...limit });
};

/** [1, 4, h, w] of numbers that a float16 holds. */
function latentsOf(height: number, width: number): HostTensor {
  const data = Float32Array.from({ length: 4 * height * width }, (_, i) => (i % 32) / 16 - 1);
  return { dims: [1, 4, height, width], data };
}

const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
const places = (width: number) => Array.from({ length: width }, (_, i) => i);
/** The mean of what the text encoder says of a text. */
const meanOf = (ids: Int32Array, width: number) =>
  mean(Array.from(ids, (id) => mean(places(width).map((i) => wordValue(id, i)))));

/** The U-Net of this test predicts the sum of sample/2, timestep/1000 and the rest. */
function expectPrediction(prediction: DeviceTensor | undefined, latents: HostTensor, rest: number): void {
  const got = prediction && onHost(prediction);
  expect(got?.dims).toEqual(latents.dims);
  const difference = (value: number, i: number) => Math.abs(value - ((latents.data[i] ?? 0) / 2 + rest));
  expect(Math.max(...(got?.data ?? []).map(difference))).toBeLessThan(2e-3);
}

const textsOf = (networks: LoadedNetworks, encoders = 1) =>
  Promise.all(IDS.map((ids) => networks.encode(new Array(encoders).fill({ ids, end: 76 }))));

afterEach(() => vi.restoreAllMocks());

describe("every dialect draws the same", () => {
  it.each(DIALECTS)("%s", async (_, dialect) => {
    const networks = await open(folderOf(dialect));
    const texts = await textsOf(networks);
    const latents = latentsOf(HEIGHT, BREADTH);
    const predictions = await networks.predict(latents, asTimestep(500), texts, NONE);
    for (const [i, ids] of IDS.entries()) expectPrediction(predictions[i], latents, 0.5 + meanOf(ids, WIDTH));
    const [alone] = await networks.predict(latents, asTimestep(500), texts.slice(1), NONE);
    expect(alone).toEqual(predictions[1]);
    const { dims, data } = onHost(await networks.decode(latents));
    expect(dims).toEqual([1, 3, 8 * HEIGHT, 8 * BREADTH]);
    // Over the scaling factor of the folder's own vae_decoder/config.json; the second number of the first row.
    expect(data[8]).toBeCloseTo((latents.data[1] ?? 0) / 0.5, 3);
    await networks.dispose();
  });

  it.each<GuidanceBatch>(["joined", "separate"])("guidance %s", async (guidanceBatch) => {
    const runs = countRuns();
    const networks = await open(folderOf(), guidanceBatch);
    const texts = await textsOf(networks);
    const before = runs();
    await networks.predict(latentsOf(2, 3), asTimestep(1), texts, NONE);
    expect(runs() - before).toBe(guidanceBatch === "joined" ? 1 : 2);
    await networks.dispose();
  });

  it("a folder on a disk, its weights in the graphs", async () => {
    const folder = mkdtempSync(join(tmpdir(), "onnx-"));
    for (const [path, bytes] of Object.entries(folderOf())) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
    const source = await onnxSource(nodeModelFiles(folder), PUBLISHED);
    const networks = await createOnnxNetworks({ source, engine, backend, readerOf: nodeReaderOf });
    const texts = await textsOf(networks);
    const latents = latentsOf(2, 2);
    const [prediction] = await networks.predict(latents, asTimestep(100), texts.slice(0, 1), NONE);
    expectPrediction(prediction, latents, 0.1 + meanOf(IDS[0] ?? new Int32Array(), WIDTH));
    await networks.dispose();
    rmSync(folder, { recursive: true });
  });

  it("a decode whose largest tensor is more than may be is done in tiles, but for a decoder of one size", async () => {
    const runs = countRuns();
    const [height, width] = [20, 24];
    const latents = latentsOf(height, width);
    const decode = async (dialect: DialectLike, part: number) => {
      const largest = 4 * 8 * 64 * height * width; // 8 channels of 8 x 8 pixels a latent
      const networks = await open(folderOf(dialect), "joined", part * largest);
      const before = runs();
      const planes = onHost(await networks.decode(latents));
      await networks.dispose();
      return { planes, runs: runs() - before };
    };
    const whole = await decode({}, 1);
    expect(whole.runs).toBe(1);
    expect(await decode({}, 0.9)).toEqual({ planes: whole.planes, runs: 2 });
    const pinned = ["latent_sample", "float32", [1, 4, height, width]] as const;
    expect(await decode({ latents: pinned }, 0.9)).toEqual(whole);
  });

  it("whole timesteps are the nearest ones", async () => {
    const networks = await open(folderOf());
    const texts = await textsOf(networks);
    const latents = latentsOf(2, 2);
    const [prediction] = await networks.predict(latents, asTimestep(957.6), texts.slice(0, 1), NONE);
    expectPrediction(prediction, latents, 0.958 + meanOf(IDS[0] ?? new Int32Array(), WIDTH));
    await networks.dispose();
  });

  it("two text encoders: states before the last layer by width, the whole text's vector, size and nothing", async () => {
    const networks = await open(folderOf({ isTwo: true }));
    const texts = await textsOf(networks, 2);
    const [prompted] = texts;
    if (!prompted) return expect.fail("no text");
    const zeros = await networks.zeros(prompted);
    const latents = latentsOf(4, 2);
    const timeIds = [64, 96, 0, 0, 64, 96];
    const extras = { timeIds, timestepCond: null };
    const [first, nothing] = await networks.predict(latents, asTimestep(100), [prompted, zeros], extras);
    const ids = IDS[0] ?? new Int32Array();
    expectPrediction(first, latents, 0.1 + meanOf(ids, WIDTH) + meanOf(ids, POOLED) + mean(timeIds));
    expectPrediction(nothing, latents, 0.1 + mean(timeIds));
    await networks.dispose();
  });

  it.each([
    ["batch_size", 256],
    ["batch_size", "cond"],
  ])("the guidance embedding of %j", async (...guidance) => {
    const networks = await open(folderOf({ guidance }));
    const [text] = await textsOf(networks);
    if (!text) return expect.fail("no text");
    const latents = latentsOf(2, 2);
    const timestepCond = new Float32Array(256).fill(0.25);
    const [prediction] = await networks.predict(latents, asTimestep(0), [text], {
      timeIds: null,
      timestepCond,
    });
    expectPrediction(prediction, latents, 0.25 + meanOf(IDS[0] ?? new Int32Array(), WIDTH));
    await expect(networks.predict(latents, asTimestep(0), [text], NONE)).rejects.toMatchObject({
      message: expect.stringMatching(
        /^unet input `timestep_cond` wants float32\[batch_size, .*\], and there is none/,
      ),
    });
    await networks.dispose();
  });
});

function prototypeOf(): InferenceSession {
  return Reflect.get(engine.ort.InferenceSession, "prototype") as InferenceSession;
}

function countRuns(): () => number {
  const spy = vi.spyOn(prototypeOf(), "run");
  return () => spy.mock.calls.length;
}
