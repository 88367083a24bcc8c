import { afterEach, expect, it, vi } from "vitest";
import { Failure } from "../../core/failure";
import { loadNodeEngine } from "../ort/nodeEngine";
import { chooseBackend, precisionOf, watchDevice } from "./device";

const engine = loadNodeEngine(2);

class OutOfMemory {
  readonly message = "no memory";
}

/** A device whose end a test decides. */
function fakeDevice(features: readonly string[]) {
  let lose = (_message: string): void => undefined;
  const lost = new Promise<{ message: string }>((resolve) => {
    lose = (message) => resolve({ message });
  });
  const createBuffer = () => undefined;
  const queue = { onSubmittedWorkDone: async () => undefined };
  const device = Object.assign(new EventTarget(), { features: new Set(features), lost, createBuffer, queue });
  const err = (error: unknown) =>
    device.dispatchEvent(Object.assign(new Event("uncapturederror"), { error }));
  return {
    device: device as unknown as GPUDevice,
    lose,
    err,
  };
}

/** A browser with this adapter; null has WebGPU but no adapter. */
function browserWith(
  adapter: { subgroupMinSize?: number; isFallbackAdapter?: boolean; refuses?: boolean } | null,
) {
  const features = new Set(["shader-f16", "subgroups"]);
  const limits = { maxBufferSize: 2 ** 32, maxStorageBufferBindingSize: 2 ** 31 };
  const requestDevice = vi.fn(async (asked: { requiredFeatures: string[] }) => {
    if (adapter?.refuses) throw new Error("no");
    return fakeDevice(asked.requiredFeatures).device;
  });
  const info = { vendor: "acme", architecture: "one", description: "", subgroupMinSize: 4, ...adapter };
  const requestAdapter = vi.fn(async () => (adapter ? { features, limits, info, requestDevice } : null));
  vi.stubGlobal("navigator", { gpu: { requestAdapter } });
  return requestDevice;
}

afterEach(() => vi.unstubAllGlobals());

it.each<[string, Parameters<typeof browserWith>[0], string]>([
  ["a browser finds no GPU", null, "This browser has WebGPU, but found no GPU that it may use."],
  [
    "the GPU is software",
    { isFallbackAdapter: true },
    "Only a software GPU was found; the processor is faster.",
  ],
])("auto takes the CPU if %s, and says so", async (_, adapter, reason) => {
  browserWith(adapter);
  const report = { kind: "wasm", description: "processor, 2 threads", reason };
  expect(await chooseBackend("auto", engine)).toEqual({ kind: "wasm", report });
});

it("auto takes the CPU where there is no WebGPU; webgpu by name is refused there", async () => {
  vi.stubGlobal("navigator", {});
  expect((await chooseBackend("auto", engine)).report.reason).toBe("This browser has no WebGPU.");
  const message = "This browser has no WebGPU. Choose the processor instead.";
  await expect(chooseBackend("webgpu", engine)).rejects.toMatchObject({ code: "unsupported", message });
});

it("the CPU by name needs no reason", async () => {
  browserWith({});
  expect((await chooseBackend("wasm", engine)).report).toMatchObject({ kind: "wasm", reason: null });
});

it.each(["auto", "webgpu"] as const)("%s takes a real GPU and its float16", async (choice) => {
  const requestDevice = browserWith({ subgroupMinSize: 32 });
  const backend = await chooseBackend(choice, engine);
  expect(backend.report).toEqual({ kind: "webgpu", description: "acme one, 16-bit", reason: null });
  expect(precisionOf(backend)).toBe("f16");
  expect(requestDevice.mock.lastCall?.[0]).toMatchObject({
    requiredFeatures: ["shader-f16", "subgroups"],
    requiredLimits: { maxBufferSize: 2 ** 32, maxStorageBufferBindingSize: 2 ** 31 },
  });
});

it("subgroups smaller than 16, with which attention computes wrongly, are not asked for", async () => {
  const requestDevice = browserWith({ subgroupMinSize: 4, isFallbackAdapter: true });
  await chooseBackend("webgpu", engine);
  expect(requestDevice.mock.lastCall?.[0].requiredFeatures).toEqual(["shader-f16"]);
});

it("a GPU that refuses to be opened is a failure with a way out", async () => {
  browserWith({ refuses: true });
  const message = "The GPU refused to be opened; choose the processor instead.";
  await expect(chooseBackend("webgpu", engine)).rejects.toMatchObject({ code: "unsupported", message });
});

it("a watched device passes checks until it is lost, and none after", async () => {
  const { device, lose } = fakeDevice([]);
  const watched = watchDevice(device);
  watched.check();
  await watched.checkAfterError();
  lose("unplugged");
  await expect(watched.checkAfterError()).rejects.toMatchObject({
    code: "device-lost",
    message: expect.stringMatching(/unplugged/),
  });
  expect(() => watched.check()).toThrow(Failure);
});

it("an error that no promise carries fails the next check: no memory, or what the GPU said", () => {
  vi.stubGlobal("GPUOutOfMemoryError", OutOfMemory);
  const full = fakeDevice([]);
  const watchedFull = watchDevice(full.device);
  full.err(new OutOfMemory());
  expect(() => watchedFull.check()).toThrow(expect.objectContaining({ code: "out-of-memory" }));
  const wrong = fakeDevice([]);
  const watchedWrong = watchDevice(wrong.device);
  wrong.err({ message: "binding too large" });
  const failure = { code: "internal", message: "The GPU refused: binding too large" };
  expect(() => watchedWrong.check()).toThrow(expect.objectContaining(failure));
});

it("a device that ran out of memory is good again for another attempt; one that is lost or confused is not", async () => {
  vi.stubGlobal("GPUOutOfMemoryError", OutOfMemory);
  const { device, err, lose } = fakeDevice([]);
  const watched = watchDevice(device);
  err(new OutOfMemory());
  err({ message: "an invalid buffer was used" });
  expect(watched.check).toThrow(expect.objectContaining({ code: "out-of-memory" }));
  await watched.recover();
  watched.check();
  err(new OutOfMemory());
  lose("gone");
  await expect(watched.recover()).rejects.toMatchObject({ code: "device-lost" });
  const confused = fakeDevice([]);
  const other = watchDevice(confused.device);
  confused.err({ message: "a shader does not compile" });
  await expect(other.recover()).rejects.toMatchObject({ code: "internal" });
});
