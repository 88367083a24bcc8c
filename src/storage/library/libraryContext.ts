/** The parts that every action of the library works with: records, folders, locks, a clock and a network. */

import { Failure } from "../../core/failure";
import type { TransferProgress } from "../../protocol/library";
import type { Network } from "./fetch/fetchFile";
import { Folder } from "./files/folder";
import { hashOf } from "./files/hashing";
import type { ModelLocks } from "./locks";
import type { ModelRecord, Records } from "./records";

/** How long a transfer may go on, and who hears of it. */
export interface TransferOptions {
  readonly signal: AbortSignal;
  onProgress(progress: TransferProgress): void;
}

/** The files of a ready model, read in place. */
export interface OpenedModel {
  readonly name: string;
  /** Sorted. */
  readonly paths: readonly string[];
  /** Null for a path that the model does not have. */
  open(path: string): Promise<File | null>;
}

/** A file that the person chose, by its path in the folder that was chosen. */
export interface ChosenFile {
  readonly path: string;
  readonly file: Blob;
}

/** Shared by all calls on one library. */
export interface LibraryContext {
  root(): Promise<FileSystemDirectoryHandle>;
  readonly chunkBytes: number;
  now(): number;
  readonly network: Network;
  readonly records: Records;
  readonly locks: ModelLocks;
  /** Transfers going on in this library, by model: what `remove` has to end first. */
  readonly running: Map<string, Set<AbortController>>;
}

/** Name of the library's folder in the origin's private file system. */
const LIBRARY = "models";

/** The folder that all models' folders are in. */
export function libraryFolder({ root }: Pick<LibraryContext, "root">): Folder {
  return new Folder(root, [LIBRARY]);
}

/** Folder of one model. */
export function folderOf(
  { root }: Pick<LibraryContext, "root">,
  record: Pick<ModelRecord, "folder">,
): Folder {
  return new Folder(root, [LIBRARY, record.folder]);
}

/** A name that every file system takes, the same for the same id. */
export async function folderName(modelId: string): Promise<string> {
  return (await hashOf(modelId)).slice(0, 32);
}

/** The model's record. @throws {Failure} "model-missing". */
export async function wanted({ records }: LibraryContext, modelId: string): Promise<ModelRecord> {
  const record = await records.get(modelId);
  if (record !== null) return record;
  throw new Failure(
    "model-missing",
    `There is no model ${modelId.slice(0, 200)} here; fetch or import it first.`,
  );
}

/** A look at what is there, or a transfer that was just stopped, holds a model for a moment only. */
const PATIENCE_MS = 1000;

/**
 * Does the job as soon as no tab is at work on the model.
 *
 * @throws {Failure} "bad-request" if one is for longer than `patienceMs`.
 */
export async function uncontested<T>(
  { locks }: LibraryContext,
  modelId: string,
  job: () => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const patience = AbortSignal.timeout(patienceMs);
  let hasBegun = false;
  const begin = () => {
    hasBegun = true;
    return job();
  };
  try {
    return await locks.alone(await folderName(modelId), patience, begin);
  } catch (error) {
    if (hasBegun) throw error;
    throw new Failure(
      "bad-request",
      "The model is being fetched, checked or copied, here or in another tab; pause that, or wait until it is done.",
      { cause: error },
    );
  }
}

/** Aborts with the caller's signal, and when the model is removed. */
export async function withRunning<T>(
  { running }: LibraryContext,
  modelId: string,
  outer: AbortSignal,
  job: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const pass = () => controller.abort(outer.reason);
  outer.addEventListener("abort", pass, { once: true });
  if (outer.aborted) pass();
  const others = running.get(modelId) ?? new Set();
  running.set(modelId, others.add(controller));
  try {
    return await job(controller.signal);
  } finally {
    outer.removeEventListener("abort", pass);
    others.delete(controller);
    if (others.size === 0) running.delete(modelId);
  }
}
