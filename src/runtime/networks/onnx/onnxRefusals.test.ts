import type { InferenceSession } from "onnxruntime-web";
import { afterEach, describe, expect, it, vi } from "vitest";
import { onnxSource } from "../../../checkpoint/onnx/onnxSource";
import { type DialectLike, filesOf, folderOf, PUBLISHED, VAE } from "../../../checkpoint/onnx/testing";
import { BREADTH, DIALECTS, HEIGHT } from "../../../checkpoint/onnx/testingDialects";
import type { HostTensor } from "../../../core/tensor";
import { asTimestep } from "../../../core/units";
import { chooseBackend, type WatchedDevice } from "../../device/device";
import { loadNodeEngine } from "../../ort/nodeEngine";
import { createOnnxNetworks } from "./onnxNetworks";

const engine = loadNodeEngine(1);
const backend = await chooseBackend("wasm", engine);

type Folder = Readonly<Record<string, Uint8Array<ArrayBuffer> | object>>;

const open = async (folder: Folder) => {
  const source = await onnxSource(filesOf({ ...VAE, ...folder }), PUBLISHED);
  return createOnnxNetworks({ source, engine, backend });
};

function latentsOf(height: number, width: number): HostTensor {
  return { dims: [1, 4, height, width], data: new Float32Array(4 * height * width) };
}

afterEach(() => vi.restoreAllMocks());

describe("refusals", () => {
  it.each<[string, DialectLike, string]>([
    [
      "a dtype",
      { timestep: ["timestep", "float32", [2, 2]] },
      "unet input `timestep` wants float32[2, 2]; what there is",
    ],
    [
      "a batch",
      { sample: ["sample", "float32", [2, 4, HEIGHT, BREADTH]], timestep: ["timestep", "int64", [3]] },
      "unet wants float32[2, 4, 6, 4] as sample, but int64[3] as timestep.",
    ],
    [
      "a stranger",
      { guidance: ["batch_size", "", ""] },
      "unet input `timestep_cond` wants float32[batch_size, ?, ?]; what there is",
    ],
    [
      "two texts and one encoder",
      { isTwo: true, files: (name) => (name.endsWith("2") ? "lost.bin" : `${name}.onnx`) },
      "unet input `text_embeds` wants",
    ],
  ])("%s that cannot be had, in one sentence", async (_, dialect, message) => {
    const folder = { "unet/config.json": { in_channels: 4 }, ...folderOf(dialect) };
    await expect(open(folder)).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining(message),
    });
  });

  it("a size, or a number of tokens, that a pinned graph does not have", async () => {
    const networks = await open(folderOf(DIALECTS.find(([name]) => name.includes("pinned"))?.[1]));
    const texts = [await networks.encode([{ ids: new Int32Array(77), end: 76 }])];
    const refused = (message: string) => ({ code: "bad-request", message: expect.stringContaining(message) });
    await expect(
      networks.predict(latentsOf(BREADTH, HEIGHT), asTimestep(1), texts, {
        timeIds: null,
        timestepCond: null,
      }),
    ).rejects.toMatchObject(
      refused("unet input `sample` wants float16[2, 4, 6, 4], one size only, and got latents [1, 4, 4, 6]."),
    );
    await expect(networks.decode(latentsOf(BREADTH, HEIGHT))).rejects.toMatchObject(
      refused("vae_decoder input `latent_sample`"),
    );
    await expect(networks.encode([{ ids: new Int32Array(154), end: 9 }])).rejects.toMatchObject(
      refused("text_encoder input `input_ids` wants int32[2, 77]; the prompt has 154 tokens."),
    );
    await networks.dispose();
  });

  it.each<[string, (folder: Record<string, Uint8Array<ArrayBuffer>>) => void, string, RegExp]>([
    [
      "data outside the folder",
      (folder) => rename(folder, "m.data", "../secret"),
      "model-corrupt",
      /"..\/secret", which is no file/,
    ],
    [
      "data at the root",
      (folder) => rename(folder, "m.data", "/etc/x1"),
      "model-corrupt",
      /which is no file of the model's folder/,
    ],
    [
      "data that is missing",
      (folder) => void delete folder["text_encoder/m.data"],
      "model-missing",
      /has its weights in text_encoder\/m.data, which is missing/,
    ],
    [
      "data cut short",
      (folder) => cut(folder, "text_encoder/m.data"),
      "model-corrupt",
      /claims bytes 4096 to .* it may be cut short/,
    ],
    [
      "a graph cut short",
      (folder) => cut(folder, "unet/model.onnx"),
      "model-corrupt",
      /^unet\/model.onnx: a part of it claims/,
    ],
    ["no U-Net", (folder) => void delete folder["unet/model.onnx"], "model-missing", /has no unet; wanted/],
  ])("%s: refused, and no session stays open", async (_, damage, code, message) => {
    const sessions = countSessions();
    const folder = folderOf({ location: "m.data" });
    damage(folder);
    await expect(open(folder)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(sessions()).toBe(0);
  });

  it("what ONNX Runtime cannot open: the networks before it are closed again", async () => {
    const sessions = countSessions();
    const broken = new Uint8Array(folderOf()["vae_decoder/model.onnx"] ?? []);
    broken.set(new TextEncoder().encode("Rezise"), find(broken, "Resize"));
    await expect(open({ ...folderOf(), "vae_decoder/model.onnx": broken })).rejects.toMatchObject({
      code: "internal",
      message: expect.stringMatching(/^vae_decoder: /),
    });
    expect(sessions()).toBe(0);
  });

  it("weights that are no numbers", async () => {
    const folder = folderOf({ location: "m.data" });
    folder["text_encoder/m.data"]?.fill(0xff);
    await expect(open(folder)).rejects.toMatchObject({
      code: "model-corrupt",
      message: expect.stringContaining("NaN"),
    });
  });

  it("a decoder that overflows says so", async () => {
    const networks = await open(folderOf());
    const latents = { dims: [1, 4, 2, 2], data: new Float32Array(16).fill(Number.POSITIVE_INFINITY) };
    await expect(networks.decode(latents)).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("NaN"),
    });
    await networks.dispose();
  });

  it("a LoRA, and 16 bits on a GPU that has none", async () => {
    const networks = await open(folderOf());
    await expect(networks.withLora("a.safetensors")).rejects.toMatchObject({ code: "unsupported" });
    await networks.dispose();
    const source = await onnxSource(filesOf({ ...VAE, ...folderOf(DIALECTS[1]?.[1]) }), PUBLISHED);
    const gpu = { hasF16: false } as WatchedDevice;
    const opening = createOnnxNetworks({
      source,
      engine,
      backend: { kind: "webgpu", report: backend.report, gpu },
    });
    await expect(opening).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/16-bit.*processor/),
    });
  });
});

function cut(folder: Record<string, Uint8Array<ArrayBuffer>>, path: string): void {
  folder[path] = folder[path]?.slice(0, -40) ?? new Uint8Array();
}

/** Writes another file's name over one in the graph, of another length, by building the folder anew. */
function rename(folder: Record<string, Uint8Array<ArrayBuffer>>, _: string, location: string): void {
  Object.assign(folder, folderOf({ location }));
}

function find(bytes: Uint8Array, text: string): number {
  return Array.from(bytes, (byte) => String.fromCharCode(byte))
    .join("")
    .indexOf(text);
}

function prototypeOf(): InferenceSession {
  return Reflect.get(engine.ort.InferenceSession, "prototype") as InferenceSession;
}

/** Sessions that are open. */
function countSessions(): () => number {
  let opened = 0;
  const { InferenceSession: Sessions } = engine.ort;
  const create = Sessions.create as (...args: unknown[]) => Promise<InferenceSession>;
  vi.spyOn(Sessions, "create").mockImplementation(async (...args: unknown[]) => {
    const session = await Reflect.apply(create, Sessions, args);
    opened++;
    return session;
  });
  const release = vi.spyOn(prototypeOf(), "release");
  return () => opened - release.mock.calls.length;
}
