/** The conversation between page and worker: every call with what it takes, reports and answers. Types only. */

import type { BackendChoice, BackendReport } from "../core/backend";
import type { FailureCode } from "../core/failure";
import type { ModelCard } from "../core/modelCard";
import type { Rgba } from "../core/pixels";
import type { PromptReport } from "../core/promptReport";
import type { Recipe } from "../core/recipe";

/** Bytes that have really arrived, and the stage they belong to. */
export interface LoadProgress {
  readonly stage: "engine" | "weights" | "sessions";
  /** Bytes for "engine" and "weights", networks opened for "sessions". */
  readonly done: number;
  readonly total: number;
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
  /** CLIP score, 0 ... 100 (Hessel et al. 2021, arXiv:2104.08718, without their factor 2.5): how well the model's own judge finds that picture and prompt go together; null if the model brings no judge. */
  readonly promptMatch: number | null;
}

/** Every call that the page can make. */
export interface Calls {
  load: {
    params: { readonly modelId: string; readonly backend: BackendChoice };
    progress: LoadProgress;
    result: { readonly model: ModelCard; readonly backend: BackendReport };
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
