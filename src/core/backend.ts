/** Where the networks run: what was asked for, and what came of it. */

/** "auto" takes a real GPU if there is one, else the processor. */
export type BackendChoice = "auto" | "webgpu" | "wasm";

/** Where the networks do run, in words for people. */
export interface BackendReport {
  readonly kind: "webgpu" | "wasm";
  /** "nvidia ada-lovelace, 16-bit" or "processor, 2 threads". */
  readonly description: string;
  /** A sentence if this is not what was hoped for, else null. */
  readonly reason: string | null;
}
