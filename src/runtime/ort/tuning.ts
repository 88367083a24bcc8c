/** How networks are opened on a GPU: switches for a benchmark. What is left out is as the measurements have decided. */

import type { Layout } from "./session";

/** Switches for the networks of one model. */
export interface Tuning {
  /** How convolutions want their tensors; left out, as ONNX Runtime likes it best. */
  readonly layout?: Layout;
  /** Whether the U-Net's kernels are recorded and played again: where opening it once more is cheap (if left out), or whatever it takes. */
  readonly capture?: "never" | "cheap" | "always";
}

/** What of it every session is told. */
export function layoutOf(tuning: Tuning | undefined): Pick<Tuning, "layout"> {
  return tuning?.layout ? { layout: tuning.layout } : {};
}
