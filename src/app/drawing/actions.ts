/** The actions of drawing. Each action calls the worker and sets the store; none of them rejects. */

import type { Example, ModelCard } from "../../core/modelCard";
import { typedPrompt } from "../../core/recipe";
import type { Picture, WantedPicture } from "../../protocol/calls";
import type { Settings } from "../../storage/settings";
import { factsOf } from "../frame/failureFacts";
import type { Remedy } from "../frame/failureText";
import { MODELS } from "../frame/route";
import { type AppState, BUNDLED, type FailureFacts, isBusy, type Run, shownPicture, store } from "../store";
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

/** Makes as many pictures of the settings as they say, one after another, after the model has loaded. */
export function generate(): Promise<void> {
  return draw((_, model) => {
    haveWords(model);
    const state = store.getState();
    return wantedBySettings(state, model, state.settings.bestOf, seedOf(state));
  });
}

/**
 * Draws what `wanted` says once the model has loaded. Does nothing while a picture is in the making.
 */
async function draw(wanted: (state: AppState, model: ModelCard) => readonly WantedPicture[]): Promise<void> {
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
    const state = store.getState();
    await drawSet(wanted(state, modelReport), modelReport, signal);
  } catch (error) {
    endRun(signal, endOf(factsOf(error), store.getState()));
  }
}

function wantedBySettings(
  { settings }: AppState,
  model: ModelCard,
  count: number,
  seed: bigint,
): readonly WantedPicture[] {
  const everyWord = settings.isEveryWordSent;
  return recipesOf(settings, model, seed, count).map((recipe) => ({ recipe, everyWord }));
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
async function drawSet(
  wanted: readonly WantedPicture[],
  model: ModelCard,
  signal: AbortSignal,
): Promise<void> {
  const setId = nextSetId++;
  let stepTimesMs: readonly number[] = [];
  for (const [index, picture] of wanted.entries()) {
    const round = { index, count: wanted.length };
    store.setState({ run: begunRun(picture.recipe, round, performance.now(), stepTimesMs) });
    const onProgress = showProgress(signal);
    const drawn = await drawWithRetry("generate", picture, { signal, onProgress });
    if (signal.aborted) return;
    keepPicture(drawn, setId, model);
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

/**
 * Takes an example's prompt, and makes it with its seed and the model's own settings. The seed is the example's alone: what is
 * generated next has another.
 */
export async function generateExample({ prompt, seed }: Example): Promise<void> {
  if (isBusy(store.getState())) return;
  pressSettings({ ...MODELS_OWN, prompt, negativePrompt: "", seed: null }, true);
  await draw((state, model) => wantedBySettings(state, model, 1, parseSeed(seed) ?? randomSeed()));
}

/**
 * Makes another of the picture on show: its recipe with a seed that nobody chose, whatever stands in the box. Another model than
 * its own takes its words, and the settings for the rest.
 */
export async function generateAnother(): Promise<void> {
  const shown = shownPicture(store.getState());
  if (shown === null) return;
  await draw((state, model) => {
    const { recipe } = shown;
    const seed = randomSeed();
    const count = state.settings.bestOf;
    // A prompt that was sent as it was typed is sent so again.
    const everyWord = recipe.typed === undefined;
    const words = { prompt: typedPrompt(recipe), negativePrompt: recipe.negativePrompt };
    const recipes = recipesOf({ ...state.settings, ...words }, model, seed, count);
    if (shown.model.name !== model.name) return recipes.map((other) => ({ recipe: other, everyWord }));
    const { typed: _, ...own } = recipe;
    return recipes.map((other) => ({ recipe: { ...own, ...words, seed: other.seed }, everyWord }));
  });
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
  const { run } = store.getState();
  store.setState({ shownId: id, live: null, run: run.status === "failed" ? { status: "idle" } : run });
}

/** Keeps a picture that nothing else was drawn with, and shows it. @returns its id. */
export function keepAlone(picture: Picture, card: ModelCard): number {
  return keepPicture(picture, nextSetId++, card);
}

function beginRun(): AbortController {
  stopRun = new AbortController();
  store.setState({ run: { status: "waiting" }, unknownPrompt: null, dropNote: null });
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
