/** Where the networks run: the choice that was made, and the outcome. */

/** "auto" takes a hardware GPU if there is one, else the CPU. */
export type BackendChoice = "auto" | "webgpu" | "wasm";

/** Where the networks run, in words for people. */
export interface BackendReport {
  readonly kind: "webgpu" | "wasm";
  /** "nvidia ada-lovelace, 16-bit" or "processor, 2 threads". */
  readonly description: string;
  /** A sentence that says why the networks do not run on a GPU; null if there is nothing to explain. */
  readonly reason: string | null;
}
