/** ONNX Runtime Web, loaded and set up: what the rest of the runtime knows of it. */

import type { InferenceSession, Tensor } from "onnxruntime-web";

/** Outputs by name, each the tensor that it is written into; null for a tensor that ONNX Runtime makes for it. */
export type Fetches = Readonly<Record<string, Tensor | null>>;

/** Outputs by name, as a run gives them. */
export type Outputs = Readonly<Record<string, Tensor>>;

/** ONNX Runtime's options of a session. */
export type OrtSessionOptions = InferenceSession.SessionOptions;

/** The part of ONNX Runtime's session that is used here. */
export interface OrtSession
  extends Pick<
    InferenceSession,
    "inputNames" | "outputNames" | "inputMetadata" | "outputMetadata" | "release"
  > {
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches: Fetches,
    options: InferenceSession.RunOptions,
  ): Promise<Outputs>;
}

/** The part of the library that is used here, whichever build it comes from. */
export interface Ort extends Pick<typeof import("onnxruntime-web"), "Tensor" | "env"> {
  readonly InferenceSession: {
    create(model: Uint8Array, options: OrtSessionOptions): Promise<OrtSession>;
  };
}

/** How WebAssembly waits for a GPU: it can suspend itself, it was compiled so that it can be unwound, or it never waits. */
export type Build = "jspi" | "asyncify" | "plain";

/** ONNX Runtime, ready; one per thread of JavaScript. */
export interface Engine {
  readonly ort: Ort;
  readonly build: Build;
  /** Threads that networks on the CPU compute on. */
  readonly threads: number;
}

/** More threads than this gain little on networks of our size, and each costs a stack. */
const THREADS_MAX = 4;

/** How many threads networks on the CPU take of so many cores. */
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
