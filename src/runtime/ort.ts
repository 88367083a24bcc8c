/**
 * ONNX Runtime Web in a browser. One of two builds is fetched: `/jspi`, 10 MB smaller and with half the cost per run, where
 * WebAssembly can suspend itself, else `/webgpu`. Both hold the WebGPU backend and the processor's.
 */

import { Failure } from "../core/failure";

/** The library, whichever build. */
export type Ort = typeof import("onnxruntime-web");

/** The library, loaded and set up; one per thread of JavaScript. */
export interface Engine {
  readonly ort: Ort;
  /** Threads that the processor's backend computes on. */
  readonly threads: number;
}

/** Told of bytes of the engine as they arrive. */
export type OnBytes = (done: number, total: number) => void;

/** More threads than this gain little on networks of our size, and each costs a stack. */
const THREADS_MAX = 4;

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
  const jspi = "Suspending" in WebAssembly;
  const [ort, { default: url }] = await (jspi
    ? Promise.all([
        import("onnxruntime-web/jspi"),
        import("onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url"),
      ])
    : Promise.all([
        import("onnxruntime-web/webgpu"),
        import("onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url"),
      ]));
  ort.env.wasm.wasmBinary = await fetchBytes(url, onBytes);
  return configure(ort, crossOriginIsolated ? navigator.hardwareConcurrency : 1);
}

/** Sets up the library; must come before its first session. @param cores how many it may use. */
export function configure(ort: Ort, cores: number): Engine {
  const threads = Math.max(1, Math.min(THREADS_MAX, cores));
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = "error";
  return { ort, threads };
}

async function fetchBytes(url: string, onBytes: OnBytes): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url).catch((cause: unknown) => {
    throw new Failure("internal", `The engine (${url}) could not be fetched; is the network there?`, {
      cause,
    });
  });
  if (!response.ok || !response.body)
    throw new Failure("internal", `The engine (${url}) could not be fetched: status ${response.status}.`);
  // With a Content-Encoding this is the compressed size; the bytes counted are not, so it is only a first guess.
  const announced = Number(response.headers.get("Content-Length") ?? 0);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let done = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { value, done: finished } = await reader.read();
    if (finished) break;
    chunks.push(value);
    done += value.length;
    onBytes(done, Math.max(done, announced));
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
