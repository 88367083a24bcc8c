/** Fetches a model, file by file, and says that it is ready only in the end. */

import { Failure } from "../../../core/failure";
import type { FetchPlan, PlannedFile } from "../../../protocol/library";
import { IncomingFile, type Target } from "../files/incoming";
import { checkQuota } from "../files/quota";
import {
  folderName,
  folderOf,
  type LibraryContext,
  type TransferOptions,
  withRunning,
} from "../libraryContext";
import { TAKEN } from "../locks";
import { inspected } from "../maintenance";
import { checkPlan } from "../plan";
import {
  describe,
  type FileRecord,
  type LibraryModel,
  type ModelRecord,
  NOTHING,
  withFile,
} from "../records";
import { fetchFile } from "./fetchFile";
import { createReporter } from "./reporter";

/** How often a tab looks at what another one has fetched. */
const FOLLOW_MS = 500;

/** See {@link Library.fetch}. */
export async function fetchModel(
  context: LibraryContext,
  plan: FetchPlan,
  { signal, onProgress }: TransferOptions,
): Promise<LibraryModel> {
  checkPlan(plan);
  return withRunning(context, plan.modelId, signal, async (running) => {
    const options = { signal: running, onProgress };
    const job = () => fetchAlone(context, plan, options);
    const result = await context.locks.tryAlone(await folderName(plan.modelId), job);
    return result === TAKEN ? follow(context, plan, options, job) : result;
  });
}

/** Tells what the other tab records, and takes over once it is done or gone. */
async function follow(
  context: LibraryContext,
  plan: FetchPlan,
  { signal, onProgress }: TransferOptions,
  job: () => Promise<LibraryModel>,
): Promise<LibraryModel> {
  let isOver = false;
  const begin = () => {
    isOver = true;
    return job();
  };
  const turn = context.locks.alone(await folderName(plan.modelId), signal, begin).finally(() => {
    isOver = true;
  });
  const told = async () => {
    let doneBytes = 0;
    const reporter = createReporter("fetch", plan.totalBytes, context.now, onProgress);
    while (!isOver) {
      const record = await context.records.get(plan.modelId);
      const kept = record === null ? 0 : describe(record).keptBytes;
      const path = record?.files.find(({ state }) => state !== "whole")?.path ?? "";
      if (!isOver) reporter.moved(path, Math.max(0, kept - doneBytes), kept);
      doneBytes = kept;
      await context.network.sleep(FOLLOW_MS, signal);
    }
  };
  told().catch(() => undefined); // its failures are those of `turn`, which is awaited
  return turn;
}

async function fetchAlone(
  context: LibraryContext,
  plan: FetchPlan,
  options: TransferOptions,
): Promise<LibraryModel> {
  let record = await begun(context, plan);
  if (record.state === "ready") return describe(record);
  checkQuota(plan.name, plan.totalBytes - describe(record).keptBytes, await navigator.storage.estimate());
  const put = async (changed: ModelRecord) => {
    await context.records.put(changed);
    record = changed;
  };
  await put({ ...record, state: "partial" });
  await removeStrays(context, record);
  const fetching = createReporter("fetch", plan.totalBytes, context.now, options.onProgress);
  for (const { path } of record.files) {
    const file = record.files.find((each) => each.path === path);
    if (file === undefined || file.state === "whole") continue;
    const target = targetFor(context, record, options, (name, changes) =>
      put(withFile(record, name, changes)),
    );
    await oneFile(context, target, file, options.signal, (bytes, doneBytes) => {
      const others = record.files.reduce((sum, each) => sum + (each.path === path ? 0 : each.doneBytes), 0);
      fetching.moved(path, bytes, others + doneBytes);
    });
  }
  await put(await published(context, record));
  return describe(record);
}

async function oneFile(
  context: LibraryContext,
  target: Target,
  file: FileRecord,
  signal: AbortSignal,
  onBytes: (bytes: number, doneBytes: number) => void,
): Promise<void> {
  if (signal.aborted) throw new Failure("cancelled", `Stopped before ${file.path}; what came is kept.`);
  const incoming = await IncomingFile.open(target, file);
  try {
    onBytes(0, incoming.doneBytes);
    await fetchFile(incoming, context.network, signal, (bytes) => onBytes(bytes, incoming.doneBytes));
  } finally {
    await incoming.close();
  }
}

/** Where a file of that model comes in; reading a part again is told as a stage of its own. */
export function targetFor(
  context: LibraryContext,
  record: ModelRecord,
  { signal, onProgress }: TransferOptions,
  change: Target["record"],
): Target {
  let checking: { path: string; moved(path: string, bytes: number, doneBytes: number): void } | null = null;
  return {
    folder: folderOf(context, record),
    chunkBytes: context.chunkBytes,
    // Short waits only: a stop is heard after them.
    sleep: (ms) => context.network.sleep(ms, new AbortController().signal),
    record: change,
    reread(path, bytes, doneBytes) {
      if (signal.aborted)
        throw new Failure("cancelled", `Stopped while ${path} was read again; what came is kept.`);
      const totalBytes = record.files.find((file) => file.path === path)?.doneBytes ?? doneBytes;
      if (checking?.path !== path)
        checking = { path, ...createReporter("check", totalBytes, context.now, onProgress) };
      checking.moved(path, bytes, doneBytes);
    },
  };
}

/** The record to go on from: what is known of the model, brought together with the plan and with what is on disk. */
async function begun(context: LibraryContext, plan: FetchPlan): Promise<ModelRecord> {
  const { modelId, name, origin, licence } = plan;
  const known = await context.records.get(modelId);
  const files = mergedFiles(known, plan);
  const isSame =
    known !== null && known.files.length === files.length && files.every((f) => f.state === "whole");
  const state = isSame && known.state === "ready" ? "ready" : "partial";
  const folder = known?.folder ?? (await folderName(modelId));
  return inspected(context, { modelId, name, origin, licence, folder, state, files });
}

/** The files of a plan that are here. A file that is planned otherwise now counts as not here. */
export function mergedFiles(
  known: ModelRecord | null,
  { files }: Pick<FetchPlan, "files">,
): readonly FileRecord[] {
  return files.map((planned) => {
    const { path, url, sizeBytes } = planned;
    const publishedSha256 = planned.sha256?.toLowerCase() ?? null;
    const fresh: FileRecord = { path, url, sizeBytes, publishedSha256, ...NOTHING };
    const file = known?.files.find((each) => each.path === path);
    return file !== undefined && isStill(file, planned) ? { ...file, url, publishedSha256 } : fresh;
  });
}

function isStill(file: FileRecord, { url, sizeBytes, sha256 }: PlannedFile): boolean {
  if (file.sizeBytes !== sizeBytes || file.state === "damaged") return false;
  const published = sha256?.toLowerCase() ?? null;
  if (published === null) return file.url === url && file.publishedSha256 === null;
  return file.publishedSha256 === published || (file.state === "whole" && file.sha256 === published);
}

async function removeStrays(context: LibraryContext, record: ModelRecord): Promise<void> {
  const folder = folderOf(context, record);
  const listed = new Set(record.files.map(({ path }) => path));
  for (const path of await folder.paths()) if (!listed.has(path)) await folder.remove(path);
}

/** The record with which the model becomes ready, if every file is whole and still there. */
export async function published(context: LibraryContext, record: ModelRecord): Promise<ModelRecord> {
  const ready = await inspected(context, { ...record, state: "ready" });
  if (ready.state === "ready" && ready.files.every(({ state }) => state === "whole")) return ready;
  await context.records.put(ready);
  throw new Failure(
    "model-corrupt",
    `${record.name}: files went away while others came: ${describe(ready).damagedPaths.join(", ")}. Fetch it again; only those are fetched.`,
  );
}
