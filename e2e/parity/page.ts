/** The page of the parity tests: passes each question to the worker, where the runtime lives. */

import type { Answer, Question } from "./worker";

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
