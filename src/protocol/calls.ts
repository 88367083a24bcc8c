/** The conversation between page and worker: every call with what it takes, reports and answers. Types only. */

import type { BackendChoice, BackendReport } from "../core/backend";
import type { FailureCode } from "../core/failure";
import type { ModelCard } from "../core/modelCard";
import type { Rgba } from "../core/pixels";
import type { Recipe } from "../core/recipe";
import type { BenchPlan, BenchProgress, BenchReport, BenchSwitches } from "./bench";
import type {
  DeviceReport,
  FetchPlan,
  KeptModel,
  ModelOrigin,
  StorageReport,
  TransferProgress,
} from "./library";
import type { PromptReport } from "./promptReport";

/** A file that the person chose, by its path in the folder that was chosen. */
export interface ChosenFile {
  readonly path: string;
  readonly file: File;
}

/** Which model to load. */
export type LoadSource =
  | { readonly kind: "bundled" }
  | { readonly kind: "kept"; readonly modelId: string }
  /** Read in place from the person's disk, and nothing of it kept. */
  | { readonly kind: "chosen"; readonly name: string; readonly files: readonly ChosenFile[] };

/** Bytes that have really arrived, and the stage they belong to. */
export interface LoadProgress {
  readonly stage: "engine" | "weights" | "sessions" | "shaders";
  /** Bytes for "engine" and "weights", networks opened for "sessions", stages of a picture whose shaders are compiled for "shaders". */
  readonly done: number;
  readonly total: number;
}

/** The model's guess (x0-hat) after `step` steps: at latent size through the linear map, or at picture size through a tiny decoder. */
export interface Preview {
  readonly step: number;
  readonly image: Rgba;
}

/** The progress of a drawing. Steps are counted, times are measured. */
export interface GenerateProgress {
  readonly stage: "encode" | "denoise" | "decode";
  /** Steps finished. */
  readonly step: number;
  readonly steps: number;
  /** Comes on its own, when it is there: its step may be an earlier one. Null if there is none, or the last is still unseen. */
  readonly preview: Preview | null;
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
  /** CLIP score, 0 ... 100 (Hessel et al. 2021, arXiv:2104.08718, with 100 for their 2.5); null if the model has no prompt match. */
  readonly promptMatch: number | null;
}

/** A picture to look at and not to keep. It becomes no file and gets no prompt match. */
export interface Draft {
  readonly image: Rgba;
}

/** A prompt that is being typed. */
export interface InspectedPrompt {
  readonly text: string;
  /** Where the word begins that is not finished yet; null if all are. */
  readonly begun: number | null;
  /** As in {@link WantedPicture}. */
  readonly everyWord: boolean;
}

/** A picture that is asked for. */
export interface WantedPicture {
  /** Its prompt is as it was typed. The finished picture's recipe has what the model was sent too. */
  readonly recipe: Recipe;
  /** False: a model with a closed vocabulary is sent only the words that it knows. */
  readonly everyWord: boolean;
}

/** A call without parameters, or an answer without content. */
type Nothing = Readonly<Record<string, never>>;

/** The calls to the worker that draws. */
interface DrawingCalls {
  /** Opens a model. The one before it is closed once all files have been understood; where they cannot be, it stays open. */
  load: {
    params: { readonly source: LoadSource; readonly backend: BackendChoice };
    progress: LoadProgress;
    result: { readonly model: ModelCard; readonly backend: BackendReport };
  };
  /** Whether a visit without a network will find engine and model on this device; answers when that has been decided. */
  isKeptOffline: { params: Nothing; progress: never; result: { readonly isKept: boolean } };
  /** How a prompt reads to the loaded model; cheap enough for every keystroke. */
  inspectPrompt: { params: InspectedPrompt; progress: never; result: PromptReport };
  generate: { params: WantedPicture; progress: GenerateProgress; result: Picture };
  /** As "generate", but the picture is only shown. */
  draft: { params: WantedPicture; progress: GenerateProgress; result: Draft };
}

/** The calls to the model library: another worker of the same script, so that a download never waits for a drawing. */
interface LibraryCalls {
  /** Reports what this device can do; opens nothing and fetches nothing. */
  device: { params: Nothing; progress: never; result: DeviceReport };
  listModels: {
    params: Nothing;
    progress: never;
    result: { readonly models: readonly KeptModel[]; readonly storage: StorageReport };
  };
  /** Asks the origin for names and sizes; fetches no weights. */
  planModel: { params: { readonly origin: ModelOrigin }; progress: never; result: FetchPlan };
  /** Aborting it is a pause: called again with the same plan, it continues from the bytes that are here. */
  fetchModel: { params: { readonly plan: FetchPlan }; progress: TransferProgress; result: KeptModel };
  importModel: {
    params: { readonly name: string; readonly files: readonly ChosenFile[] };
    progress: TransferProgress;
    result: KeptModel;
  };
  /** Reads every byte again; the state in the answer is "damaged" if one has changed. */
  verifyModel: { params: { readonly modelId: string }; progress: TransferProgress; result: KeptModel };
  deleteModel: { params: { readonly modelId: string }; progress: never; result: Nothing };
  /** Copies a model's files into a folder that the person chose. */
  exportModel: {
    params: { readonly modelId: string; readonly folder: FileSystemDirectoryHandle };
    progress: TransferProgress;
    result: Nothing;
  };
}

/** The calls to the benchmark: a worker of its own, which holds nothing between two calls. */
interface BenchCalls {
  /** Opens a model beside the one that draws, and measures it. */
  bench: {
    params: {
      readonly source: LoadSource;
      readonly backend: BackendChoice;
      readonly plan: BenchPlan;
      readonly switches?: BenchSwitches;
    };
    progress: BenchProgress;
    result: BenchReport;
  };
}

/** Every call that the page can make. An `ArrayBuffer` in a result is given away: the worker keeps no hold of it. */
export interface Calls extends DrawingCalls, LibraryCalls, BenchCalls {}

export type CallName = keyof Calls;

/** The worker's view of one running call, besides its parameters. */
export interface CallContext<K extends CallName> {
  readonly signal: AbortSignal;
  report(progress: Calls[K]["progress"], transfer?: Transferable[]): void;
  /** True while the page has not yet taken in the last progress of this call. */
  isBehind(): boolean;
}

/** One function for each of these calls. If one is missing or has a wrong result, the code does not compile. */
type HandlersOf<Names extends CallName> = {
  [K in Names]: (params: Calls[K]["params"], context: CallContext<K>) => Promise<Calls[K]["result"]>;
};

export type DrawingHandlers = HandlersOf<keyof DrawingCalls>;
export type LibraryHandlers = HandlersOf<keyof LibraryCalls>;
export type BenchHandlers = HandlersOf<keyof BenchCalls>;
export type Handlers = HandlersOf<CallName>;

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
