/** The calls of the library's tests to a worker that has one. */

import type { FetchPlan, TransferProgress } from "../../src/protocol/library";
import type { LibraryModel } from "../../src/storage/library/records";

/** How a worker's library is made, and what happens to it. */
export interface WorkerSettings {
  /** Of its folder, database and locks. */
  readonly name: string;
  readonly chunkBytes: number;
  readonly stallMs: number;
  readonly triesMax: number;
  /** The worker is killed just before it touches storage for the n-th time; 0: never. */
  readonly haltAt: number;
  /** Storage is full at the n-th write; 0: never. */
  readonly fullAt: number;
  /** The browser says that so much is free; null: what it says itself. */
  readonly freeBytes: number | null;
  /** Without in-place access, as where only whole files can be replaced. */
  readonly copies: boolean;
}

/** A file to import, by its text. */
export interface Text {
  readonly path: string;
  readonly text: string;
}

export type Question =
  | { readonly about: "list" }
  /** Aborted once that many bytes are done; null: never. */
  | { readonly about: "fetch"; readonly plan: FetchPlan; readonly pauseAt: number | null }
  | { readonly about: "complete"; readonly plan: FetchPlan }
  | {
      readonly about: "import";
      readonly name: string;
      readonly files: readonly Text[];
      readonly pauseAt: number | null;
    }
  | { readonly about: "verify"; readonly modelId: string }
  | { readonly about: "remove"; readonly modelId: string }
  | { readonly about: "export"; readonly modelId: string; readonly into: string }
  /** SHA-256 of each file of a ready model. */
  | { readonly about: "open"; readonly modelId: string }
  /** Paths and SHA-256 of all files under a folder of the origin's private file system, behind the library's back. */
  | { readonly about: "disk"; readonly under: string }
  /** Behind the library's back, a file whose path ends so is changed. */
  | { readonly about: "tamper"; readonly ending: string; readonly how: "flip" | "cut" | "delete" };

export interface Answer {
  readonly models?: readonly LibraryModel[];
  readonly plan?: FetchPlan;
  /** SHA-256 by path. */
  readonly digests?: Readonly<Record<string, string>>;
  readonly failure?: { readonly code: string; readonly message: string };
  readonly progress: readonly TransferProgress[];
  /** How the worker has touched storage so far, oldest first. */
  readonly touches: readonly string[];
}

/** From the worker: an answer, or that it was killed. */
export type Said = { readonly answer: Answer } | { readonly halted: string };
