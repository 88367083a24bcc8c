/**
 * ONNX Runtime Web in a browser: three builds of one library, each a script and its WebAssembly, of which the one that fits
 * is fetched (builds.ts). All can compute on the CPU, `/jspi` and `/webgpu` on WebGPU too.
 */

import { Failure } from "../../core/failure";
import { buildsFor } from "./builds";
import { type Build, configure, type Engine } from "./engine";

/** Told of bytes of the engine as they arrive. */
export type OnBytes = (done: number, total: number) => void;

/** Literal names in dynamic imports: the bundler gives each its own chunk. The chunk matters twice: only one is fetched, and
 * its threads, which are workers that run the same chunk again, do not run our worker again. */
const PARTS = {
  plain: () =>
    Promise.all([import("onnxruntime-web/wasm"), import("onnxruntime-web/ort-wasm-simd-threaded.wasm?url")]),
  jspi: () =>
    Promise.all([
      import("onnxruntime-web/jspi"),
      import("onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url"),
    ]),
  asyncify: () =>
    Promise.all([
      import("onnxruntime-web/webgpu"),
      import("onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url"),
    ]),
} as const satisfies Record<Build, unknown>;

const loading = new Map<Build, Promise<Engine>>();

/**
 * Loads an engine for the CPU or for WebGPU, each build once; a failed load may be tried again.
 *
 * @throws {Failure} "unsupported" where WebAssembly is missing, "engine-missing" if its files cannot be had.
 */
export async function loadEngine(
  kind: "wasm" | "webgpu",
  onBytes: OnBytes = () => undefined,
): Promise<Engine> {
  if (typeof WebAssembly !== "object")
    throw new Failure("unsupported", "This browser has no WebAssembly, which computes the pictures.");
  const [best, ...others] = buildsFor(kind, "Suspending" in WebAssembly, [...loading.keys()]);
  let engine = loadOnce(best, onBytes);
  for (const build of others) engine = engine.catch(() => loadOnce(build, onBytes));
  return engine;
}

function loadOnce(build: Build, onBytes: OnBytes): Promise<Engine> {
  const known = loading.get(build);
  if (known !== undefined) return known;
  const engine = load(build, onBytes).catch((cause: unknown) => {
    loading.delete(build);
    throw cause;
  });
  loading.set(build, engine);
  return engine;
}

async function load(build: Build, onBytes: OnBytes): Promise<Engine> {
  const [ort, { default: url }] = await PARTS[build]().catch(unreachable);
  ort.env.wasm.wasmBinary = await fetchBytes(url, onBytes);
  return configure(ort, build, crossOriginIsolated ? navigator.hardwareConcurrency : 1);
}

/** Fetches with progress, which ONNX Runtime's own fetch would not tell. */
async function fetchBytes(url: string, onBytes: OnBytes): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url).catch(unreachable);
  if (!response.ok || !response.body) return unreachable(new Error(`${url}: status ${response.status}`));
  // With a Content-Encoding the announced length is the compressed one: only a first guess at what will be counted.
  const announced = Number(response.headers.get("Content-Length") ?? 0);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let done = 0;
  const reader = response.body.getReader();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    chunks.push(chunk.value);
    done += chunk.value.length;
    onBytes(done, Math.max(done, announced));
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function unreachable(cause: unknown): never {
  throw new Failure(
    "engine-missing",
    "Wanted ONNX Runtime, which runs the model: there is no connection to this site, and no kept copy. Go online once, and try again.",
    { cause },
  );
}
