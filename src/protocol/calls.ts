/** The conversation between page and worker: every call with what it takes, reports and answers. Types only. */

import type { FailureCode } from "../core/failure";
import type { Rgba } from "../core/pixels";
import type { Recipe, SamplerId } from "../core/recipe";

/** Where the networks are asked to run; "auto" takes a real GPU if there is one, else the processor. */
export type BackendChoice = "auto" | "webgpu" | "wasm";

/** Where the networks do run, and why if that is not what was asked for. */
export interface BackendReport {
  readonly kind: "webgpu" | "wasm";
  /** For people: "NVIDIA Ada Lovelace, 16-bit" or "processor, 2 threads". */
  readonly description: string;
  /** A sentence if this is a fallback, else null. */
  readonly reason: string | null;
}

/** Bytes that have really arrived, and the stage they belong to. */
export interface LoadProgress {
  readonly stage: "engine" | "weights" | "sessions";
  /** Bytes for "engine" and "weights", networks opened for "sessions". */
  readonly done: number;
  readonly total: number;
}

/** An example prompt that the model's makers chose. */
export interface Example {
  readonly prompt: string;
  readonly seed: string;
}

/** What the page may know of a model, read from the model's own files. */
export interface ModelReport {
  readonly name: string;
  readonly summary: string;
  readonly licence: string;
  readonly defaults: {
    readonly sampler: SamplerId;
    readonly steps: number;
    readonly guidanceScale: number;
    readonly widthPx: number;
    readonly heightPx: number;
  };
  /** Sides must be multiples of this many pixels. */
  readonly sideMultiplePx: number;
  /** Words the model has seen, by kind; null if it did not say. */
  readonly vocabulary: Readonly<Record<string, readonly string[]>> | null;
  readonly examples: readonly Example[];
}

/** How a prompt reads to the model. */
export interface PromptReport {
  /** Tokens that carry words, without start, end and padding. */
  readonly tokens: number;
  /** How many such tokens fit. */
  readonly limit: number;
  /** Words the model has never seen, in order, each once. */
  readonly unknownWords: readonly string[];
  /** The part of the prompt that did not fit, or "". */
  readonly overflow: string;
}

/** Where a picture in the making stands. Steps are counted, times are measured. */
export interface GenerateProgress {
  readonly stage: "encode" | "denoise" | "decode";
  /** Steps finished. */
  readonly step: number;
  readonly steps: number;
  /** The model's guess at the finished picture (x0-hat through the linear map), at latent size; null if there is none, or the last is still unseen. */
  readonly preview: Rgba | null;
}

/** A finished picture. */
export interface Picture {
  /** The PNG file, its recipe inside. */
  readonly png: ArrayBuffer;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly recipe: Recipe;
  /** Hex SHA-256 of the PNG file. */
  readonly sha256: string;
  /** Milliseconds by stage. */
  readonly timingsMs: { readonly encode: number; readonly denoise: number; readonly decode: number };
  readonly prompt: PromptReport;
}

/** Every call that the page can make. */
export interface Calls {
  load: {
    params: { readonly modelId: string; readonly backend: BackendChoice };
    progress: LoadProgress;
    result: { readonly model: ModelReport; readonly backend: BackendReport };
  };
  /** How a prompt reads to the loaded model; cheap enough for every keystroke. */
  inspectPrompt: { params: { readonly text: string }; progress: never; result: PromptReport };
  generate: { params: { readonly recipe: Recipe }; progress: GenerateProgress; result: Picture };
}

export type CallName = keyof Calls;

/** One function per call; leaving one out, or answering wrongly, does not compile. */
export type Handlers = {
  [K in CallName]: (
    params: Calls[K]["params"],
    context: {
      readonly signal: AbortSignal;
      report(progress: Calls[K]["progress"], transfer?: Transferable[]): void;
      /** True while the page has not yet taken in the last progress of this call. */
      isBehind(): boolean;
    },
  ) => Promise<Calls[K]["result"]>;
};

/** Page to worker. "seen" says that a progress message has been taken in. */
export type ToWorker =
  | { [K in CallName]: { type: "call"; id: number; name: K; params: Calls[K]["params"] } }[CallName]
  | { type: "cancel"; id: number }
  | { type: "seen"; id: number }
  | { type: "ping"; id: number };

/** Worker to page. */
export type ToPage =
  | { type: "progress"; id: number; progress: Calls[CallName]["progress"] }
  | { type: "result"; id: number; result: Calls[CallName]["result"] }
  | { type: "failure"; id: number; code: FailureCode; message: string }
  | { type: "pong"; id: number };
