/** The page of the parity tests: passes each question to the worker, where the runtime lives. */

/** Where networks can run. */
export type Kind = "wasm" | "webgpu";

export type Question =
  | {
      readonly about: "deviation";
      readonly backend: Kind;
      /** An older browser's WebAssembly can not suspend itself. */
      readonly browser: "older" | "newer";
    }
  /** WebGPU through the build of the engine that older browsers get. */
  | { readonly about: "older" }
  | { readonly about: "reopening"; readonly times: number }
  /** The same pictures on both: how far latents and pixels are apart, and what was read back on the way. */
  | { readonly about: "pictures" }
  /** Folders of ready-made ONNX files, on both: how far apart, dialect by dialect. */
  | { readonly about: "folders" }
  /** A decode in one piece, and in tiles since no tensor may be as large as its largest: how far their pixels are apart. */
  | { readonly about: "tiles" }
  | { readonly about: "auto" }
  | { readonly about: "loss" }
  | { readonly about: "recording" };

export interface Answer {
  /** Named numbers: greatest differences, counts. */
  readonly numbers: Readonly<Record<string, number>>;
  /** Named words: codes of failures, descriptions. */
  readonly words: Readonly<Record<string, string | null>>;
}

declare global {
  /** Asks the worker; rejects with the failure's code and message. */
  var ask: (question: Question) => Promise<Answer>;
}

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });

globalThis.ask = (question) =>
  new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<{ answer: Answer } | { error: string }>) =>
      "answer" in data ? resolve(data.answer) : reject(new Error(data.error));
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(question);
  });
