/** Stage and progress in words, from what was counted and measured; nothing here is estimated without a measurement. */

import type { LoadProgress } from "../../protocol/calls";
import { remainingMs } from "../drawing/run";
import type { AppState, Running } from "../store";

/** How far along, and what to call it. `done` is null where nothing can be counted. */
export interface Status {
  readonly text: string;
  /** 0 ... 1. */
  readonly done: number | null;
}

/** While a lost graphics device is made up for. */
export const RECOVERING = "The graphics device went away; starting again";

/** The worker's present work in words, or null when it rests. */
export function statusOf({ model, run }: Pick<AppState, "model" | "run">): Status | null {
  if (model.status === "recovering") return { ...loadStatus(model.progress), text: RECOVERING };
  if (run.status === "running") return runStatus(run);
  if (model.status === "loading") return loadStatus(model.progress);
  return run.status === "waiting" ? { text: "Waiting for the model", done: null } : null;
}

/** The title of the page's tab. */
export function pageTitle(state: Pick<AppState, "model" | "run">): string {
  const status = state.run.status === "running" || state.run.status === "waiting" ? statusOf(state) : null;
  if (status === null) return "Afterimage";
  return `${status.done === null ? "…" : donePercent(status.done)} · Afterimage`;
}

function loadStatus(progress: LoadProgress | null): Status {
  if (progress === null) return { text: "Loading model", done: null };
  const { stage, done, total } = progress;
  const part = total > 0 ? Math.min(1, done / total) : null;
  switch (stage) {
    case "engine":
      return { text: part === null ? "Loading engine" : `Loading engine ${donePercent(part)}`, done: part };
    case "weights":
      return { text: part === null ? "Loading model" : `Loading model ${donePercent(part)}`, done: part };
    case "sessions":
      return { text: `Preparing the model, ${done} of ${total}`, done: part };
    case "shaders":
      return { text: `Compiling for the GPU, ${done} of ${total}`, done: part };
  }
}

function runStatus(run: Running): Status {
  const { index, count } = run.round;
  const { text, done } = pictureStatus(run);
  if (count === 1) return { text, done };
  const ordinal = `Picture ${index + 1} of ${count}`;
  return {
    text: `${ordinal}, ${text.charAt(0).toLowerCase()}${text.slice(1)}`,
    done: (index + done) / count,
  };
}

function pictureStatus(run: Running): Status & { readonly done: number } {
  const { steps } = run.recipe;
  switch (run.stage) {
    case "encode":
      return { text: "Reading the prompt", done: 0 };
    case "denoise": {
      const leftMs = remainingMs(run);
      const left = leftMs === null || leftMs === 0 ? "" : `, ${leftText(leftMs)}`;
      const now = Math.min(steps, run.step + 1);
      return { text: `Step ${now} of ${steps}${left}`, done: run.step / steps };
    }
    case "decode":
      return { text: "Decoding", done: 1 };
  }
}

/** "about 3 s left"; never negative, never of false precision. */
export function leftText(ms: number): string {
  const s = Math.max(0, ms) / 1000;
  if (s < 1) return "less than 1 s left";
  return s < 99.5 ? `about ${Math.round(s)} s left` : `about ${durationText(ms)} left`;
}

/** "0.4 s", "12 s", "3 min", "1 h 20 min". */
export function durationText(ms: number): string {
  const s = ms / 1000;
  if (s < 9.95) return `${s.toFixed(1)} s`;
  if (s < 99.5) return `${Math.round(s)} s`;
  const minutes = Math.round(s / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Rounded down, so that 100 % is never said too early. */
function donePercent(part: number): string {
  return `${Math.floor(part * 100)} %`;
}
