/** Opens a model of real size as the app's worker does, and tells when what was done. */

import { diffusersSource } from "../../src/checkpoint/diffusersFolder";
import type { ModelFiles } from "../../src/checkpoint/modelFiles";
import { asFailure } from "../../src/core/failure";
import { asTimestep } from "../../src/core/units";
import { createNetworks } from "../../src/runtime/networks/diffusersNetworks";
import { startEngine } from "../../src/runtime/start";
import type { Task } from "./page";

/** The model and its graphs, as the build knows them: paths by file name, and paths of the public folder. */
declare const MODEL: Readonly<Record<string, string>>;
declare const GRAPHS: readonly string[];

const TOKENS = 77;
const TIMESTEP = asTimestep(999);

/** Bytes of GPU buffers that are alive. */
const gpu = { bytes: 0, peakBytes: 0 };

const mark = (name: string) =>
  self.postMessage({
    mark: { name, ms: performance.now(), gpuMB: gpu.bytes / 1e6, gpuPeakMB: gpu.peakBytes / 1e6 },
  });

/** Counts what a device creates and destroys. */
function watchBuffers(device: GPUDevice): void {
  const create = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    let { size } = buffer;
    gpu.bytes += size;
    gpu.peakBytes = Math.max(gpu.peakBytes, gpu.bytes);
    buffer.destroy = () => {
      gpu.bytes -= size;
      size = 0;
      destroy();
    };
    return buffer;
  };
}

/** Copies a file into the site's private ones, piece by piece. */
async function kept(file: File): Promise<File> {
  const root = await navigator.storage.getDirectory();
  const handle = await root.getFileHandle(file.name, { create: true });
  const stream = await handle.createWritable();
  await file.stream().pipeTo(stream);
  return handle.getFile();
}

async function modelOf(files: readonly File[], from: Task["from"]): Promise<ModelFiles> {
  const byPath = new Map<string, File>();
  for (const file of files)
    byPath.set(MODEL[file.name] ?? file.name, from === "kept" ? await kept(file) : file);
  return { paths: [...byPath.keys()], open: async (path) => byPath.get(path) ?? null };
}

const graphs = (families: readonly string[]) => ({
  paths: GRAPHS,
  families,
  async open(path: string) {
    const response = await fetch(new URL(`/${path}`, location.origin));
    return response.ok ? response.blob() : null;
  },
});

async function run(
  { families, backend: kind, isOlder, from, latents, budgetBytes }: Task,
  files: readonly File[],
) {
  if (isOlder) Reflect.deleteProperty(WebAssembly, "Suspending");
  const source = diffusersSource(await modelOf(files, from));
  mark("files are there");
  const { engine, backend } = await startEngine(kind);
  if (backend.kind === "webgpu") watchBuffers(backend.gpu.device);
  mark(backend.report.description);
  const networks = await createNetworks({
    source,
    graphs: graphs(families),
    engine,
    backend,
    ...(budgetBytes !== null && { budgetBytes }),
    onProgress: (stage, done, total) =>
      void (stage === "sessions" && mark(`network ${done} of ${total} is open`)),
  });
  mark("opened");
  if (latents === 0) return;
  const isDouble = (await source.network("text_encoder_2")) !== null;
  const text = { ids: new Int32Array(TOKENS).fill(320), end: TOKENS - 1 };
  const prompt = await networks.encode(isDouble ? [text, text] : [text]);
  mark("text encoded");
  const side = latents * 8;
  const extras = { timeIds: isDouble ? [side, side, 0, 0, side, side] : null, timestepCond: null };
  const noise = { dims: [1, 4, latents, latents], data: new Float32Array(4 * latents ** 2).fill(0.5) };
  const [predicted] = await networks.predict(noise, TIMESTEP, [prompt], extras);
  mark("one step predicted");
  if (!predicted) throw new Error("nothing was predicted");
  await networks.decode(noise);
  mark("decoded");
  const again = await networks.encode(isDouble ? [text, text] : [text]);
  await networks.predict(noise, TIMESTEP, [again], extras);
  mark("one step more, for the same text");
  await networks.dispose();
}

self.onmessage = async ({ data }: MessageEvent<{ task: Task; files: readonly File[] }>) => {
  const outcome = await run(data.task, data.files).then(
    () => "done",
    (error: unknown) => `${asFailure(error).code}: ${asFailure(error).message}`,
  );
  self.postMessage({ outcome });
};
