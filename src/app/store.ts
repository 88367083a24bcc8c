/** The state of the studio, one value per concern. No value here follows from another. */

import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import type { BackendReport } from "../core/backend";
import type { FailureCode } from "../core/failure";
import type { ModelCard } from "../core/modelCard";
import type { Rgba } from "../core/pixels";
import type { Recipe } from "../core/recipe";
import type { GenerateProgress, LoadProgress, LoadSource, Preview } from "../protocol/calls";
import type { PromptReport } from "../protocol/promptReport";
import { DEFAULT_SETTINGS, type Settings } from "../storage/settings";
import type { Situation } from "./frame/failureText";

/** A failure, as it crossed the wire. */
export interface FailureFacts {
  readonly code: FailureCode;
  readonly message: string;
}

/** The model that draws, or is to draw as soon as it has loaded. */
export interface ChosenModel {
  readonly source: LoadSource;
  /** As it is called where it was chosen; "" while nobody knows. */
  readonly name: string;
}

/** The bundled model. */
export const BUNDLED: ChosenModel = { source: { kind: "bundled" }, name: "" };

/** A model that could not be opened, while the one before it draws on. */
export interface RefusedModel {
  readonly chosen: ChosenModel;
  readonly failure: FailureFacts;
}

/** The model: "dead" is a failure after which no call can succeed before a restart. */
export type ModelState =
  | { readonly status: "absent" }
  /** "recovering" is loading again because the graphics device was lost. */
  | { readonly status: "loading" | "recovering"; readonly progress: LoadProgress | null }
  | { readonly status: "ready"; readonly backend: BackendReport }
  | { readonly status: "failed" | "dead"; readonly failure: FailureFacts };

/** Which of the pictures that were asked for at once this is. */
export interface Round {
  /** 0 ... `count` - 1. */
  readonly index: number;
  readonly count: number;
}

/** A picture in the making. */
export interface Running {
  readonly status: "running";
  readonly recipe: Recipe;
  readonly round: Round;
  readonly stage: GenerateProgress["stage"];
  readonly step: number;
  /** When the last progress came, on the clock of `performance.now`. */
  readonly atMs: number;
  /** How long each finished step took, as far as measured; those of earlier pictures of the same set come first. */
  readonly stepTimesMs: readonly number[];
  readonly preview: Preview | null;
}

/** The kinds of run; one picture is made at a time. */
export type Run =
  | { readonly status: "idle" }
  /** Asked for, and waiting for the model. */
  | { readonly status: "waiting" }
  | Running
  | { readonly status: "done"; readonly pictureId: number }
  | { readonly status: "failed"; readonly failure: FailureFacts };

/** The shown state of a draft: a guess at it, or itself. */
export interface LiveImage {
  readonly image: Rgba;
  /** Part of the steps to the draft that are done, 0 ... 1; 1 is the draft. */
  readonly share: number;
  /** The draft's. */
  readonly recipe: Recipe;
}

/** Live mode's draft on the stage, instead of a finished picture. */
export interface LiveDraft {
  /** "refined" says that the picture itself has come, and takes the stage as soon as it can be shown. */
  readonly status: "drawing" | "drawn" | "refining" | "refined";
  /** The picture that the draft stands for. */
  readonly wanted: Recipe;
  /** Steps of that picture that are done. */
  readonly refinedSteps: number;
  /** null until the first guess has come. */
  readonly seen: LiveImage | null;
}

/** A finished picture that this visit holds. */
export interface KeptPicture {
  readonly id: number;
  /** Pictures that were asked for at once have this in common; later sets have higher numbers. */
  readonly setId: number;
  /** An object URL of the PNG file; revoked by the action that lets the picture go. */
  readonly url: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly recipe: Recipe;
  readonly timingsMs: { readonly encode: number; readonly denoise: number; readonly decode: number };
  /** CLIP score, 0 ... 100; null if the model brings no prompt match. */
  readonly promptMatch: number | null;
  /** The model that drew it: its name, and the scale that its prompt match is read by. */
  readonly model: Pick<ModelCard, "name" | "promptMatch">;
}

/** Something to know that needs no answer now. */
export type Notice =
  | "update-ready"
  | "offline-ready"
  | "settings-reset"
  | "settings-unsaved"
  /** The model of the last visit could not be opened. */
  | "model-gone"
  /** The last visit ended while its model was being opened. */
  | "model-unfinished"
  /** The model that was used has been deleted. */
  | "model-deleted"
  /** The model that was asked for could not be opened. */
  | "model-refused";

/** A press that changed settings. */
export interface Press {
  readonly before: Settings;
  readonly change: Partial<Settings> & Pick<Settings, "prompt">;
  /** True if it put other words in the place of the prompt; false if it added to them. */
  readonly isReplacement: boolean;
}

export interface AppState {
  readonly settings: Settings;
  readonly chosen: ChosenModel;
  readonly model: ModelState;
  /** null as soon as a model is asked for again. */
  readonly refused: RefusedModel | null;
  /** The chosen model's description of itself when it last loaded; known even while it loads again. */
  readonly modelReport: ModelCard | null;
  /** The bundled model's description of itself; null before it has been loaded in this visit. */
  readonly bundledReport: ModelCard | null;
  readonly run: Run;
  /** Beside the run: a draft is drawn unasked, and nothing waits for it. */
  readonly live: LiveDraft | null;
  /** Newest first. */
  readonly pictures: readonly KeptPicture[];
  readonly shownId: number | null;
  /** How the model reads the prompt, as of the last answer. */
  readonly promptReport: PromptReport | null;
  /** Where in the prompt the word begins that is being typed, so that nobody is judged in mid-word; null if all are finished. */
  readonly begunWord: number | null;
  /** The prompt that was asked for last of which the model knows nothing; null if it has known something of each. */
  readonly unknownPrompt: string | null;
  /** The answer to a file that was dropped last; null once it is taken away. */
  readonly dropNote: string | null;
  /** Presses that changed settings, oldest first, each with its way back. */
  readonly presses: readonly Press[];
  readonly notices: readonly Notice[];
}

export const INITIAL_STATE: AppState = {
  settings: DEFAULT_SETTINGS,
  chosen: BUNDLED,
  model: { status: "absent" },
  refused: null,
  modelReport: null,
  bundledReport: null,
  run: { status: "idle" },
  live: null,
  pictures: [],
  shownId: null,
  promptReport: null,
  begunWord: null,
  unknownPrompt: null,
  dropNote: null,
  presses: [],
  notices: [],
};

export const store = createStore<AppState>()(() => INITIAL_STATE);

/** One narrow value of the store, for a component. */
export function useApp<T>(select: (state: AppState) => T): T {
  return useStore(store, select);
}

/** True from the press of Generate until there is a picture, a failure or a stop. */
export function isBusy({ run }: Pick<AppState, "run">): boolean {
  return run.status === "waiting" || run.status === "running";
}

/** The picture on show, or null. */
export function shownPicture({ pictures, shownId }: AppState): KeptPicture | null {
  return pictures.find(({ id }) => id === shownId) ?? null;
}

/** The picture that the chosen model drew last, or null. */
export function newestOfModel({ pictures, modelReport }: AppState): KeptPicture | null {
  return pictures.find(({ model }) => model.name === modelReport?.name) ?? null;
}

/** True if the bundled model draws, or is to. */
export function isBundledChosen({ chosen }: AppState): boolean {
  return chosen.source.kind === "bundled";
}

/** The present answer to a failure. */
export function situationOf(state: AppState): Situation {
  return {
    worker: state.model.status === "dead" ? "dead" : "alive",
    model: isBundledChosen(state) ? "bundled" : "other",
  };
}
