/** The actions of drawing. Each action calls the worker and sets the store; none of them rejects. */

import type { ModelCard } from "../../core/modelCard";
import type { Recipe } from "../../core/recipe";
import type { Picture } from "../../protocol/calls";
import type { Settings } from "../../storage/settings";
import { factsOf } from "../frame/failureFacts";
import type { Remedy } from "../frame/failureText";
import { MODELS } from "../frame/route";
import { type AppState, BUNDLED, type FailureFacts, isBusy, type Run, store } from "../store";
import { ideaPrompt } from "../words/surprise";
import { MODELS_OWN, recipesOf } from "./choices";
import { drawWith, finishWords, forgetLoad, inspectPrompt, loadModel, restartWorker } from "./loading";
import { orAbort } from "./orAbort";
import { ranked, withinLimits } from "./pictures";
import { pressSettings } from "./presses";
import { drawWithRetry } from "./recovery";
import { advancedRun, begunRun } from "./run";
import { parseSeed, randomSeed } from "./seed";

let stopRun: AbortController | null = null;
let nextPictureId = 1;
let nextSetId = 1;

/** Changes settings; whatever follows from them follows. */
export function changeSettings(change: Partial<Settings>): void {
  const { settings } = store.getState();
  store.setState({ settings: { ...settings, ...change } });
  const isReadAnew =
    change.isEveryWordSent !== undefined && change.isEveryWordSent !== settings.isEveryWordSent;
  if (isReadAnew || (change.prompt !== undefined && change.prompt !== settings.prompt)) void inspectPrompt();
  if (change.backend !== undefined && change.backend !== settings.backend) void loadModel();
}

/** Goes back to what the model's makers chose; prompt and appearance stay. */
export function resetChoices(): void {
  changeSettings({ ...MODELS_OWN, seed: null });
}

/**
 * Makes pictures of the settings, one after another, after the model has loaded. Does nothing while one is in the making.
 *
 * @param count as the settings say unless given.
 */
export async function generate(count: number = store.getState().settings.bestOf): Promise<void> {
  if (isBusy(store.getState())) return;
  const { signal } = beginRun();
  finishWords();
  try {
    if (store.getState().model.status !== "ready") await orAbort(loadModel(), signal);
    const { model, modelReport } = store.getState();
    if (model.status === "failed" || model.status === "dead") {
      // A failed run, not merely a failed model: whichever remedy is taken, the picture is still wanted.
      endRun(signal, { run: { status: "failed", failure: model.failure } });
      return;
    }
    if (model.status !== "ready" || modelReport === null) {
      endRun(signal, { run: { status: "idle" } });
      return;
    }
    haveWords(modelReport);
    const state = store.getState();
    await drawSet(recipesOf(state.settings, modelReport, seedOf(state), count), modelReport, signal);
  } catch (error) {
    endRun(signal, endOf(factsOf(error), store.getState()));
  }
}

/** An empty box is no wish for an empty picture: an idea of the model's own is put there, and can be taken back. */
function haveWords({ vocabulary, examples }: ModelCard): void {
  if (store.getState().settings.prompt.trim() !== "") return;
  pressSettings({ prompt: ideaPrompt(vocabulary ?? {}, examples, randomSeed()) }, true);
}

/** The state after a run that failed. A prompt of which nothing is known is answered beside the prompt. */
function endOf(failure: FailureFacts, state: AppState): Partial<AppState> {
  switch (failure.code) {
    case "cancelled":
      return { run: restingRun(state) };
    case "nothing-known":
      return { run: restingRun(state), unknownPrompt: state.settings.prompt };
    default:
      return { run: { status: "failed", failure } };
  }
}

/** Draws recipes one after another; each picture is kept as soon as it is done, whatever becomes of the others. */
async function drawSet(recipes: readonly Recipe[], model: ModelCard, signal: AbortSignal): Promise<void> {
  const setId = nextSetId++;
  let stepTimesMs: readonly number[] = [];
  for (const [index, recipe] of recipes.entries()) {
    const round = { index, count: recipes.length };
    store.setState({ run: begunRun(recipe, round, performance.now(), stepTimesMs) });
    const onProgress = showProgress(signal);
    const picture = await drawWithRetry("generate", recipe, { signal, onProgress });
    if (signal.aborted) return;
    keepPicture(picture, setId, model);
    const { run } = store.getState();
    if (run.status === "running") stepTimesMs = run.stepTimesMs;
  }
  endRun(signal, { run: restingRun(store.getState()) });
}

/** A run after it has ended: done if any picture of it is, else as if it had never begun. */
function restingRun({ run, pictures, shownId }: AppState): Run {
  const isAnyDone = run.status === "running" && pictures.some(({ setId }) => setId === nextSetId - 1);
  if (isAnyDone && shownId !== null) return { status: "done", pictureId: shownId };
  return run.status === "done" ? run : { status: "idle" };
}

/** Stops the picture in the making, now as far as the person can see, and within one step in the worker. */
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
  pressSettings({ ...MODELS_OWN, prompt, negativePrompt: "", seed }, true);
  await generate(1);
}

/** The same settings once more, with a seed that nobody chose. */
export async function generateWithNewSeed(): Promise<void> {
  changeSettings({ seed: null });
  await generate();
}

/** Takes one of the remedies of a failure. */
export async function takeRemedy(remedy: Remedy): Promise<void> {
  const wasRun = store.getState().run.status === "failed";
  switch (remedy) {
    case "reload-page":
      return location.reload();
    case "restart-worker":
      void restartWorker(); // joined below
      break;
    case "use-cpu":
      forgetLoad();
      changeSettings({ backend: "wasm" });
      break;
    case "smaller-size":
      changeSettings({ shape: "small" });
      break;
    case "reset-settings":
      resetChoices();
      break;
    case "use-bundled":
      await drawWith(BUNDLED);
      break;
    case "open-models":
      location.hash = MODELS;
      return;
    case "retry":
      break;
  }
  await (wasRun ? generate() : loadModel());
}

/** Shows one of the pictures that this visit keeps. */
export function showPicture(id: number): void {
  store.setState({ shownId: id, live: null });
}

/** Keeps a picture that nothing else was drawn with, and shows it. @returns its id. */
export function keepAlone(picture: Picture, card: ModelCard): number {
  return keepPicture(picture, nextSetId++, card);
}

function beginRun(): AbortController {
  stopRun = new AbortController();
  store.setState({ run: { status: "waiting" }, unknownPrompt: null });
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
function keepPicture({ png, sha256: _, ...facts }: Picture, setId: number, card: ModelCard): number {
  const id = nextPictureId++;
  const url = URL.createObjectURL(new Blob([png], { type: "image/png" }));
  const model = { name: card.name, promptMatch: card.promptMatch };
  const { kept, dropped } = withinLimits([{ ...facts, id, setId, url, model }, ...store.getState().pictures]);
  const [best] = ranked(kept.filter((picture) => picture.setId === setId));
  const { live } = store.getState();
  store.setState({
    pictures: kept,
    shownId: best?.id ?? id,
    live: live && { ...live, status: "refined" },
  });
  for (const picture of dropped) URL.revokeObjectURL(picture.url);
  return id;
}

/** The seed that was typed, else that of the draft on the stage: whoever likes what is there wants that; else a new one. */
function seedOf({ settings: { seed }, live }: AppState): bigint {
  const draft = live?.status === "refined" ? null : live;
  return (seed === null ? null : parseSeed(seed)) ?? draft?.wanted.seed ?? randomSeed();
}
