/** Which of ONNX Runtime's builds a browser fetches, by what it can do. */

import type { Build } from "./engine";

/**
 * Builds that can compute there, best first: the first that can be had is taken.
 *
 * On the processor "plain" is the smallest, takes 0.95 to 1.0 of the time of "jspi" a step, and 0.55 to 0.75 of that of
 * "asyncify", which opens a model in twice the time too (TinyWorld, one thread, CPU time of the renderer, by turns). So the
 * other two stand in only where nothing else is here, on a day without a network; a "jspi" that runs already may stay.
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
  if (kind === "webgpu" || loaded.includes("jspi")) return [forGpu];
  return ["plain", forGpu];
}
