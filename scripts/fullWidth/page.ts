/** The page of `fullWidth.ts`: hands the chosen files to a worker, where the runtime lives, and keeps what that says. */

/** The worker's task with the files. */
export interface Task {
  /** Whose graphs there are. */
  readonly families: readonly string[];
  readonly backend: "wasm" | "webgpu";
  /** As an older browser, whose WebAssembly cannot suspend itself. */
  readonly isOlder: boolean;
  /** "kept": copied into the site's private files first, as downloads are; "chosen": read where they are. */
  readonly from: "kept" | "chosen";
  /** Side of the latents that one step is predicted for; 0: the model is opened, and nothing drawn. */
  readonly latents: number;
  readonly budgetBytes: number | null;
}

/** A moment, by its name. */
export interface Mark {
  readonly name: string;
  readonly ms: number;
  /** GPU buffers that are alive, and that were at most, in megabytes. */
  readonly gpuMB: number;
  readonly gpuPeakMB: number;
}

declare global {
  /** The events so far. */
  var marks: Mark[];
  /** Null while the worker is at it; then "done", or why not. */
  var outcome: string | null;
  var start: (task: Task) => void;
}

globalThis.marks = [];
globalThis.outcome = null;
globalThis.start = (task) => {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<{ mark: Mark } | { outcome: string }>) => {
    if ("mark" in data) globalThis.marks.push(data.mark);
    else globalThis.outcome = data.outcome;
  };
  worker.onerror = ({ message }) => {
    globalThis.outcome = message;
  };
  worker.postMessage({ task, files: [...(document.querySelector("input")?.files ?? [])] });
};
