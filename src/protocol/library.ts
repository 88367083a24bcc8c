/** What page and worker tell each other about models: those that are kept, and those that could be. */

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
  /** Hex, as published; null if nobody published one. Then the connection, the size and the file's own structure are all there is to check. */
  readonly sha256: string | null;
}

/** What fetching a model would take, asked for before the first byte of it. */
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

/** Where a kept model stands. "ready" means that every byte of it was verified. */
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
  /** True for one network by itself, as a tiny decoder that draws the previews of other models: no model to draw with. */
  readonly isTinyDecoder: boolean;
}

/** The storage that this site may use. */
export interface StorageReport {
  readonly usedBytes: number;
  /** What the browser would let the site have in all; null if it does not say. */
  readonly quotaBytes: number | null;
  /** True if the browser has promised not to clear it without being asked. */
  readonly isPersisted: boolean;
}

/** Where a transfer stands: bytes are counted, speed is measured over the last seconds. */
export interface TransferProgress {
  readonly stage: "check" | "fetch" | "copy" | "verify";
  readonly path: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Null until there is something to measure. */
  readonly bytesPerSecond: number | null;
}

/** What this device can do, as far as it decides which models run. */
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
