/** The actions on models. Each action asks the library and sets its store; none of them rejects. */

import { isTinyDecoder } from "../../checkpoint/layout/kind";
import type { ChosenFile } from "../../protocol/calls";
import type { FetchPlan, KeptModel, ModelOrigin, TransferProgress } from "../../protocol/library";
import { drawWith } from "../drawing/loading";
import { factsOf } from "../frame/failureFacts";
import { addNotice } from "../frame/notices";
import { BUNDLED, store } from "../store";
import { workerClient } from "../workers";
import { type ChosenFolder, isClosing } from "./adding/disk";
import { refuseForeign } from "./adding/foreignFiles";
import { type Action, libraryStore, type PlanTarget, setPlan, setTask } from "./libraryStore";

/** Work under way by the model's id, so that it can be stopped. */
const stops = new Map<string, AbortController>();
const asking = new Map<PlanTarget, AbortController>();
let nextImportId = 1;

/** Looks at everything: what is kept, and what this device can do. */
export async function openLibrary(): Promise<void> {
  await Promise.all([listModels(), askDevice()]);
}

/** Asks what is kept. What was listed before stays until the answer is here. */
export async function listModels(): Promise<void> {
  try {
    const value = await workerClient("library").call("listModels", {});
    libraryStore.setState({ listing: { status: "here", value } });
  } catch (error) {
    libraryStore.setState({ listing: { status: "failed", failure: factsOf(error) } });
  }
}

async function askDevice(): Promise<void> {
  if (libraryStore.getState().device.status === "here") return;
  try {
    const value = await workerClient("library").call("device", {});
    libraryStore.setState({ device: { status: "here", value } });
  } catch (error) {
    libraryStore.setState({ device: { status: "failed", failure: factsOf(error) } });
  }
}

/** Asks the browser not to clear what this site keeps; only a press of a person may. */
export async function persistStorage(): Promise<void> {
  await askToPersist();
  await listModels();
}

/** Never rejects: a browser that has no such thing, or refuses, keeps models all the same, only not for sure. */
async function askToPersist(): Promise<void> {
  await navigator.storage?.persist().catch(() => false);
}

/** Asks what fetching a model would take; not a byte of it is fetched. */
export async function planModel(target: PlanTarget, origin: ModelOrigin): Promise<void> {
  asking.get(target)?.abort();
  const abort = new AbortController();
  asking.set(target, abort);
  setPlan(target, { status: "asking" });
  try {
    const plan = await workerClient("library").call("planModel", { origin }, { signal: abort.signal });
    if (!abort.signal.aborted) setPlan(target, { status: "here", plan });
  } catch (error) {
    if (!abort.signal.aborted) setPlan(target, { status: "failed", failure: factsOf(error) });
  }
}

/** Lets go of a plan, or of asking for one. */
export function forgetPlan(target: PlanTarget): void {
  asking.get(target)?.abort();
  setPlan(target, null);
}

/** Fetches what was planned; what of it is here already is not fetched again. */
export async function fetchPlanned(target: PlanTarget, plan: FetchPlan): Promise<void> {
  forgetPlan(target);
  void askToPersist();
  await fetchModel(plan);
}

/** Goes on with a model of which a part is here, or fetches again what of it is damaged. */
export async function resumeModel({ modelId, origin }: KeptModel): Promise<void> {
  if (origin === null) return;
  await doing(modelId, "fetch", async (signal, onProgress) => {
    const plan = await workerClient("library").call("planModel", { origin }, { signal });
    await workerClient("library").call("fetchModel", { plan }, { signal, onProgress });
  });
}

async function fetchModel(plan: FetchPlan): Promise<void> {
  const { modelId, name, origin, licence, keptBytes, totalBytes, files } = plan;
  const coming: KeptModel = {
    ...{ modelId, name, origin, licence, keptBytes, totalBytes },
    state: "partial",
    files: files.length,
    isTinyDecoder: isTinyDecoder(files.map(({ path }) => path)),
  };
  const others = libraryStore.getState().coming.filter((model) => model.modelId !== modelId);
  libraryStore.setState({ coming: [...others, coming] });
  await doing(modelId, "fetch", async (signal, onProgress) => {
    await workerClient("library").call("fetchModel", { plan }, { signal, onProgress });
  });
}

/** Keeps a copy of files from the disk. */
export async function importModel({ name, files, totalBytes }: ChosenFolder): Promise<void> {
  const modelId = `import ${nextImportId++}`;
  const coming: KeptModel = {
    ...{ modelId, name, origin: null, licence: null, state: "partial", keptBytes: 0, totalBytes },
    files: files.length,
    isTinyDecoder: isTinyDecoder(files.map(({ path }) => path)),
  };
  libraryStore.setState({
    coming: [...libraryStore.getState().coming, coming],
    disk: { status: "empty" },
  });
  const isDone = await doing(modelId, "import", async (signal, onProgress) => {
    await workerClient("library").call(
      "importModel",
      { name, files: [...files] satisfies ChosenFile[] },
      { signal, onProgress },
    );
  });
  if (isDone) dismissTask(modelId);
}

/** Stops what is being done to a model; what of it is here stays. */
export function stopTask(modelId: string): void {
  stops.get(modelId)?.abort();
}

/** Takes away what became of an action. A copy that was never finished goes with it. */
export function dismissTask(modelId: string): void {
  setTask(modelId, null);
  const { coming } = libraryStore.getState();
  libraryStore.setState({ coming: coming.filter((model) => model.modelId !== modelId) });
}

/** Reads every byte of a kept model again. */
export async function verifyModel({ modelId }: KeptModel): Promise<void> {
  await doing(modelId, "verify", async (signal, onProgress) => {
    await workerClient("library").call("verifyModel", { modelId }, { signal, onProgress });
  });
}

/** Copies a kept model's files into a folder. */
export async function exportModel({ modelId }: KeptModel, folder: FileSystemDirectoryHandle): Promise<void> {
  await doing(modelId, "export", async (signal, onProgress) => {
    await workerClient("library").call("exportModel", { modelId, folder }, { signal, onProgress });
  });
}

/** Deletes a kept model; if it draws now, the bundled model takes its place first. */
export async function deleteModel({ modelId }: KeptModel): Promise<void> {
  const { source } = store.getState().chosen;
  if (source.kind === "kept" && source.modelId === modelId) {
    await drawWith(BUNDLED);
    addNotice("model-deleted");
  }
  const isDone = await doing(modelId, "delete", async (signal) => {
    await workerClient("library").call("deleteModel", { modelId }, { signal });
  });
  if (isDone) dismissTask(modelId);
}

/** Draws with files of the disk, which are read where they lie. */
export async function drawFromDisk({ name, files }: ChosenFolder): Promise<void> {
  libraryStore.setState({ disk: { status: "empty" } });
  await drawWith({ source: { kind: "chosen", name, files }, name });
}

/** Takes in what a person chose on the disk. */
export async function chooseFromDisk(choosing: () => Promise<ChosenFolder> | ChosenFolder): Promise<void> {
  libraryStore.setState({ disk: { status: "reading" } });
  try {
    const folder = await choosing();
    await refuseForeign(folder);
    libraryStore.setState({ disk: { status: "here", folder } });
  } catch (error) {
    // Who closes a picker has chosen nothing, and needs not be told so.
    libraryStore.setState({
      disk: isClosing(error) ? { status: "empty" } : { status: "failed", failure: factsOf(error) },
    });
  }
}

/** Lets go of what was chosen on the disk. */
export function forgetDisk(): void {
  libraryStore.setState({ disk: { status: "empty" } });
}

type OnProgress = (progress: TransferProgress) => void;

/** Does something to a model, tells how it goes, and lists anew; true if it was done to the end. */
async function doing(
  modelId: string,
  action: Action,
  work: (signal: AbortSignal, onProgress: OnProgress) => Promise<void>,
): Promise<boolean> {
  if (stops.has(modelId)) return false;
  const abort = new AbortController();
  stops.set(modelId, abort);
  setTask(modelId, { status: "running", action, progress: null });
  try {
    await work(abort.signal, (progress) => setTask(modelId, { status: "running", action, progress }));
    stops.delete(modelId);
    await listModels();
    setTask(modelId, { status: "done", action });
    return true;
  } catch (error) {
    stops.delete(modelId);
    await listModels();
    const failure = factsOf(error);
    const isStopped = abort.signal.aborted || failure.code === "cancelled";
    setTask(modelId, isStopped ? { status: "stopped", action } : { status: "failed", action, failure });
    return false;
  }
}
