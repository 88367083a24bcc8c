/** Live mode: watches what is asked for, draws it in few steps at once, and in all of them when the hand rests. */

import type { Recipe } from "../../core/recipe";
import type { Calls, GenerateProgress } from "../../protocol/calls";
import { keepAlone } from "../drawing/actions";
import { drawWithRetry } from "../drawing/recovery";
import { advancedRun, begunRun } from "../drawing/run";
import { factsOf } from "../frame/failureFacts";
import { type AppState, type LiveDraft, newestOfModel, store } from "../store";
import { Attempt } from "./attempt";
import { draftOf } from "./draftRecipe";
import { Pace } from "./pace";
import { dueMsOf, isDrawing, type LiveEvent, type LivePhase, next, REST } from "./phase";
import { changeBetween, isFree, isHindered, isOnStage, isOver, wantedOf } from "./request";

/** The tab, as far as it matters: whether anyone can see it. A `Document` is one. */
export interface Tab extends Pick<EventTarget, "addEventListener" | "removeEventListener"> {
  readonly hidden: boolean;
}

let mode: LiveMode | null = null;

/** Begins to watch; returns the undo. Called once, by the composition root. */
export function connectLive(tab: Tab): () => void {
  const connected = new LiveMode(tab);
  mode = connected;
  return () => connected.disconnect();
}

/** Stops what live mode draws, now as far as the person can see; it goes on with the next change. */
export function stopLive(): void {
  mode?.send({ type: "stop" });
}

/** True while there is something for {@link stopLive} to stop. */
export function isLiveDrawing({ live }: Pick<AppState, "live">): boolean {
  return live?.status === "drawing" || live?.status === "refining";
}

class LiveMode {
  readonly #tab: Tab;
  readonly #pace = new Pace();
  readonly #undo: () => void;
  readonly #heed = () => this.#mind(store.getState());
  #phase: LivePhase = REST;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt: Attempt | null = null;

  constructor(tab: Tab) {
    this.#tab = tab;
    this.#undo = store.subscribe((after, before) => this.#look(before, after));
    tab.addEventListener("visibilitychange", this.#heed);
  }

  disconnect(): void {
    this.send({ type: "stop" });
    this.#undo();
    this.#tab.removeEventListener("visibilitychange", this.#heed);
  }

  send(event: LiveEvent): void {
    const before = this.#phase;
    this.#phase = next(before, event);
    if (isDrawing(before) && event.type !== "answer") this.#giveUp();
    this.#arm();
    if (before.at !== "drafting" && this.#phase.at === "drafting") void this.#draft();
    if (before.at !== "refining" && this.#phase.at === "refining") void this.#refine();
  }

  #look(before: AppState, after: AppState): void {
    if (isOver(before, after)) this.send({ type: "stop" });
    if (before.chosen !== after.chosen && after.live !== null) store.setState({ live: null });
    const change = changeBetween(before, after);
    if (change !== null) this.send({ type: "change", change, atMs: performance.now() });
    this.#mind(after);
  }

  /** Tells that an obstacle may have come or gone. */
  #mind(state: AppState): void {
    if (isDrawing(this.#phase) && isHindered(state, this.#tab.hidden))
      this.send({ type: "hindrance", atMs: performance.now() });
    else this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const dueMs = dueMsOf(this.#phase);
    if (dueMs === null || !isFree(store.getState(), this.#tab.hidden)) return;
    this.#timer = setTimeout(() => this.send({ type: "due" }), Math.max(0, dueMs - performance.now()));
  }

  #giveUp(): void {
    this.#attempt?.giveUp();
    const { live } = store.getState();
    if (live !== null && isLiveDrawing({ live })) store.setState({ live: { ...live, status: "drawn" } });
  }

  async #draft(): Promise<void> {
    const state = store.getState();
    const wanted = wantedOf(state);
    if (wanted === null || isOnStage(wanted, state)) return this.send({ type: "stop" });
    const kind = kindOf(wanted, state);
    const recipe = draftOf(wanted, this.#pace.stepsFor(kind, guessMsOf(wanted, state)));
    // The shown draft stays until there is a newer one, so that nothing blinks.
    const seen = state.live?.status === "refined" ? null : (state.live?.seen ?? null);
    const live: LiveDraft = { status: "drawing", wanted, refinedSteps: 0, seen };
    store.setState({ live });
    const onProgress = (progress: GenerateProgress, attempt: Attempt) =>
      this.#show(progress, recipe, attempt);
    const draft = await this.#ask("draft", recipe, kind, onProgress);
    if (draft === null) return;
    store.setState({ live: { ...live, status: "drawn", seen: { image: draft.image, share: 1, recipe } } });
    // Whatever failed before, this did not.
    if (state.run.status === "failed") store.setState({ run: { status: "idle" } });
    this.send({ type: "answer" });
  }

  async #refine(): Promise<void> {
    const state = store.getState();
    const { live, modelReport } = state;
    if (live === null || modelReport === null) return this.send({ type: "stop" });
    store.setState({ live: { ...live, status: "refining", refinedSteps: 0 } });
    const onProgress = ({ step }: GenerateProgress, { isGivenUp }: Attempt) => {
      const { live: now } = store.getState();
      if (!isGivenUp && now !== null) store.setState({ live: { ...now, refinedSteps: step } });
    };
    const picture = await this.#ask("generate", live.wanted, kindOf(live.wanted, state), onProgress);
    if (picture === null) return;
    store.setState({ run: { status: "done", pictureId: keepAlone(picture, modelReport) } });
    this.send({ type: "answer" });
  }

  /** The worker's picture of a recipe; null if it was given up, or if it failed, which is then said. */
  async #ask<K extends "draft" | "generate">(
    name: K,
    recipe: Recipe,
    kind: string,
    onProgress: (progress: GenerateProgress, attempt: Attempt) => void,
  ): Promise<Calls[K]["result"] | null> {
    const attempt = new Attempt(this.#pace.isMeasured(kind));
    this.#attempt = attempt;
    let run = begunRun(recipe, ALONE, performance.now(), this.#pace.stepTimesMs);
    const listen = (progress: GenerateProgress) => {
      run = advancedRun(run, progress, performance.now());
      this.#pace.note(kind, run.stepTimesMs);
      onProgress(progress, attempt);
      if (progress.step > 0) attempt.advance();
    };
    try {
      const { signal } = attempt;
      const everyWord = store.getState().settings.isEveryWordSent;
      const answer = await drawWithRetry(name, { recipe, everyWord }, { signal, onProgress: listen });
      return attempt.isGivenUp ? null : answer;
    } catch (error) {
      if (!attempt.isGivenUp) this.#fail(error);
      return null;
    }
  }

  /** The worker ends the step that it is at before it gives up: what came of it is newer than what is seen, and nothing newer is there. */
  #show({ preview }: GenerateProgress, recipe: Recipe, { isGivenUp }: Attempt): void {
    const { live, settings } = store.getState();
    const isFollowed = this.#phase.at === "changed" || this.#phase.at === "drafting";
    if (preview === null || live === null || !settings.isPreviewShown || (isGivenUp && !isFollowed)) return;
    const share = preview.step / (recipe.steps + 1);
    store.setState({ live: { ...live, seen: { image: preview.image, share, recipe } } });
  }

  #fail(error: unknown): void {
    this.send({ type: "stop" });
    store.setState({ live: null });
    const failure = factsOf(error);
    const { run } = store.getState();
    // Said once: the next letter will not make it different.
    const isSaid = run.status === "failed" && run.failure.message === failure.message;
    // Of a prompt without a known word nothing is drawn while it is typed.
    const isSilent = failure.code === "cancelled" || failure.code === "nothing-known";
    if (!isSilent && !isSaid) store.setState({ run: { status: "failed", failure } });
  }
}

const ALONE = { index: 0, count: 1 } as const;

/** The settings that decide how long a step takes. */
function kindOf(
  { widthPx, heightPx, guidanceScale, weights }: Recipe,
  { model, modelReport }: AppState,
): string {
  const backend = model.status === "ready" ? model.backend.kind : "";
  return [modelReport?.name, backend, widthPx, heightPx, guidanceScale > 1, weights].join();
}

/** The duration of a step of the model's last picture, if that was as large. */
function guessMsOf({ widthPx, heightPx }: Recipe, state: AppState): number | null {
  const last = newestOfModel(state);
  const isAlike = last !== null && last.widthPx === widthPx && last.heightPx === heightPx;
  return isAlike ? last.timingsMs.denoise / last.recipe.steps : null;
}
