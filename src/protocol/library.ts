/** The vocabulary of page and worker for models that are kept and models that could be. */

/** Where a model is fetched from. */
export type ModelOrigin =
  /** A repository of a Hugging Face hub, or of a mirror of one. */
  | {
      readonly kind: "hub";
      /** Without a slash at its end, e.g. "https://huggingface.co". */
      readonly baseUrl: string;
      /** "owner/name". */
      readonly repository: string;
      /** A branch, tag or commit. */
      readonly revision: string;
    }
  /** One file, e.g. a `.safetensors` with a whole model in it. */
  | { readonly kind: "url"; readonly url: string };

/** One file that a model needs, before it is fetched. */
export interface PlannedFile {
  /** In the model's folder, "/" between names. */
  readonly path: string;
  readonly url: string;
  readonly sizeBytes: number;
  /** Hex, as published. Null if nobody published one; then only the size and the file's own structure can be checked. */
  readonly sha256: string | null;
}

/** The files and bytes that fetching a model would take, found out before the first of them comes. */
export interface FetchPlan {
  /** The model's id once it is kept: the same origin has the same id. */
  readonly modelId: string;
  readonly name: string;
  readonly origin: ModelOrigin;
  /** As its makers state it; null if they do not. */
  readonly licence: string | null;
  readonly files: readonly PlannedFile[];
  readonly totalBytes: number;
  /** Of those, how many are here already and verified. */
  readonly keptBytes: number;
}

/** The state of a kept model. "ready" means that every byte of it was verified. */
export type KeptState = "partial" | "ready" | "damaged";

/** A model in this browser's storage. */
export interface KeptModel {
  readonly modelId: string;
  readonly name: string;
  /** Null for one that was imported from files. */
  readonly origin: ModelOrigin | null;
  readonly licence: string | null;
  readonly state: KeptState;
  /** Bytes that are here and verified. */
  readonly keptBytes: number;
  readonly totalBytes: number;
  readonly files: number;
  /** True for a tiny decoder, which draws the previews of other models and is no model to draw with. */
  readonly isTinyDecoder: boolean;
}

/** The storage that this site may use. */
export interface StorageReport {
  readonly usedBytes: number;
  /** Bytes that the browser would let the site have in all; null if it does not say. */
  readonly quotaBytes: number | null;
  /** True if the browser has promised not to clear it without being asked. */
  readonly isPersisted: boolean;
}

/** The progress of a transfer. Bytes are counted; speed is measured over the last seconds. */
export interface TransferProgress {
  readonly stage: "check" | "fetch" | "copy" | "verify";
  readonly path: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Null until there is something to measure. */
  readonly bytesPerSecond: number | null;
}

/** The abilities of this device that decide which models run. */
export interface DeviceReport {
  /** Null where there is no WebGPU, with a sentence why. */
  readonly gpu: {
    readonly description: string;
    readonly isSoftware: boolean;
    /** Computes in 16-bit floats. */
    readonly hasF16: boolean;
    readonly bufferBytesMax: number;
    readonly bindingBytesMax: number;
  } | null;
  readonly gpuReason: string | null;
  readonly threads: number;
  /** Gigabytes of memory, as rounded down by the browser to at most 8; null if it does not say. */
  readonly memoryGb: number | null;
}
