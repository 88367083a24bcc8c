/** The page of the kernels' tests: passes each question to the worker, where the GPU is. */

/** The questions; `cases.ts` has the answers. */
export type Question = keyof typeof import("./cases").CASES;

export interface Answer {
  /** Named numbers: greatest differences, counts. */
  readonly numbers: Readonly<Record<string, number>>;
  /** Named words: what failures said. */
  readonly words: Readonly<Record<string, string>>;
}

declare global {
  /** Asks the worker; rejects with the failure's code and message. */
  var askKernels: (question: Question) => Promise<Answer>;
}

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });

globalThis.askKernels = (question) =>
  new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<{ answer: Answer } | { error: string }>) =>
      "answer" in data ? resolve(data.answer) : reject(new Error(data.error));
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(question);
  });
