/** ONNX Runtime Web, loaded and set up: what the rest of the runtime knows of it. */

/** The library, whichever build. */
export type Ort = typeof import("onnxruntime-web");

/** How WebAssembly waits for a GPU: it can suspend itself, it was compiled so that it can be unwound, or it never waits. */
export type Build = "jspi" | "asyncify" | "plain";

/** The library, ready; one per thread of JavaScript. */
export interface Engine {
  readonly ort: Ort;
  readonly build: Build;
  /** Threads that the processor's backend computes on. */
  readonly threads: number;
}

/** More threads than this gain little on networks of our size, and each costs a stack. */
const THREADS_MAX = 4;

/** How many threads the processor's backend takes of so many cores. */
export function usableThreads(cores: number): number {
  return Math.max(1, Math.min(THREADS_MAX, cores));
}

/** Sets up the library; must come before its first session. @param cores how many it may use. */
export function configure(ort: Ort, build: Build, cores: number): Engine {
  const threads = usableThreads(cores);
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = "fatal";
  return { ort, build, threads };
}
