/** Live mode's view of the page: whether it may draw, the wanted recipe, and the last change. */

import type { Recipe } from "../../core/recipe";
import type { Settings } from "../../storage/settings";
import { recipeOf } from "../drawing/choices";
import { parseSeed, randomSeed } from "../drawing/seed";
import {
  type AppState,
  isBundledChosen,
  isBusy,
  type LiveDraft,
  newestOfModel,
  shownPicture,
} from "../store";
import { keyOf } from "./draftRecipe";
import { type LiveFit, liveFitOf } from "./pace";
import type { Change } from "./phase";

/** Whether the chosen model is fast enough here. The bundled model was made to be. */
export function liveFit(state: AppState): LiveFit {
  if (isBundledChosen(state)) return { kind: "fits" };
  const newest = newestOfModel(state);
  if (newest === null) return liveFitOf(null);
  const { timingsMs, recipe } = newest;
  return liveFitOf({ stepMs: timingsMs.denoise / recipe.steps, decodeMs: timingsMs.decode });
}

/** True if it is switched on, and the model is fast enough for it. */
export function isLiveOn(state: AppState): boolean {
  return state.settings.isLive && liveFit(state).kind === "fits";
}

/** The draft that is on the stage, or null. */
export function draftOnStage({ live }: Pick<AppState, "live">): LiveDraft | null {
  return live !== null && live.seen !== null && live.status !== "refined" ? live : null;
}

/** True if neither a picture nor anything of one has been seen. */
export function isStageEmpty(state: AppState): boolean {
  return state.run.status !== "running" && shownPicture(state) === null && draftOnStage(state) === null;
}

/** True if nothing can be drawn now, whatever has begun: nobody looks, nothing is asked for, or there is no model. */
export function isHindered({ settings, model }: AppState, isHidden: boolean): boolean {
  // While a lost graphics device is made up for, the picture that lost it waits.
  const hasModel = model.status === "ready" || model.status === "recovering";
  return isHidden || settings.prompt.trim() === "" || !hasModel;
}

/** True if something may begin now. */
export function isFree(state: AppState, isHidden: boolean): boolean {
  return !isHindered(state, isHidden) && state.model.status === "ready" && !isBusy(state);
}

/** The picture that is asked for now; null before a model has said what it is. The seed stays what it was unless another was typed. */
export function wantedOf(state: AppState): Recipe | null {
  const { settings, modelReport, live } = state;
  if (modelReport === null) return null;
  const typed = settings.seed === null ? null : parseSeed(settings.seed);
  const seed = typed ?? live?.wanted.seed ?? shownPicture(state)?.recipe.seed ?? randomSeed();
  return recipeOf(settings, modelReport, seed);
}

/** True if that very picture is on the stage already, and no draft over it. */
export function isOnStage(wanted: Recipe, state: AppState): boolean {
  const shown = shownPicture(state);
  const isOwn = shown !== null && shown.model.name === state.modelReport?.name;
  return isOwn && draftOnStage(state) === null && keyOf(shown.recipe) === keyOf(wanted);
}

/** The part of the request that has changed, or null. Switching live mode on counts too; a change of the model does not. */
export function changeBetween(before: AppState, after: AppState): Change | null {
  if (!isLiveOn(after) || before.modelReport !== after.modelReport) return null;
  if (!before.settings.isLive) return "knob";
  if (before.settings === after.settings || requestKey(before) === requestKey(after)) return null;
  return wordsOf(before.settings) === wordsOf(after.settings) ? "knob" : "words";
}

function requestKey({ settings, modelReport }: AppState): string {
  return modelReport === null ? "" : `${settings.seed} ${keyOf(recipeOf(settings, modelReport, 0n))}`;
}

function wordsOf({ prompt, negativePrompt, seed }: Settings): string {
  return JSON.stringify([prompt, negativePrompt, seed]);
}

/** True if what live mode does or waits for is not wanted any more. */
export function isOver(before: AppState, after: AppState): boolean {
  const isTakenOver = isBusy(after) && !isBusy(before);
  const isRunStopped = isBusy(before) && !isBusy(after) && after.run.status !== "done";
  // Somebody chose to look at another picture.
  const isPutAway = after.live === null && before.live !== null && before.live.status !== "refined";
  const isOff = isLiveOn(before) && !isLiveOn(after);
  return isTakenOver || isRunStopped || isPutAway || isOff || before.chosen !== after.chosen;
}
