/** Decides how often previews come, and when one through a decoder is worth its measured cost beside the steps' own time. */

/** The eye wants no more previews than 20 a second. */
export const PREVIEW_INTERVAL_MS = 50;
/** Detailed previews may take this part of the steps' own time, on average over a picture. */
const SHARE = 0.1;
/** The first run of a size warms up: it opens buffers and compiles shaders, and says little of the ones after it. */
const WARM_UP_RUNS = 1;

/** The times of one picture so far, in milliseconds. */
export interface PreviewTimes {
  /** All steps so far, without their previews. */
  readonly stepsMs: number;
  /** All detailed previews so far. */
  readonly spentMs: number;
  /** The expected time of the next one; null if none has been measured. */
  readonly expectedMs: number | null;
}

/** True if a detailed preview after this step keeps within its share, or is needed to learn what one costs. */
export function isPreviewDue({ stepsMs, spentMs, expectedMs }: PreviewTimes): boolean {
  return expectedMs === null || spentMs + expectedMs <= SHARE * stepsMs;
}

/** Measured costs of a decoder, by the size of the latent. They are kept as long as the decoder is open. */
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
