/** Models from the person's disk and back to it: for machines without a network, and for keeping. */

import { Failure } from "../../core/failure";
import { published, targetFor } from "./fetch/fetchModel";
import { createReporter } from "./fetch/reporter";
import type { Folder } from "./files/folder";
import { chunksOf, RunningHash } from "./files/hashing";
import { IncomingFile, type Target } from "./files/incoming";
import { checkQuota } from "./files/quota";
import {
  type ChosenFile,
  folderName,
  folderOf,
  type LibraryContext,
  type TransferOptions,
  uncontested,
  wanted,
  withRunning,
} from "./libraryContext";
import { erase } from "./maintenance";
import { checkPaths, importedId } from "./plan";
import {
  DAMAGED,
  describe,
  type FileRecord,
  type LibraryModel,
  type ModelRecord,
  NOTHING,
  withFile,
} from "./records";

/** See {@link Library.import}. */
export async function importModel(
  context: LibraryContext,
  name: string,
  files: readonly ChosenFile[],
  { signal, onProgress }: TransferOptions,
): Promise<LibraryModel> {
  if (name.trim() === "" || files.length === 0) {
    throw new Failure(
      "bad-request",
      "Wanted a name and at least one file to import; choose a folder with a model.",
    );
  }
  checkPaths(files.map(({ path }) => path));
  const modelId = importedId(name);
  return uncontested(context, modelId, () =>
    withRunning(context, modelId, signal, (running) =>
      importAlone(context, { modelId, name, files }, { signal: running, onProgress }),
    ),
  );
}

interface Import {
  readonly modelId: string;
  readonly name: string;
  readonly files: readonly ChosenFile[];
}

async function importAlone(
  context: LibraryContext,
  { modelId, name, files }: Import,
  options: TransferOptions,
): Promise<LibraryModel> {
  const known = await context.records.get(modelId);
  if (known?.state === "ready") {
    throw new Failure(
      "bad-request",
      `A model called ${name} is kept already; delete it first, or choose another name.`,
    );
  }
  const totalBytes = files.reduce((sum, { file }) => sum + file.size, 0);
  checkQuota(name, totalBytes, await navigator.storage.estimate());
  const fresh = files.map(
    ({ path, file }): FileRecord => ({
      path,
      url: null,
      sizeBytes: file.size,
      publishedSha256: null,
      ...NOTHING,
    }),
  );
  const folder = known?.folder ?? (await folderName(modelId));
  const record = {
    modelId,
    folder,
    name,
    origin: null,
    licence: null,
    state: "partial",
    files: fresh,
  } as const;
  await context.records.put(record);
  try {
    await folderOf(context, record).removeAll();
    return describe(await copyAll(context, record, files, options));
  } catch (error) {
    await erase(context, record);
    throw error;
  }
}

async function copyAll(
  context: LibraryContext,
  begun: ModelRecord,
  files: readonly ChosenFile[],
  options: TransferOptions,
): Promise<ModelRecord> {
  let record = begun;
  const put = async (changed: ModelRecord) => {
    await context.records.put(changed);
    record = changed;
  };
  const copying = createReporter("copy", describe(record).totalBytes, context.now, options.onProgress);
  let doneBytes = 0;
  for (const { path, file } of files) {
    const entry = record.files.find((each) => each.path === path);
    if (entry === undefined) continue;
    const target = targetFor(context, record, options, (at, changes) => put(withFile(record, at, changes)));
    await copyIn(target, entry, file, context.chunkBytes, options.signal, (bytes) => {
      doneBytes += bytes;
      copying.moved(path, bytes, doneBytes);
    });
  }
  await put(await published(context, record));
  return record;
}

async function copyIn(
  target: Target,
  entry: FileRecord,
  file: Blob,
  chunkBytes: number,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const incoming = await IncomingFile.open(target, entry);
  try {
    for await (const chunk of readable(entry.path, chunksOf(file, chunkBytes))) {
      if (signal.aborted) throw new Failure("cancelled", `Stopped at ${entry.path}; nothing of it was kept.`);
      await incoming.append(chunk);
      onBytes(chunk.length);
    }
    const flaw = await incoming.finish();
    if (flaw !== null)
      throw new Failure("model-corrupt", `${entry.path} ${flaw}; choose a file that is whole.`);
  } finally {
    await incoming.close();
  }
}

/** The same chunks; a file that went away since it was chosen is said to have done so. */
async function* readable<T>(path: string, chunks: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    yield* chunks;
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure(
      "bad-request",
      `${path} could not be read; it may have been moved or changed. Choose it again.`,
      {
        cause,
      },
    );
  }
}

/** See {@link Library.export}. */
export async function exportModel(
  context: LibraryContext,
  modelId: string,
  folder: FileSystemDirectoryHandle,
  { signal, onProgress }: TransferOptions,
): Promise<void> {
  await uncontested(context, modelId, () =>
    withRunning(context, modelId, signal, async (running) => {
      const record = await wanted(context, modelId);
      if (record.state !== "ready") {
        throw new Failure(
          "bad-request",
          `${record.name} is not all here and verified; fetch the rest first.`,
        );
      }
      const target = await folder.getDirectoryHandle(exportName(record.name), { create: true });
      const reporter = createReporter("copy", describe(record).totalBytes, context.now, onProgress);
      let doneBytes = 0;
      for (const file of record.files) {
        const isRight = await copyOut(
          folderOf(context, record),
          file,
          target,
          context.chunkBytes,
          running,
          (bytes) => {
            doneBytes += bytes;
            reporter.moved(file.path, bytes, doneBytes);
          },
        );
        if (isRight) continue;
        await context.records.put({ ...withFile(record, file.path, DAMAGED), state: "damaged" });
        throw new Failure(
          "model-corrupt",
          `${file.path} is not what was once verified, and was not exported. Fetch the model again; only that is fetched.`,
        );
      }
    }),
  );
}

/** Copies one file, and puts it in its place only if its bytes are the recorded ones. */
async function copyOut(
  from: Folder,
  { path, sha256 }: FileRecord,
  target: FileSystemDirectoryHandle,
  chunkBytes: number,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<boolean> {
  const file = await from.open(path);
  if (file === null) return false;
  const names = path.split("/");
  let folder = target;
  for (const name of names.slice(0, -1)) folder = await folder.getDirectoryHandle(name, { create: true });
  const stream = await (await folder.getFileHandle(names.at(-1) ?? "", { create: true })).createWritable();
  const hash = await RunningHash.start();
  try {
    for await (const chunk of chunksOf(file, chunkBytes)) {
      if (signal.aborted) throw new Failure("cancelled", `Stopped at ${path}; files before it are exported.`);
      hash.update(chunk);
      await stream.write(chunk);
      onBytes(chunk.length);
    }
  } catch (error) {
    await stream.abort();
    throw error;
  }
  if (hash.digest() === sha256) await stream.close();
  else await stream.abort();
  return hash.digest() === sha256;
}

/** As file systems of any kind take it. */
function exportName(name: string): string {
  const plain = name.replace(/[\p{Cc}\p{Cf}<>:"/\\|?*]+/gu, "-").replace(/^[\s.-]+|[\s.]+$/g, "");
  return plain.slice(0, 100) || "model";
}
