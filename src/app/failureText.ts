/** The one place where failures become sentences with a way out. */

import type { FailureCode } from "../core/failure";

/** What a person can do about a failure. */
export type Way =
  | "retry"
  | "use-processor"
  | "restart-engine"
  | "smaller-size"
  | "reset-settings"
  | "reload-page";

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
};

const TEXTS: Readonly<Record<FailureCode, FailureText>> = {
  cancelled: { title: "Stopped.", advice: "Nothing was lost but the unfinished picture.", ways: ["retry"] },
  "device-lost": {
    title: "The graphics device went away.",
    advice:
      "Another program may have needed it, or its driver restarted. Your prompt and pictures are still here.",
    ways: ["restart-engine", "use-processor"],
  },
  "out-of-memory": {
    title: "There was not enough memory.",
    advice: "A smaller picture needs less. Closing other tabs helps too.",
    ways: ["smaller-size", "use-processor", "restart-engine"],
  },
  "storage-full": {
    title: "There is no room for the model.",
    advice: "Delete a model that you no longer need, or free space on this disk, then go on where it stopped.",
    ways: ["retry"],
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

/** What to say about a failure; once the engine is dead, only a restart helps, whatever the code. */
export function failureText(code: FailureCode, engine: "alive" | "dead"): FailureText {
  return engine === "alive" || code === "device-lost" ? TEXTS[code] : DEAD;
}
