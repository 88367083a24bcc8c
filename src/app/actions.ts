/** What the person can make happen. Each action calls the engine and sets the store; none of them rejects. */

import type { Engine } from "../client/engine";
import { asFailure, Failure } from "../core/failure";
import type { Recipe } from "../core/recipe";
import type { Picture } from "../protocol/calls";
import type { Settings } from "../storage/settings";
import { recipesOf } from "./choices";
import type { Way } from "./failureText";
import { ranked, roomFor } from "./pictures";
import { advancedRun, begunRun } from "./run";
import { parseSeed, randomSeed } from "./seed";
import { type AppState, type FailureFacts, INITIAL_STATE, isBusy, type Run, store } from "./store";

/** As much of the engine as the page uses. */
export type PageEngine = Pick<Engine, "call" | "restart" | "onDeath">;

/** One loading of the model; a later one makes it void. */
interface Load {
  readonly backend: Settings["backend"];
  ready: Promise<void>;
}

let engine: PageEngine | null = null;
let load: Load | null = null;
let stopRun: AbortController | null = null;
let stopInspecting: AbortController | null = null;
let nextPictureId = 1;
let nextSetId = 1;

/** Says which engine the actions speak to; called once, by the composition root. */
export function connectEngine(connected: PageEngine): void {
  engine = connected;
  connected.onDeath((failure) => {
    load = null;
    store.setState({ model: { status: "dead", failure: factsOf(failure) } });
    // A worker that had to be stopped by force did what was asked: no reason to ask the person anything.
    if (failure.code === "cancelled") restartEngine();
  });
}

/** Changes settings; whatever follows from them follows. */
export function changeSettings(change: Partial<Settings>): void {
  const { settings } = store.getState();
  store.setState({ settings: { ...settings, ...change } });
  if (change.prompt !== undefined && change.prompt !== settings.prompt) void inspectPrompt();
  if (change.backend !== undefined && change.backend !== settings.backend) void loadModel();
}

/** Goes back to what the model's makers chose; prompt and appearance stay. */
export function resetChoices(): void {
  const { steps, guidanceScale, sampler, weights, shape, seed } = INITIAL_STATE.settings;
  changeSettings({ steps, guidanceScale, sampler, weights, shape, seed });
}

/** Loads the model where the settings say; a load that is under way for the same backend is joined, not repeated. */
export function loadModel(): Promise<void> {
  const { backend } = store.getState().settings;
  if (load?.backend === backend) return load.ready;
  const ticket: Load = { backend, ready: Promise.resolve() };
  load = ticket;
  ticket.ready = loadFor(ticket);
  return ticket.ready;
}

async function loadFor(ticket: Load): Promise<void> {
  const isCurrent = () => load === ticket;
  if (store.getState().model.status === "dead") connected().restart();
  store.setState({ model: { status: "loading", progress: null } });
  try {
    const { model: modelReport, backend } = await connected().call(
      "load",
      { source: { kind: "bundled" }, backend: ticket.backend },
      { onProgress: (progress) => isCurrent() && store.setState({ model: { status: "loading", progress } }) },
    );
    if (!isCurrent()) return;
    store.setState({ model: { status: "ready", backend }, modelReport });
    void inspectPrompt();
  } catch (error) {
    if (!isCurrent()) return;
    load = null;
    store.setState({ model: { status: "failed", failure: factsOf(error) } });
  }
}

/**
 * Makes pictures of the settings, one after another, after the model has loaded. Does nothing while one is in the making.
 *
 * @param count as the settings say unless given.
 */
export async function generate(count: number = store.getState().settings.bestOf): Promise<void> {
  if (isBusy(store.getState())) return;
  const { signal } = beginRun();
  try {
    if (store.getState().model.status !== "ready") await orAbort(loadModel(), signal);
    const { model, modelReport, settings } = store.getState();
    if (model.status !== "ready" || modelReport === null) {
      endRun(signal, { run: { status: "idle" } });
      return;
    }
    await drawSet(recipesOf(settings, modelReport, seedOf(settings), count), signal);
  } catch (error) {
    const failure = factsOf(error);
    const isCancelled = failure.code === "cancelled";
    endRun(signal, { run: isCancelled ? restingRun(store.getState()) : { status: "failed", failure } });
  }
}

/** Draws recipes one after another; each picture is kept as soon as it is done, whatever becomes of the others. */
async function drawSet(recipes: readonly Recipe[], signal: AbortSignal): Promise<void> {
  const setId = nextSetId++;
  let stepTimesMs: readonly number[] = [];
  for (const [index, recipe] of recipes.entries()) {
    const round = { index, count: recipes.length };
    store.setState({ run: begunRun(recipe, round, performance.now(), stepTimesMs) });
    const onProgress = showProgress(signal);
    const picture = await connected().call("generate", { recipe }, { signal, onProgress });
    if (signal.aborted) return;
    keepPicture(picture, setId);
    const { run } = store.getState();
    if (run.status === "running") stepTimesMs = run.stepTimesMs;
  }
  endRun(signal, { run: restingRun(store.getState()) });
}

/** What a run comes to when nothing more is drawn: done if any of its pictures is, else as if it had never been. */
function restingRun({ run, pictures, shownId }: AppState): Run {
  const isAnyDone = run.status === "running" && pictures.some(({ setId }) => setId === nextSetId - 1);
  if (isAnyDone && shownId !== null) return { status: "done", pictureId: shownId };
  return run.status === "done" ? run : { status: "idle" };
}

/** Stops the picture in the making, now as far as the person can see, and within one step in the engine. */
export function stop(): void {
  stopRun?.abort();
  if (isBusy(store.getState())) store.setState({ run: restingRun(store.getState()) });
}

/** Takes an example as prompt and seed, and makes it with the model's own settings. */
export async function generateExample({
  prompt,
  seed,
}: {
  readonly prompt: string;
  readonly seed: string;
}): Promise<void> {
  if (isBusy(store.getState())) return;
  resetChoices();
  changeSettings({ prompt, negativePrompt: "", seed });
  await generate(1);
}

/** The same settings once more, with a seed that nobody chose. */
export async function generateWithNewSeed(): Promise<void> {
  changeSettings({ seed: null });
  await generate();
}

/** Ends the worker, whatever it does, and loads the model in a new one. */
export function restartEngine(): void {
  // Loading brings a dead engine back by itself.
  if (store.getState().model.status !== "dead") connected().restart();
  load = null;
  void loadModel();
}

/** Takes one of the ways out of a failure. */
export async function takeWay(way: Way): Promise<void> {
  const wasRun = store.getState().run.status === "failed";
  switch (way) {
    case "reload-page":
      return location.reload();
    case "restart-engine":
      restartEngine();
      break;
    case "use-processor":
      load = null;
      changeSettings({ backend: "wasm" });
      break;
    case "smaller-size":
      changeSettings({ shape: "small" });
      break;
    case "reset-settings":
      resetChoices();
      break;
    case "retry":
      break;
  }
  await (wasRun ? generate() : loadModel());
}

/** Shows one of the pictures that this visit keeps. */
export function showPicture(id: number): void {
  store.setState({ shownId: id });
}

/** Asks how the model reads the prompt; an answer that a newer question overtook is dropped. */
export async function inspectPrompt(): Promise<void> {
  stopInspecting?.abort();
  const { model, settings } = store.getState();
  if (model.status !== "ready") return;
  stopInspecting = new AbortController();
  const { signal } = stopInspecting;
  try {
    const promptReport = await connected().call("inspectPrompt", { text: settings.prompt }, { signal });
    if (!signal.aborted) store.setState({ promptReport });
  } catch (error) {
    // The report is a courtesy: without one the box says nothing, and generating reports what is wrong in full.
    if (!signal.aborted && asFailure(error).code !== "cancelled") store.setState({ promptReport: null });
  }
}

function connected(): PageEngine {
  if (engine === null) throw new Failure("internal", "The page has no engine: connectEngine was not called.");
  return engine;
}

function beginRun(): AbortController {
  stopRun = new AbortController();
  store.setState({ run: { status: "waiting" } });
  return stopRun;
}

/** Ends the run that `signal` belongs to, unless another has begun. */
function endRun(signal: AbortSignal, end: Partial<AppState>): void {
  if (stopRun?.signal === signal) store.setState(end);
}

function showProgress(signal: AbortSignal) {
  return (progress: Parameters<typeof advancedRun>[1]) => {
    const { run } = store.getState();
    if (signal.aborted || run.status !== "running") return;
    store.setState({ run: advancedRun(run, progress, performance.now()) });
  };
}

/** Keeps a finished picture, shows the best of its set, and lets go of what there is no more room for. */
function keepPicture({ png, prompt, sha256: _, ...facts }: Picture, setId: number): void {
  const id = nextPictureId++;
  const url = URL.createObjectURL(new Blob([png], { type: "image/png" }));
  const { kept, dropped } = roomFor([{ ...facts, id, setId, url }, ...store.getState().pictures]);
  const [best] = ranked(kept.filter((picture) => picture.setId === setId));
  store.setState({ pictures: kept, shownId: best?.id ?? id, promptReport: prompt });
  for (const picture of dropped) URL.revokeObjectURL(picture.url);
}

function seedOf({ seed }: Settings): bigint {
  return (seed === null ? null : parseSeed(seed)) ?? randomSeed();
}

function factsOf(error: unknown): FailureFacts {
  const { code, message } = asFailure(error);
  return { code, message };
}

/** `work`, or a rejection as soon as `signal` fires, whichever is first. */
function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new Failure("cancelled", "Cancelled while waiting for the model."));
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
