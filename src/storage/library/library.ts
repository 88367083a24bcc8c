/** The models that this browser keeps. "Ready" is said of a model only once every byte of it was verified. */

import { Failure } from "../../core/failure";
import type { FetchPlan, StorageReport } from "../../protocol/library";
import type { Network } from "./fetch/fetchFile";
import { fetchModel, mergedFiles } from "./fetch/fetchModel";
import { RETRY } from "./fetch/retry";
import { quotaOf } from "./files/quota";
import { exportModel, importModel } from "./importExport";
import type { ChosenFile, LibraryContext, OpenedModel, TransferOptions } from "./libraryContext";
import { ModelLocks } from "./locks";
import { openModel, removeModel, sweep, verifyModel } from "./maintenance";
import { checkPlan, modelIdOf } from "./plan";
import { describe, type LibraryModel, Records } from "./records";

/** Everything that can be done with kept models. Any number of tabs and workers may each have one over the same storage. */
export interface Library {
  /** The kept models, after a look at their files: files that went away or changed size make a model "damaged", and files of no model are removed. */
  list(): Promise<readonly LibraryModel[]>;
  /** Fills in the id, and how much of it is here. @throws {Failure} "bad-request" for a plan that makes no sense. */
  complete(draft: Omit<FetchPlan, "keptBytes" | "modelId">): Promise<FetchPlan>;
  /**
   * Fetches what is not here yet. Aborting is a pause, and calling again goes on; while another tab is at it, this one follows
   * and goes on if the other stops.
   *
   * @throws {Failure} "cancelled", "storage-full", "model-missing" if the host does not give a file, "model-corrupt" if it
   * gives a wrong one, "bad-request" for the plan.
   */
  fetch(plan: FetchPlan, options: TransferOptions): Promise<LibraryModel>;
  /**
   * Copies chosen files into a model of that name, through the same checks: all of them, or nothing is kept.
   *
   * @throws {Failure} "bad-request" if a ready one has the name, or for paths; "cancelled", "storage-full", "model-corrupt".
   */
  import(name: string, files: readonly ChosenFile[], options: TransferOptions): Promise<LibraryModel>;
  /** Reads every byte again; what is not as recorded is named in `damagedPaths`, and fetching the model fetches only that. */
  verify(modelId: string, options: TransferOptions): Promise<LibraryModel>;
  /** Ends a transfer of it in this library, and removes what there is of it. Removing what is not there is harmless. */
  remove(modelId: string): Promise<void>;
  /** Copies a ready model into a new folder in `folder`, named after it. @throws {Failure} "model-corrupt", "cancelled", "bad-request". */
  export(modelId: string, folder: FileSystemDirectoryHandle, options: TransferOptions): Promise<void>;
  /** @throws {Failure} "model-missing" unless it is ready, "model-corrupt" if files went away or changed size. */
  open(modelId: string): Promise<OpenedModel>;
  storageReport(): Promise<StorageReport>;
}

/** The library's needs of the world. */
export interface LibrarySettings {
  /** The origin's private file system. */
  root(): Promise<FileSystemDirectoryHandle>;
  /** Of the database and the locks. */
  readonly name: string;
  /** So many bytes are written and hashed before their number is recorded. */
  readonly chunkBytes: number;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  readonly network: Network;
}

const CHUNK_BYTES = 8 * 1024 * 1024;
const STALL_MS = 30_000;

/** Each setting has a default that is right for the app. Nothing happens before the first call. */
export function createLibrary(changes: Partial<LibrarySettings> = {}): Library {
  const settings: LibrarySettings = {
    root: privateFiles,
    name: "afterimage-library",
    chunkBytes: CHUNK_BYTES,
    now: () => performance.now(),
    network: defaultNetwork(),
    ...changes,
  };
  const context: LibraryContext = {
    ...settings,
    records: new Records(settings.name),
    locks: new ModelLocks(settings.name),
    running: new Map(),
  };
  return {
    list: async () => (await sweep(context)).map(describe),
    async complete(draft) {
      const plan = { ...draft, modelId: modelIdOf(draft.origin) };
      checkPlan(plan);
      const files = mergedFiles(await context.records.get(plan.modelId), plan);
      return { ...plan, keptBytes: files.reduce((sum, { doneBytes }) => sum + doneBytes, 0) };
    },
    fetch: (plan, options) => fetchModel(context, plan, options),
    import: (name, files, options) => importModel(context, name, files, options),
    verify: (modelId, options) => verifyModel(context, modelId, options),
    remove: (modelId) => removeModel(context, modelId),
    export: (modelId, folder, options) => exportModel(context, modelId, folder, options),
    open: (modelId) => openModel(context, modelId),
    storageReport,
  };
}

async function storageReport(): Promise<StorageReport> {
  const [estimate, isPersisted] = await Promise.all([
    navigator.storage.estimate(),
    navigator.storage.persisted(),
  ]);
  return { usedBytes: estimate.usage ?? 0, quotaBytes: quotaOf(estimate), isPersisted };
}

async function privateFiles(): Promise<FileSystemDirectoryHandle> {
  try {
    return await navigator.storage.getDirectory();
  } catch (cause) {
    throw new Failure(
      "unsupported",
      "This browser gives this page no storage for files, as in some private windows; open an ordinary window to keep models.",
      { cause },
    );
  }
}

/** The real one: patience that suits home connections and public hosts. */
export function defaultNetwork(): Network {
  return {
    fetch: (url, init) => fetch(url, init),
    wallClock: () => performance.timeOrigin + performance.now(),
    sleep,
    retry: RETRY,
    stallMs: STALL_MS,
  };
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}
