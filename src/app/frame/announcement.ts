/** The sentences that a screen reader is told: beginnings, quarters, endings. */

import { type AppState, type FailureFacts, isBusy, type Running, shownPicture, situationOf } from "../store";
import { failureText } from "./failureText";
import { NOTICE_TEXTS } from "./notices";
import { RECOVERING } from "./statusText";

export interface Announcement {
  readonly text: string;
  /** Progress may be dropped when it follows too closely; endings may not. */
  readonly kind: "progress" | "ending";
}

type Watched = Pick<AppState, "model" | "run" | "notices" | "unknownPrompt">;

/** The sentence about the change from `before` to `after`, or null. */
export function announcementOf(before: Watched, after: AppState): Announcement | null {
  if (before.run !== after.run) return ofRun(before, after);
  if (before.model.status !== after.model.status) return ofModel(after);
  const news = after.notices.find((notice) => !before.notices.includes(notice));
  return news === undefined ? null : ending(NOTICE_TEXTS[news]);
}

function ofRun(before: Watched, after: AppState): Announcement | null {
  const { run } = after;
  switch (run.status) {
    case "waiting":
      return progress("Generating, waiting for the model.");
    case "running": {
      if (run.round.count > 1) return ofSet(before, run);
      if (before.run.status !== "running") return progress(`Generating, ${run.recipe.steps} steps.`);
      const quarter = quarterOf(run.step, run.recipe.steps);
      const isNew = quarter > quarterOf(before.run.step, run.recipe.steps);
      return isNew && quarter < 4 ? progress(`${quarter * 25} percent.`) : null;
    }
    case "done":
      return ending(readyText(after));
    case "failed":
      return ending(titleOf(run.failure, after));
    case "idle":
      return isBusy(before) ? ending(restText(before, after)) : null;
  }
}

function restText(before: Watched, after: Watched): string {
  if (before.unknownPrompt === after.unknownPrompt) return "Stopped.";
  return "The model knows none of these words. Ideas are below the prompt.";
}

/** Of several pictures only the beginnings are told, lest it never be quiet. */
function ofSet(before: Watched, { round, recipe }: Running): Announcement | null {
  if (before.run.status !== "running")
    return progress(`Generating ${round.count} pictures of ${recipe.steps} steps.`);
  return before.run.round.index === round.index
    ? null
    : progress(`Picture ${round.index + 1} of ${round.count}.`);
}

function readyText(state: AppState): string {
  const shown = shownPicture(state);
  const count = state.pictures.filter(({ setId }) => setId === shown?.setId).length;
  const seed = `Seed ${shown?.recipe.seed ?? "unknown"}.`;
  return count > 1 ? `${count} pictures ready, the best on show. ${seed}` : `Picture ready. ${seed}`;
}

function ofModel(after: AppState): Announcement | null {
  const { model } = after;
  switch (model.status) {
    case "loading":
      return progress("Loading the model.");
    case "recovering":
      return ending(`${RECOVERING}.`);
    case "ready":
      return ending(`Ready. Runs on: ${model.backend.description}.`);
    case "failed":
    case "dead":
      return ending(titleOf(model.failure, after));
    case "absent":
      return null;
  }
}

function titleOf({ code }: FailureFacts, state: AppState): string {
  return failureText(code, situationOf(state)).title;
}

/** 0 ... 4: quarters that are done. */
export function quarterOf(step: number, steps: number): number {
  return Math.floor((4 * step) / steps);
}

function progress(text: string): Announcement {
  return { text, kind: "progress" };
}

function ending(text: string): Announcement {
  return { text, kind: "ending" };
}
