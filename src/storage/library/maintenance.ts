/** Looks after what is kept: whether it is all still there, whether it is still right, and its removal. */

import { Failure } from "../../core/failure";
import { createReporter } from "./fetch/reporter";
import { chunksOf, RunningHash } from "./files/hashing";
import {
  folderOf,
  type LibraryContext,
  libraryFolder,
  type OpenedModel,
  type TransferOptions,
  uncontested,
  wanted,
  withRunning,
} from "./libraryContext";
import { TAKEN } from "./locks";
import {
  DAMAGED,
  describe,
  type FileRecord,
  type LibraryModel,
  type ModelRecord,
  NOTHING,
  withFile,
} from "./records";

/** How long a removal waits for a transfer that it has just ended. */
const LETTING_GO_MS = 10_000;

/** The record as far as a look at sizes bears it out: whole files that are gone or of another size are damaged, partial ones begin anew. */
export async function inspected(context: LibraryContext, record: ModelRecord): Promise<ModelRecord> {
  let seen = record;
  const folder = folderOf(context, record);
  for (const file of record.files) {
    const sizeBytes = (await folder.open(file.path))?.size ?? -1;
    if (file.state === "whole" && sizeBytes !== file.sizeBytes) {
      seen = { ...withFile(seen, file.path, DAMAGED), state: "damaged" };
    } else if (file.state === "partial" && sizeBytes < file.doneBytes) {
      seen = withFile(seen, file.path, NOTHING);
    }
  }
  return seen;
}

/** See {@link Library.list}. Models that a tab is at work on are left alone. */
export async function sweep(context: LibraryContext): Promise<readonly ModelRecord[]> {
  for (const folder of await libraryFolder(context).folders()) {
    await context.locks.tryAlone(folder, async () => {
      const isClaimed = (await context.records.all()).some((record) => record.folder === folder);
      if (!isClaimed) await folderOf(context, { folder }).removeAll();
    });
  }
  const seen: ModelRecord[] = [];
  for (const { modelId, folder } of await context.records.all()) {
    const looked = await context.locks.tryAlone(folder, () => look(context, modelId));
    const record = looked === TAKEN ? await context.records.get(modelId) : looked;
    if (record !== null) seen.push(record);
  }
  return seen;
}

async function look(context: LibraryContext, modelId: string): Promise<ModelRecord | null> {
  const record = await context.records.get(modelId);
  if (record === null) return null;
  if (record.origin === null && record.state === "partial") {
    // An import that a tab did not live to finish: it has nowhere to go on from.
    await erase(context, record);
    return null;
  }
  const seen = await inspected(context, record);
  if (seen !== record) await context.records.put(seen);
  return seen;
}

/** See {@link Library.verify}. */
export async function verifyModel(
  context: LibraryContext,
  modelId: string,
  { signal, onProgress }: TransferOptions,
): Promise<LibraryModel> {
  return uncontested(context, modelId, () =>
    withRunning(context, modelId, signal, (running) =>
      verifyAlone(context, modelId, { signal: running, onProgress }),
    ),
  );
}

async function verifyAlone(
  context: LibraryContext,
  modelId: string,
  options: TransferOptions,
): Promise<LibraryModel> {
  let record = await inspected(context, await wanted(context, modelId));
  const reporter = createReporter("verify", describe(record).keptBytes, context.now, options.onProgress);
  let doneBytes = 0;
  for (const file of record.files) {
    if (file.doneBytes === 0 && file.state !== "whole") continue;
    const digest = await digestOf(context, record, file, options.signal, (bytes) => {
      doneBytes += bytes;
      reporter.moved(file.path, bytes, doneBytes);
    });
    if (digest === file.sha256) continue;
    const isWhole = file.state === "whole";
    record = withFile(record, file.path, isWhole ? DAMAGED : NOTHING);
    if (isWhole) record = { ...record, state: "damaged" };
  }
  await context.records.put(record);
  return describe(record);
}

/** Hex, of what is recorded of the file and still there. */
async function digestOf(
  context: LibraryContext,
  record: ModelRecord,
  { path, doneBytes }: FileRecord,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<string> {
  const written = (await folderOf(context, record).open(path)) ?? new Blob();
  const hash = await RunningHash.start();
  for await (const chunk of chunksOf(written.slice(0, doneBytes), context.chunkBytes)) {
    if (signal.aborted) throw new Failure("cancelled", "Stopped before every file was verified.");
    hash.update(chunk);
    onBytes(chunk.length);
  }
  return hash.digest();
}

/** The record first, so that nobody reads a model of which half is gone. */
export async function erase(context: LibraryContext, record: ModelRecord): Promise<void> {
  await context.records.delete(record.modelId);
  await folderOf(context, record).removeAll();
}

/** See {@link Library.remove}. */
export async function removeModel(context: LibraryContext, modelId: string): Promise<void> {
  for (const controller of context.running.get(modelId) ?? []) controller.abort();
  const job = async () => {
    const record = await context.records.get(modelId);
    if (record !== null) await erase(context, record);
  };
  await uncontested(context, modelId, job, LETTING_GO_MS);
}

/** See {@link Library.open}. */
export async function openModel(context: LibraryContext, modelId: string): Promise<OpenedModel> {
  const record = await wanted(context, modelId);
  if (record.state === "partial") {
    throw new Failure("model-missing", `${record.name} is not all here yet; fetch the rest first.`);
  }
  const seen = await inspected(context, record);
  if (seen.state !== "ready") {
    await context.locks.tryAlone(record.folder, () => look(context, modelId));
    throw new Failure(
      "model-corrupt",
      `${record.name}: ${describe(seen).damagedPaths.join(", ")} went away or changed. Fetch the model again; only that is fetched.`,
    );
  }
  const paths = seen.files.map(({ path }) => path).sort();
  const folder = folderOf(context, seen);
  const open = async (path: string) => (paths.includes(path) ? folder.open(path) : null);
  return { name: seen.name, paths, open };
}
