import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { diffusersSource } from "../../checkpoint/diffusersFolder";
import { readHeader } from "../../checkpoint/weights/safetensors";
import { nodeModelFiles, nodeReaderOf } from "../../cli/nodeFiles";
import { onHost } from "../../core/tensor";
import { asTimestep } from "../../core/units";
import { chooseBackend } from "../device/device";
import { createNetworks } from "../networks/diffusersNetworks";
import { Expected, must, PLAIN, textOf } from "../testing";
import type { ReaderOf } from "./mountWeights";
import { loadNodeEngine } from "./nodeEngine";

const FIXTURES = fileURLToPath(new URL("../__fixtures__", import.meta.url));
const UNET = "unet/diffusion_pytorch_model.safetensors";
const engine = loadNodeEngine(2);
const backend = await chooseBackend("wasm", engine);
const { endToEnd, ...expected } = await Expected.read(nodeModelFiles(FIXTURES)).then((all) => ({
  endToEnd: all.endToEnd,
  floats: all.floats.bind(all),
}));

/** The small model in a folder that may be spoilt. */
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "late-"));
  cpSync(join(FIXTURES, "small"), folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  cpSync(join(FIXTURES, "small", UNET), join(folder, UNET));
  vi.restoreAllMocks();
});

const open = (readerOf: ReaderOf) => {
  const files = nodeModelFiles(folder);
  return createNetworks({
    source: diffusersSource(files),
    graphs: { ...files, families: ["graphs"] },
    engine,
    backend,
    readerOf,
  });
};

/** Sessions that ONNX Runtime holds. */
function openSessions() {
  const { InferenceSession: Sessions } = engine.ort;
  const prototype: { release(): Promise<void> } = Reflect.get(Sessions, "prototype");
  const { create } = Sessions;
  const { release } = prototype;
  let count = 0;
  vi.spyOn(Sessions, "create").mockImplementation(async (...args: unknown[]) => {
    const session = await Reflect.apply(create, Sessions, args);
    count++;
    return session;
  });
  vi.spyOn(prototype, "release").mockImplementation(async function (this: unknown) {
    count--;
    await Reflect.apply(release, this, []);
  });
  return () => count;
}

async function predicted(readerOf: ReaderOf) {
  const networks = await open(readerOf);
  const text = await networks.encode(textOf(endToEnd.promptIds));
  const latents = expected.floats(endToEnd.initialLatents);
  const [prediction] = await networks.predict(latents, asTimestep(999), [text], PLAIN);
  await networks.dispose();
  return onHost(prediction ?? expect.fail("nothing was predicted")).data;
}

it("ONNX Runtime gets the same weights late as beforehand, and asks for each of them", async () => {
  const asked = new Set<string>();
  const watching: ReaderOf = (file) => {
    const read = nodeReaderOf(file);
    return (
      read &&
      ((begin, end) => {
        asked.add(`${file.size} ${begin}`);
        return read(begin, end);
      })
    );
  };
  expect(await predicted(watching)).toEqual(await predicted(() => null));
  const unet = await must(nodeModelFiles(folder), UNET);
  for (const [name, { begin }] of await readHeader(unet, UNET))
    expect(asked.has(`${unet.size} ${begin}`), name).toBe(true);
});

describe.each([
  ["asked for late", nodeReaderOf],
  ["read beforehand", () => null],
] satisfies [string, ReaderOf][])("weights %s", (_, readerOf) => {
  it("that are NaN are refused by name, and nothing stays open", async () => {
    const bytes = readFileSync(join(folder, UNET));
    const header = await readHeader(new Blob([bytes]), UNET);
    const { end } = header.get("conv_out.weight") ?? expect.fail("no conv_out.weight");
    bytes.writeUInt16LE(0x7e00, end - 2);
    writeFileSync(join(folder, UNET), bytes);
    const count = openSessions();
    await expect(open(readerOf)).rejects.toMatchObject({
      code: "model-corrupt",
      message: expect.stringMatching(/^unet: conv_out\.weight holds numbers that are infinite or none/),
    });
    expect(count()).toBe(0);
    expect(await predictedAfterRepair(readerOf)).toBeGreaterThan(0);
  });

  it("that are cut off while the model opens are refused, and nothing stays open", async () => {
    const { size } = await must(nodeModelFiles(folder), UNET);
    const count = openSessions();
    const opening = open((file) => {
      if (file.size === size) truncateSync(join(folder, UNET), 1000);
      return readerOf(file);
    });
    await expect(opening).rejects.toMatchObject({
      code: "model-missing",
      message: expect.stringMatching(/^unet: .* can no longer be read/),
    });
    expect(count()).toBe(0);
  });
});

async function predictedAfterRepair(readerOf: ReaderOf): Promise<number> {
  cpSync(join(FIXTURES, "small", UNET), join(folder, UNET));
  return (await predicted(readerOf)).length;
}
