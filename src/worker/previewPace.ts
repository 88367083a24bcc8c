/** How often previews come, and how often one through a decoder is worth its time: by what it was seen to cost, beside what the steps take. */

/** The eye wants no more previews than 20 a second. */
export const PREVIEW_INTERVAL_MS = 50;
/** Detailed previews may take this part of the steps' own time, on average over a picture. */
const SHARE = 0.1;
/** The first run of a size warms up: it opens buffers and compiles shaders, and says little of the ones after it. */
const WARM_UP_RUNS = 1;

/** Where one picture stands. All in milliseconds. */
export interface PreviewTimes {
  /** What its steps have taken so far, without any previews. */
  readonly stepsMs: number;
  /** What its detailed previews have taken so far. */
  readonly spentMs: number;
  /** What the next one would take; null if nobody knows yet. */
  readonly expectedMs: number | null;
}

/** True if a detailed preview after this step keeps within its share, or is needed to learn what one costs. */
export function isPreviewDue({ stepsMs, spentMs, expectedMs }: PreviewTimes): boolean {
  return expectedMs === null || spentMs + expectedMs <= SHARE * stepsMs;
}

/** What a decoder was seen to cost, by the size of the latent; it lasts as long as the decoder is open. */
export class PreviewCosts {
  readonly #seen = new Map<string, { readonly runs: number; readonly leastMs: number }>();

  /** The least that a run of this size took once it was warm, in milliseconds; null before there was one. @param dims of the latent. */
  expectedMs(dims: readonly number[]): number | null {
    const seen = this.#seen.get(dims.join());
    return seen && seen.runs > WARM_UP_RUNS ? seen.leastMs : null;
  }

  /** @param tookMs milliseconds of one run. */
  note(dims: readonly number[], tookMs: number): void {
    const { runs, leastMs } = this.#seen.get(dims.join()) ?? { runs: 0, leastMs: 0 };
    const isWarm = runs > WARM_UP_RUNS;
    this.#seen.set(dims.join(), { runs: runs + 1, leastMs: isWarm ? Math.min(leastMs, tookMs) : tookMs });
  }
}
