/**
 * ONNX Runtime Web in a browser. One of two builds is fetched: `/jspi`, 10 MB smaller and with half the cost per run, where
 * WebAssembly can suspend itself, else `/webgpu`. Both hold the WebGPU backend and the processor's.
 */

import { Failure } from "../core/failure";
import { configure, type Engine } from "./engine";

/** Told of bytes of the engine as they arrive. */
export type OnBytes = (done: number, total: number) => void;

let loading: Promise<Engine> | null = null;

/**
 * Loads the engine once; later calls get the same one, and a failed load may be tried again.
 *
 * @throws {Failure} "unsupported" where WebAssembly is missing, "internal" if its files cannot be had.
 */
export function loadEngine(onBytes: OnBytes = () => undefined): Promise<Engine> {
  loading ??= load(onBytes).catch((cause: unknown) => {
    loading = null;
    throw cause;
  });
  return loading;
}

async function load(onBytes: OnBytes): Promise<Engine> {
  if (typeof WebAssembly !== "object")
    throw new Failure("unsupported", "This browser has no WebAssembly, which computes the pictures.");
  // Literal names in dynamic imports: the bundler gives each its own chunk. The chunk matters twice: only one is fetched, and
  // its threads, which are workers that run the same chunk again, do not run our worker again.
  const build = "Suspending" in WebAssembly ? "jspi" : "asyncify";
  const [ort, { default: url }] = await (build === "jspi"
    ? Promise.all([
        import("onnxruntime-web/jspi"),
        import("onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url"),
      ])
    : Promise.all([
        import("onnxruntime-web/webgpu"),
        import("onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url"),
      ])
  ).catch(unreachable);
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
  throw new Failure("internal", "The engine could not be fetched. Check the network, then try again.", {
    cause,
  });
}
