/** Which model draws, and how it comes to: opening one, going over to another, and back to the bundled model. */

import type { BackendChoice } from "../../core/backend";
import { asFailure } from "../../core/failure";
import type { Calls, LoadSource } from "../../protocol/calls";
import { factsOf } from "../frame/failureFacts";
import { addNotice, dismissNotice } from "../frame/notices";
import { BUNDLED, type ChosenModel, type RefusedModel, store } from "../store";
import { connectWorker, type PageClient, workerClient } from "../workers";
import { MODELS_OWN, type ModelsOwn, modelsOwnOf } from "./choices";

/** Why a model is loaded: somebody wants it, it was the one of an earlier visit, or it went with the graphics device. */
type Occasion = "asked" | "remembered" | "lost";

/** One loading of a model; a later one makes it void. */
interface Load {
  readonly chosen: ChosenModel;
  readonly backend: BackendChoice;
  readonly abort: AbortController;
  readonly occasion: Occasion;
  ready: Promise<void>;
}

let load: Load | null = null;
/** The model that was opened last, with what was set for it when another was asked for. */
let good: { readonly chosen: ChosenModel; readonly own: ModelsOwn } | null = null;
let stopInspecting: AbortController | null = null;

/** Connects the worker that draws. The composition root calls it once. */
export function connectDrawing(client: PageClient): void {
  connectWorker("drawing", client);
  good = null;
  client.onDeath((failure) => {
    load = null;
    store.setState({ model: { status: "dead", failure: factsOf(failure) } });
  });
}

/** Loads the chosen model where the settings say; a load of the same that is under way is joined, not repeated. */
export function loadModel(occasion: Occasion = "asked"): Promise<void> {
  const { chosen, settings } = store.getState();
  if (load?.backend === settings.backend && load.chosen === chosen) return load.ready;
  load?.abort.abort();
  const { backend } = settings;
  const ticket: Load = {
    chosen,
    backend,
    occasion,
    abort: new AbortController(),
    ready: Promise.resolve(),
  };
  load = ticket;
  ticket.ready = loadFor(ticket);
  return ticket.ready;
}

/** Goes over to another model: what was set for the one before, apart from words and seed, is forgotten. */
export async function drawWith(chosen: ChosenModel): Promise<void> {
  const { settings, chosen: before, run } = store.getState();
  // The pictures that were asked for are drawn by the model that was asked.
  if (run.status === "running") return;
  forgetRefused();
  if (isSameSource(before.source, chosen.source)) return loadModel();
  if (good?.chosen === before) good = { chosen: before, own: modelsOwnOf(settings) };
  store.setState({
    chosen,
    modelReport: null,
    promptReport: null,
    settings: { ...settings, ...MODELS_OWN },
  });
  await loadModel();
}

/** Takes away what is said about the model that could not be opened. */
export function forgetRefused(): void {
  store.setState({ refused: null });
  dismissNotice("model-refused");
}

/** Begins a visit with the model of the last one, or with the bundled model if that cannot be. */
export function openLastModel(): Promise<void> {
  const { keptModelId, isModelOpening } = store.getState().settings;
  if (keptModelId === null) return loadModel();
  if (isModelOpening) {
    remember({ keptModelId: null, isModelOpening: false });
    addNotice("model-unfinished");
    return loadModel();
  }
  store.setState({ chosen: { source: { kind: "kept", modelId: keptModelId }, name: "" } });
  return loadModel("remembered");
}

/** Ends the worker, whatever it does, and loads the model in a new one. */
export function restartWorker(occasion: Occasion = "asked"): Promise<void> {
  // Loading brings a dead worker back by itself.
  if (store.getState().model.status !== "dead") workerClient("drawing").restart();
  forgetLoad();
  return loadModel(occasion);
}

/** Lets the next load begin anew, whatever became of the last. */
export function forgetLoad(): void {
  load = null;
}

async function loadFor(ticket: Load): Promise<void> {
  const isCurrent = () => load === ticket;
  const { source } = ticket.chosen;
  if (store.getState().model.status === "dead") workerClient("drawing").restart();
  if (source.kind === "kept") remember({ keptModelId: source.modelId, isModelOpening: true });
  try {
    const { model: modelReport, backend } = await opened(ticket);
    if (!isCurrent()) return;
    remember({ keptModelId: source.kind === "kept" ? source.modelId : null, isModelOpening: false });
    const { run, settings } = store.getState();
    good = { chosen: ticket.chosen, own: modelsOwnOf(settings) };
    store.setState({
      model: { status: "ready", backend },
      modelReport,
      // The failure came from the worker before this one.
      run: run.status === "failed" ? { status: "idle" } : run,
    });
    if (source.kind === "bundled") store.setState({ bundledReport: modelReport });
    void inspectPrompt();
  } catch (error) {
    if (isCurrent()) return endFailed(ticket, error);
  }
}

/** Some model is to draw even so, if one can. */
async function endFailed({ chosen, occasion }: Load, error: unknown): Promise<void> {
  load = null;
  remember({ isModelOpening: false });
  if (occasion === "remembered") return fallBack();
  const failure = factsOf(error);
  if (good !== null && !isSameSource(good.chosen.source, chosen.source))
    return goBack(good, { chosen, failure });
  store.setState({ model: { status: "failed", failure } });
}

/** The model before draws on, as it was set; why the other could not be opened is said where it stands. */
function goBack({ chosen, own }: NonNullable<typeof good>, refused: RefusedModel): Promise<void> {
  store.setState({
    chosen,
    refused,
    settings: { ...store.getState().settings, ...own },
  });
  addNotice("model-refused");
  return loadModel();
}

/** The worker's answer; one loss of the graphics device is borne, unless the model is loaded because of one. */
async function opened(ticket: Load): Promise<Calls["load"]["result"]> {
  if (ticket.occasion === "lost") return askFor(ticket, "recovering");
  try {
    return await askFor(ticket, "loading");
  } catch (error) {
    if (load !== ticket || factsOf(error).code !== "device-lost") throw error;
    workerClient("drawing").restart();
    return askFor(ticket, "recovering");
  }
}

function askFor(ticket: Load, status: "loading" | "recovering"): Promise<Calls["load"]["result"]> {
  const { chosen, backend, abort } = ticket;
  store.setState({ model: { status, progress: null } });
  return workerClient("drawing").call(
    "load",
    { source: chosen.source, backend },
    {
      signal: abort.signal,
      onProgress: (progress) => load === ticket && store.setState({ model: { status, progress } }),
    },
  );
}

/** The model of the last visit is not what it was: the bundled model draws, and a notice says so. */
function fallBack(): Promise<void> {
  remember({ keptModelId: null });
  addNotice("model-gone");
  return drawWith(BUNDLED);
}

function remember(change: Partial<{ keptModelId: string | null; isModelOpening: boolean }>): void {
  store.setState({ settings: { ...store.getState().settings, ...change } });
}

/** True if both are the same model; files of the disk are the same only if they were chosen at once. */
export function isSameSource(a: LoadSource, b: LoadSource): boolean {
  if (a.kind === "chosen" || b.kind === "chosen") return a === b;
  return a.kind === "kept" && b.kind === "kept" ? a.modelId === b.modelId : a.kind === b.kind;
}

/** Every word of the prompt is finished: none is left out of the report any more. */
export function finishWords(): void {
  if (store.getState().begunWord === null) return;
  store.setState({ begunWord: null });
  void inspectPrompt();
}

/** Asks how the model reads the prompt; an answer that a newer question overtook is dropped. */
export async function inspectPrompt(): Promise<void> {
  stopInspecting?.abort();
  const { model, settings, begunWord } = store.getState();
  if (model.status !== "ready") return;
  stopInspecting = new AbortController();
  const { signal } = stopInspecting;
  try {
    const promptReport = await workerClient("drawing").call(
      "inspectPrompt",
      { text: settings.prompt, begun: begunWord, everyWord: settings.isEveryWordSent },
      { signal },
    );
    if (!signal.aborted) store.setState({ promptReport });
  } catch (error) {
    // The report is a courtesy: without one the box says nothing, and generating reports what is wrong in full.
    if (!signal.aborted && asFailure(error).code !== "cancelled") store.setState({ promptReport: null });
  }
}
