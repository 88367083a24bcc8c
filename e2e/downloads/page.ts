/** The page of the library's tests: starts workers, asks them, and ends them without warning. */

import type { Answer, Question, Said, WorkerSettings } from "./wire";

/** A page has at most two of them. */
export type WorkerName = "first" | "second";

declare global {
  /** Starts a worker under that name; one that has the name is ended. */
  var startWorker: (name: WorkerName, settings: WorkerSettings) => void;
  /** Asks it; resolves with null if it was killed or ended. */
  var askWorker: (name: WorkerName, question: Question) => Promise<Answer | null>;
  var endWorker: (name: WorkerName) => void;
}

interface Running {
  readonly worker: Worker;
  readonly open: Set<() => void>;
}

const running = new Map<WorkerName, Running>();

globalThis.startWorker = (name, settings) => {
  globalThis.endWorker(name);
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  worker.postMessage({ settings });
  running.set(name, { worker, open: new Set() });
};

globalThis.askWorker = (name, question) =>
  new Promise((resolve, reject) => {
    const asked = running.get(name);
    if (asked === undefined) return reject(new Error(`no worker ${name}`));
    const { port1, port2 } = new MessageChannel();
    const giveUp = () => resolve(null);
    asked.open.add(giveUp);
    port1.onmessage = ({ data }: MessageEvent<Said>) => resolve("answer" in data ? data.answer : null);
    asked.worker.onerror = ({ message }) => reject(new Error(message));
    asked.worker.postMessage({ question, port: port2 }, [port2]);
  });

globalThis.endWorker = (name) => {
  const ended = running.get(name);
  running.delete(name);
  ended?.worker.terminate();
  for (const giveUp of ended?.open ?? []) giveUp();
};
