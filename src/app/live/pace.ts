/** How many steps a draft may have, and whether drafts come fast enough to be of use: by measured times alone. */

/** The steps of a draft may take this long together: long enough for a picture, short enough for it to follow the hand. */
const DRAFT_MS = 300;
const STEPS_MIN = 3;
const STEPS_MAX = 10;
/** So much over or under what a draft may take is borne: each change of the number would change the picture too. */
const SLACK = 1.25;
/** A draft that takes longer does not come while anyone types. */
const BEARABLE_MS = 1_500;
/** The median of so many steps is what a step takes; the first of all only warms up. */
const RECENT_STEPS = 9;

/** How many steps the next draft gets, 3 ... 10, of steps that take as long as was measured. */
export class Pace {
  #kind = "";
  #stepTimesMs: readonly number[] = [];
  #steps: number | null = null;

  /**
   * @param kind what decides how long a step takes: the model, the size, and so on. Times of another kind are forgotten.
   * @param guessMs what a step of that kind takes, as long as none has been measured here; null if nobody knows.
   */
  stepsFor(kind: string, guessMs: number | null): number {
    if (kind !== this.#kind) {
      this.#kind = kind;
      this.#stepTimesMs = [];
      this.#steps = null;
    }
    this.#steps = draftSteps(stepMsOf(this.#stepTimesMs) ?? guessMs, this.#steps);
    return this.#steps;
  }

  /** Those of the present kind, in the order in which they were measured. */
  get stepTimesMs(): readonly number[] {
    return this.#stepTimesMs;
  }

  /** True if a step of that kind has been measured. */
  isMeasured(kind: string): boolean {
    return kind === this.#kind && this.#stepTimesMs.length > 0;
  }

  /** Takes in what has been measured up to now; what comes late, of another kind, is of no use. */
  note(kind: string, stepTimesMs: readonly number[]): void {
    if (kind === this.#kind) this.#stepTimesMs = stepTimesMs.slice(-RECENT_STEPS - 1);
  }
}

/** The duration of a step in milliseconds; null before two were measured. */
function stepMsOf(stepTimesMs: readonly number[]): number | null {
  const recent = stepTimesMs
    .slice(1)
    .slice(-RECENT_STEPS)
    .sort((a, b) => a - b);
  return recent[Math.floor(recent.length / 2)] ?? null;
}

/**
 * The number of steps that fits, or the number before if it has not become much too high or far too low. The fewest while nobody knows.
 *
 * @param before of the draft before; null if there was none.
 */
export function draftSteps(stepMs: number | null, before: number | null): number {
  if (stepMs === null) return before ?? STEPS_MIN;
  const fitting = (budgetMs: number) =>
    Math.min(STEPS_MAX, Math.max(STEPS_MIN, Math.floor(budgetMs / stepMs)));
  const isFine =
    before !== null && fitting(DRAFT_MS / SLACK) <= before && before <= fitting(DRAFT_MS * SLACK);
  return isFine ? before : fitting(DRAFT_MS);
}

/** How long a picture took, as far as a draft of its kind takes it too. */
export interface Timed {
  readonly stepMs: number;
  readonly decodeMs: number;
}

/** Whether a model can draw live: by its last picture, if it has drawn one. */
export type LiveFit =
  | { readonly kind: "fits" }
  | { readonly kind: "unknown" }
  /** Even the shortest draft takes too long. */
  | { readonly kind: "slow"; readonly steps: number; readonly draftMs: number };

/** @param last how its last picture went, null if it has drawn none. */
export function liveFitOf(last: Timed | null): LiveFit {
  if (last === null) return { kind: "unknown" };
  const draftMs = STEPS_MIN * last.stepMs + last.decodeMs;
  return draftMs <= BEARABLE_MS ? { kind: "fits" } : { kind: "slow", steps: STEPS_MIN, draftMs };
}
