/** One thing that the worker draws for live mode, until it is done or nobody wants it any more. */

/**
 * A drawing that is given up is cancelled at once, and ends within one step: but for the very first step of a kind, in which a graphics
 * device compiles its shaders. Cancelled before it, again and again, that step would never be done, so it is cancelled after it.
 */
export class Attempt {
  readonly #abort = new AbortController();
  #isWarm: boolean;
  #isGivenUp = false;

  /** @param isWarm true if a step of its kind has been done before. */
  constructor(isWarm: boolean) {
    this.#isWarm = isWarm;
  }

  /** Nobody wants it any more. */
  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  giveUp(): void {
    this.#isGivenUp = true;
    if (this.#isWarm) this.#abort.abort();
  }

  /** A step is done. */
  advance(): void {
    this.#isWarm = true;
    if (this.#isGivenUp) this.#abort.abort();
  }
}
