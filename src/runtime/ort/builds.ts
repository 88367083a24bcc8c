/** Which of ONNX Runtime's builds a browser fetches, by what it can do. */

import type { Build } from "./engine";

/**
 * Builds that can compute there, best first: the first that can be had is taken.
 *
 * On the CPU all take the same time a step once the browser has optimised them (TinyWorld, one thread, CPU time of the
 * renderer, median of five laps by turns: plain 289 ms, jspi 285, asyncify 285). Until then, opening and twelve steps, plain
 * and jspi take 7.2 s and asyncify 12.7 s; and plain is the smallest: 3.7 MB gzipped against 4.1 and 6.7. So one for WebGPU
 * computes on the CPU where it runs already, or where nothing else is here, on a day without a network.
 *
 * @param kind where the networks are to run.
 * @param canSuspend whether WebAssembly can suspend itself (JSPI).
 * @param loaded builds that this thread has loaded before.
 */
export function buildsFor(
  kind: "wasm" | "webgpu",
  canSuspend: boolean,
  loaded: readonly Build[],
): readonly [Build, ...Build[]] {
  const forGpu = canSuspend ? "jspi" : "asyncify";
  return kind === "webgpu" || loaded.includes(forGpu) ? [forGpu] : ["plain", forGpu];
}
