/** One thing that the worker draws for live mode, until it is done or nobody wants it any more. */

/**
 * A drawing that is given up is cancelled at once, and ends within one step: but for the very first step of a kind, in which a graphics
 * device may compile its shaders for longer than the worker is let be before it is ended by force. Cancelled again and again it
 * would never come to an end, so it is cancelled when that step is done, which is no later.
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
