/** Live mode as a table: what happens in, what to do next out. It has no clock, no worker and no store of its own. */

/** The phases of live mode. All times are in milliseconds on one clock. */
export type LivePhase =
  /** Nothing has changed since the last picture. */
  | { readonly at: "rest" }
  /** Something has: a draft is due. */
  | { readonly at: "changed"; readonly sinceMs: number; readonly dueMs: number; readonly idleMs: number }
  | { readonly at: "drafting"; readonly idleMs: number }
  /** A draft is on the stage: the picture itself is due. */
  | { readonly at: "drafted"; readonly dueMs: number }
  | { readonly at: "refining" };

/** The kind of change: words are typed letter by letter, knobs are dragged. */
export type Change = "words" | "knob";

/** The events that move it on. */
export type LiveEvent =
  | { readonly type: "change"; readonly change: Change; readonly atMs: number }
  /** The time has come, and nothing stands in the way. */
  | { readonly type: "due" }
  /** The drawing is done. */
  | { readonly type: "answer" }
  /** Nothing may be drawn now: what is under way is given up, and comes later. */
  | { readonly type: "hindrance"; readonly atMs: number }
  /** Nothing more is wanted: a person stopped it, it failed, or the picture itself was asked for. */
  | { readonly type: "stop" };

/** A word in the middle of being typed is no request yet; every position of a knob is one. */
const DELAYS_MS: Readonly<Record<Change, number>> = { words: 120, knob: 30 };
/** Changes that come without a pause are drawn all the same, so many delays after the first. */
const PATIENCE = 2;
/** Who has changed nothing for so long is looking. */
const IDLE_MS = 600;

export const REST: LivePhase = { at: "rest" };

/** The phase after an event. What is being drawn in a phase that is left by anything but its answer is to be given up. */
export function next(phase: LivePhase, event: LiveEvent): LivePhase {
  switch (event.type) {
    case "change":
      return changed(phase, event.change, event.atMs);
    case "due":
      return whenDue(phase);
    case "answer":
      if (phase.at === "drafting") return { at: "drafted", dueMs: phase.idleMs };
      return phase.at === "refining" ? REST : phase;
    case "hindrance":
      return hindered(phase, event.atMs);
    case "stop":
      return REST;
  }
}

/** When something is due, if anything is. */
export function dueMsOf(phase: LivePhase): number | null {
  return phase.at === "changed" || phase.at === "drafted" ? phase.dueMs : null;
}

/** True while the worker draws for live mode. */
export function isDrawing({ at }: LivePhase): boolean {
  return at === "drafting" || at === "refining";
}

function changed(phase: LivePhase, change: Change, atMs: number): LivePhase {
  const sinceMs = phase.at === "changed" ? phase.sinceMs : atMs;
  const delayMs = DELAYS_MS[change];
  const dueMs = Math.min(atMs + delayMs, sinceMs + PATIENCE * delayMs);
  return { at: "changed", sinceMs, dueMs, idleMs: atMs + IDLE_MS };
}

function whenDue(phase: LivePhase): LivePhase {
  if (phase.at === "changed") return { at: "drafting", idleMs: phase.idleMs };
  return phase.at === "drafted" ? { at: "refining" } : phase;
}

function hindered(phase: LivePhase, atMs: number): LivePhase {
  if (phase.at === "drafting") return { at: "changed", sinceMs: atMs, dueMs: atMs, idleMs: phase.idleMs };
  return phase.at === "refining" ? { at: "drafted", dueMs: atMs } : phase;
}
