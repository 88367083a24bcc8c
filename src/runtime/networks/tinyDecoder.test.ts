import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { InferenceSession } from "onnxruntime-web";
import { afterEach, expect, it, vi } from "vitest";
import type { ModelFiles } from "../../checkpoint/modelFiles";
import { openSource } from "../../checkpoint/open";
import { nodeModelFiles } from "../../cli/nodeFiles";
import { type HostTensor, onHost } from "../../core/tensor";
import { chooseBackend } from "../device/device";
import { loadNodeEngine } from "../ort/nodeEngine";
import { Expected, folderOf, must, smallModel } from "../testing";
import { hostNetworkRunner } from "./networkRunner";
import { folderIn, openPreviewDecoder } from "./tinyDecoder";

const FIXTURES = new URL("../__fixtures__/", import.meta.url);
const fixtures = nodeModelFiles(fileURLToPath(FIXTURES));
const expected = await Expected.read(fixtures);
const engine = loadNodeEngine(2);
const backend = await chooseBackend("wasm", engine);
const { graphs } = smallModel(fixtures);
/** diffusers' AutoencoderTiny by itself, as its `save_pretrained` leaves it. */
const tiny = folderIn(fixtures, "small/vae");
const config = JSON.parse(readFileSync(new URL("small/vae/config.json", FIXTURES), "utf8"));

const open = (files: ModelFiles, latentChannels = 4) =>
  openPreviewDecoder({ files, graphs, engine, backend, runner: hostNetworkRunner, latentChannels });

/** The same decoder under another configuration. */
const configured = async (changes: object) =>
  folderOf({
    "config.json": { ...config, ...changes },
    "diffusion_pytorch_model.safetensors": await must(tiny, "diffusion_pytorch_model.safetensors"),
  });

afterEach(() => vi.restoreAllMocks());

it.each([config.scaling_factor, 1])(
  "decodes to what diffusers' AutoencoderTiny gives, within 1e-3, latents over its own scaling_factor (%s)",
  async (scale) => {
    const decoder = await open(await configured({ scaling_factor: scale }));
    const cases = expected.cases.filter(({ network }) => network === "vae_decoder");
    expect(cases).toHaveLength(2);
    for (const { inputs, outputs } of cases) {
      const { dims, data } = expected.floats(Object.values(inputs)[0] ?? expect.fail("no input"));
      const wanted = expected.floats(Object.values(outputs)[0] ?? expect.fail("no output"));
      const scaled: HostTensor = { dims, data: data.map((z) => z * scale) };
      const planes = onHost(await decoder.decode(scaled));
      expect(planes.dims).toEqual(wanted.dims);
      expect(relative(planes.data, wanted.data)).toBeLessThan(1e-3);
    }
    await decoder.dispose();
  },
);

it("gives its session back, and lies beside a model's own networks as well as by itself", async () => {
  const sessions = openSessions();
  const beside = {
    paths: tiny.paths.map((path) => `taesd/${path}`),
    open: (path: string) => tiny.open(path.slice(6)),
  };
  const decoder = await open(folderIn(beside, "taesd"));
  expect(sessions.count).toBe(1);
  await decoder.dispose();
  expect(sessions.count).toBe(0);
});

it.each<[string, object, number, RegExp]>([
  ["another class", { _class_name: "AutoencoderKL" }, 4, /^Wanted an AutoencoderTiny/],
  ["another number of channels", {}, 16, /latents of 16 channels, got one for 4\.$/],
  ["an unknown width", { decoder_block_out_channels: [8, 8, 8, 16] }, 4, /there is no graph for this one/],
])("refuses %s before anything is opened", async (_, changes, channels, message) => {
  const sessions = openSessions();
  const opening = open(await configured(changes), channels);
  await expect(opening).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringMatching(message),
  });
  expect(sessions.count).toBe(0);
});

it("by itself it is no model to draw with, and the refusal says what it is for", async () => {
  const nothing = { ...folderOf({}), names: [] };
  await expect(openSource(tiny, { graphs, published: nothing })).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringMatching(/^This is one network by itself.*previews/),
  });
});

it("refuses a size whose largest tensor is more than the device takes, and draws the next smaller one", async () => {
  const tensorBytes = 8 * 48 * 64 * 4; // 8 channels at full size, of 6 x 8 latents
  const decoder = await openPreviewDecoder({
    files: tiny,
    graphs,
    engine,
    backend,
    runner: hostNetworkRunner,
    latentChannels: 4,
    tensorBytes,
  });
  const latents = (height: number) => ({ dims: [1, 4, height, 8], data: new Float32Array(4 * height * 8) });
  await expect(decoder.decode(latents(7))).rejects.toMatchObject({ code: "out-of-memory" });
  expect((await decoder.decode(latents(6))).dims).toEqual([1, 3, 48, 64]);
  await decoder.dispose();
});

/** |a − b| over |b|, Euclidean. */
function relative(a: Float32Array, b: Float32Array): number {
  const norm = (of: (i: number) => number) => Math.sqrt(b.reduce((sum, _, i) => sum + of(i) ** 2, 0));
  return norm((i) => (a[i] ?? Number.NaN) - (b[i] ?? 0)) / norm((i) => b[i] ?? 0);
}

/** Counts sessions from outside, changing nothing. */
function openSessions(): { count: number } {
  const sessions = { count: 0 };
  const { InferenceSession: Sessions } = engine.ort;
  const prototype = Reflect.get(Sessions, "prototype") as InferenceSession;
  const { release } = prototype;
  const create = Sessions.create as (...args: unknown[]) => Promise<InferenceSession>;
  vi.spyOn(Sessions, "create").mockImplementation(async (...args: unknown[]) => {
    const session = await Reflect.apply(create, Sessions, args);
    sessions.count++;
    return session;
  });
  vi.spyOn(prototype, "release").mockImplementation(async function (this: InferenceSession) {
    await Reflect.apply(release, this, []);
    sessions.count--;
  });
  return sessions;
}
