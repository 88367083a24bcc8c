/** The one place where failures become sentences with a way out. */

import type { FailureCode } from "../core/failure";

/** What a person can do about a failure. */
export type Way =
  | "retry"
  | "use-processor"
  | "restart-engine"
  | "smaller-size"
  | "reset-settings"
  | "reload-page"
  | "use-box"
  | "open-models";

export interface FailureText {
  readonly title: string;
  readonly advice: string;
  /** Best first. */
  readonly ways: readonly Way[];
}

export const WAY_LABELS: Readonly<Record<Way, string>> = {
  retry: "Try again",
  "use-processor": "Use the processor",
  "restart-engine": "Restart the engine",
  "smaller-size": "Make it smaller",
  "reset-settings": "Use the model’s own settings",
  "reload-page": "Reload the page",
  "use-box": "Use the model in the box",
  "open-models": "Open Models",
};

const TEXTS: Readonly<Record<FailureCode, FailureText>> = {
  cancelled: { title: "Stopped.", advice: "Nothing was lost but the unfinished picture.", ways: ["retry"] },
  "device-lost": {
    title: "The graphics device went away.",
    advice:
      "It was started again once, and went away again. Another program may need it, or this picture asks too much of it. Your prompt and pictures are still here.",
    ways: ["restart-engine", "use-processor", "smaller-size"],
  },
  "out-of-memory": {
    title: "There was not enough memory.",
    advice: "A smaller picture needs less. Closing other tabs helps too.",
    ways: ["smaller-size", "use-processor", "restart-engine"],
  },
  "storage-full": {
    title: "There is no room for the model.",
    advice:
      "Delete a model that you no longer need, or free space on this disk, then go on where it stopped.",
    ways: ["open-models", "retry"],
  },
  "model-corrupt": {
    title: "The model’s files are damaged.",
    advice: "Fetching them again usually repairs this.",
    ways: ["retry", "reload-page"],
  },
  "model-missing": {
    title: "The model could not be fetched.",
    advice: "Check the connection, then try again.",
    ways: ["retry", "reload-page"],
  },
  unsupported: {
    title: "This browser cannot run it that way.",
    advice: "The processor works in every current browser, only slower.",
    ways: ["use-processor", "retry"],
  },
  "bad-request": {
    title: "No picture can be made of these settings.",
    advice: "Change what the sentence below names, or go back to the model’s own settings.",
    ways: ["reset-settings"],
  },
  internal: {
    title: "Something went wrong in the engine.",
    advice: "Your prompt and pictures are still here.",
    ways: ["retry", "restart-engine"],
  },
};

const DEAD: FailureText = {
  title: "The engine stopped.",
  advice: "It can be started again. Your prompt and pictures are still here.",
  ways: ["restart-engine", "use-processor"],
};

/** Of a model that is not the one in the box, some failures mean something else. */
const OTHER_MODEL: Partial<Readonly<Record<FailureCode, FailureText>>> = {
  "out-of-memory": {
    title: "There was not enough memory for this model.",
    advice: "A smaller picture or a smaller model needs less. Closing other tabs helps too.",
    ways: ["smaller-size", "use-box", "restart-engine"],
  },
  "model-corrupt": {
    title: "The files of this model are damaged.",
    advice: "In Models, “Verify” finds what is wrong with a kept one, and fetching it again repairs it.",
    ways: ["open-models", "use-box"],
  },
  "model-missing": {
    title: "The files of this model are not here any more.",
    advice: "The browser or a person has removed them. Fetch them again, or choose them again from the disk.",
    ways: ["open-models", "use-box"],
  },
  unsupported: {
    title: "This model cannot be run here.",
    advice: "The sentence below says what was found in it, and what would have been needed.",
    ways: ["use-box", "open-models", "use-processor"],
  },
};

/** What a failure was met with. */
export interface Situation {
  readonly engine: "alive" | "dead";
  /** Which model draws, or was to. */
  readonly model: "box" | "other";
}

/** What to say about a failure; once the engine is dead, only a restart helps, whatever the code. */
export function failureText(code: FailureCode, { engine, model }: Situation): FailureText {
  const text = (model === "other" ? OTHER_MODEL[code] : undefined) ?? TEXTS[code];
  if (engine === "alive") return text;
  if (code === "device-lost") return TEXTS[code];
  // An engine that died of a large model would die of it again.
  return model === "box" ? DEAD : { ...DEAD, ways: ["restart-engine", "use-box"] };
}
