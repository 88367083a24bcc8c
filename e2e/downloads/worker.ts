/** The library in a worker as the app has it, over a folder and a database of the test's own. */

import { asFailure } from "../../src/core/failure";
import type { TransferProgress } from "../../src/protocol/library";
import { RETRY } from "../../src/storage/library/fetch/retry";
import { createLibrary, defaultNetwork, type Library } from "../../src/storage/library/library";
import { storageTouches, watchStorage } from "./touches";
import type { Answer, Question, Said, WorkerSettings } from "./wire";

/** Set by the first message. */
let library: Library | null = null;
let folderName = "";

async function ownFolder(): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(folderName, { create: true });
}

function open(settings: WorkerSettings): Library {
  folderName = settings.name;
  return createLibrary({
    root: ownFolder,
    name: settings.name,
    chunkBytes: settings.chunkBytes,
    network: {
      ...defaultNetwork(),
      retry: { ...RETRY, triesMax: settings.triesMax, firstWaitMs: 20, longestWaitMs: 100 },
      stallMs: settings.stallMs,
    },
  });
}

async function answer(question: Question, kept: Library): Promise<Answer> {
  const progress: TransferProgress[] = [];
  const controller = new AbortController();
  const options = {
    signal: controller.signal,
    onProgress: (seen: TransferProgress) => {
      progress.push(seen);
      const pauseAt = "pauseAt" in question ? question.pauseAt : null;
      if (pauseAt !== null && seen.stage !== "check" && seen.doneBytes >= pauseAt) controller.abort();
    },
  };
  try {
    return { ...(await act(question, kept, options)), progress, touches: storageTouches() };
  } catch (error) {
    const { code, message } = asFailure(error);
    return { failure: { code, message }, progress, touches: storageTouches() };
  }
}

type Options = Parameters<Library["fetch"]>[1];
type Outcome = Pick<Answer, "models" | "plan" | "digests">;

async function act(question: Question, kept: Library, options: Options): Promise<Outcome> {
  switch (question.about) {
    case "list":
      return { models: await kept.list() };
    case "complete":
      return { plan: await kept.complete(question.plan) };
    case "fetch":
      return { models: [await kept.fetch(question.plan, options)] };
    case "import": {
      const files = question.files.map(({ path, text }) => ({ path, file: new File([text], path) }));
      return { models: [await kept.import(question.name, files, options)] };
    }
    case "verify":
      return { models: [await kept.verify(question.modelId, options)] };
    case "remove":
      await kept.remove(question.modelId);
      return {};
    case "export": {
      const root = await navigator.storage.getDirectory();
      await kept.export(
        question.modelId,
        await root.getDirectoryHandle(question.into, { create: true }),
        options,
      );
      return {};
    }
    case "open":
      return { digests: await digestsOf(kept, question.modelId) };
    case "disk": {
      const root = await navigator.storage.getDirectory();
      const files = await filesIn(await root.getDirectoryHandle(question.under, { create: true }), "");
      const digests: Record<string, string> = {};
      for (const [path, handle] of files) digests[path] = await sha256(await handle.getFile());
      return { digests };
    }
    case "tamper":
      await tamper(question.ending, question.how);
      return {};
  }
}

async function digestsOf(kept: Library, modelId: string): Promise<Record<string, string>> {
  const model = await kept.open(modelId);
  const digests: Record<string, string> = {};
  for (const path of model.paths) digests[path] = await sha256((await model.open(path)) ?? new Blob());
  return digests;
}

async function tamper(ending: string, how: "flip" | "cut" | "delete"): Promise<void> {
  const files = await filesIn(await ownFolder(), "");
  const [, handle, parent] = files.find(([path]) => path.endsWith(ending)) ?? [];
  if (handle === undefined || parent === undefined) throw new Error(`no file ${ending}`);
  if (how === "delete") return parent.removeEntry(handle.name);
  const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  const stream = await handle.createWritable();
  await stream.write(how === "flip" ? bytes : bytes.subarray(0, middle));
  await stream.close();
}

type Entry = [path: string, handle: FileSystemFileHandle, parent: FileSystemDirectoryHandle];

async function filesIn(folder: FileSystemDirectoryHandle, prefix: string): Promise<Entry[]> {
  const files: Entry[] = [];
  for await (const [name, handle] of folder.entries()) {
    if (handle instanceof FileSystemFileHandle) files.push([prefix + name, handle, folder]);
    else files.push(...(await filesIn(handle, `${prefix}${name}/`)));
  }
  return files;
}

async function sha256(file: Blob): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

type Heard = { settings: WorkerSettings } | { question: Question; port: MessagePort };

/** Where to say that the worker was killed. */
let ports: MessagePort[] = [];

self.onmessage = ({ data }: MessageEvent<Heard>) => {
  if ("settings" in data) {
    watchStorage(data.settings, (halted) => {
      for (const port of ports) port.postMessage({ halted } satisfies Said);
    });
    library = open(data.settings);
    return;
  }
  const { question, port } = data;
  if (library === null) throw new Error("asked before it was set up");
  ports = [...ports, port];
  void answer(question, library).then((given) => port.postMessage({ answer: given } satisfies Said)); // never rejects
};
