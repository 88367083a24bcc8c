/** All failures as sentences with their remedies. */

import type { FailureCode } from "../../core/failure";

/** A way out of a failure that a person can choose. */
export type Remedy =
  | "retry"
  | "use-cpu"
  | "restart-worker"
  | "smaller-size"
  | "reset-settings"
  | "reload-page"
  | "use-bundled"
  | "open-models";

export interface FailureText {
  readonly title: string;
  readonly advice: string;
  /** Best first. */
  readonly remedies: readonly Remedy[];
}

export const REMEDY_LABELS: Readonly<Record<Remedy, string>> = {
  retry: "Try again",
  "use-cpu": "Use the processor",
  "restart-worker": "Restart the engine",
  "smaller-size": "Make it smaller",
  "reset-settings": "Use the model’s own settings",
  "reload-page": "Reload the page",
  "use-bundled": "Use the model in the box",
  "open-models": "Open Models",
};

const TEXTS: Readonly<Record<FailureCode, FailureText>> = {
  cancelled: {
    title: "Stopped.",
    advice: "Nothing was lost but the unfinished picture.",
    remedies: ["retry"],
  },
  "device-lost": {
    title: "The graphics device went away.",
    advice:
      "It was started again once, and went away again. Another program may need it, or this picture asks too much of it. Your prompt and pictures are still here.",
    remedies: ["restart-worker", "use-cpu", "smaller-size"],
  },
  "out-of-memory": {
    title: "There was not enough memory.",
    advice: "A smaller picture needs less. Closing other tabs helps too.",
    remedies: ["smaller-size", "use-cpu", "restart-worker"],
  },
  "storage-full": {
    title: "There is no room for the model.",
    advice:
      "Delete a model that you no longer need, or free space on this disk, then go on where it stopped.",
    remedies: ["open-models", "retry"],
  },
  "model-corrupt": {
    title: "The model’s files are damaged.",
    advice: "Fetching them again usually repairs this.",
    remedies: ["retry", "reload-page"],
  },
  "model-missing": {
    title: "The model could not be fetched.",
    advice: "Check the connection, then try again.",
    remedies: ["retry", "reload-page"],
  },
  "engine-missing": {
    title: "The engine is not on this device yet.",
    advice:
      "It comes from this page’s site, and is kept after its first use. Check the connection, then try again.",
    remedies: ["retry", "reload-page"],
  },
  unsupported: {
    title: "This browser cannot run it that way.",
    advice: "The processor works in every current browser, only slower.",
    remedies: ["use-cpu", "retry"],
  },
  "bad-request": {
    title: "No picture can be made of these settings.",
    advice: "Change what the sentence below names, or go back to the model’s own settings.",
    remedies: ["reset-settings"],
  },
  "nothing-known": {
    title: "The model knows none of these words.",
    advice: "Take other words, or one of the ideas below the prompt.",
    remedies: [],
  },
  internal: {
    title: "Something went wrong in the engine.",
    advice: "Your prompt and pictures are still here.",
    remedies: ["retry", "restart-worker"],
  },
};

const DEAD: FailureText = {
  title: "The engine stopped.",
  advice: "It can be started again. Your prompt and pictures are still here.",
  remedies: ["restart-worker", "use-cpu"],
};

/** Of a model that is not the bundled model, some failures mean something else. */
const OTHER_MODEL: Partial<Readonly<Record<FailureCode, FailureText>>> = {
  "out-of-memory": {
    title: "There was not enough memory for this model.",
    advice: "A smaller picture or a smaller model needs less. Closing other tabs helps too.",
    remedies: ["smaller-size", "use-bundled", "restart-worker"],
  },
  "model-corrupt": {
    title: "The files of this model are damaged.",
    advice: "In Models, “Verify” finds what is wrong with a kept one, and fetching it again repairs it.",
    remedies: ["open-models", "use-bundled"],
  },
  "model-missing": {
    title: "The files of this model are not here any more.",
    advice: "The browser or a person has removed them. Fetch them again, or choose them again from the disk.",
    remedies: ["open-models", "use-bundled"],
  },
  unsupported: {
    title: "This model cannot be run here.",
    advice: "The sentence below says what was found in it, and what would have been needed.",
    remedies: ["use-bundled", "open-models", "use-cpu"],
  },
};

/** The answer to a failure. */
export interface Situation {
  readonly worker: "alive" | "dead";
  /** Which model draws, or was to. */
  readonly model: "bundled" | "other";
}

/** The sentence for a failure and the ways out of it; once the worker is dead, only a restart helps, whatever the code. */
export function failureText(code: FailureCode, { worker, model }: Situation): FailureText {
  const text = (model === "other" ? OTHER_MODEL[code] : undefined) ?? TEXTS[code];
  if (worker === "alive") return text;
  if (code === "device-lost") return TEXTS[code];
  // A worker that died of a large model would die of it again.
  return model === "bundled" ? DEAD : { ...DEAD, remedies: ["restart-worker", "use-bundled"] };
}
