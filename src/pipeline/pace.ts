/** How far the host runs ahead of the device that it gives work to: far enough to keep it busy, and never further than a stop may take. */

import type { LatentDevice } from "./ports";

/** Steps shorter than this are taken on one ahead: waiting for each would leave a fast device idle for a good part of them. */
const SHORT_STEP_MS = 50;

/** The pace of one drawing. */
export class Pace {
  readonly #latentDevice: Pick<LatentDevice, "done">;
  readonly #now: () => number;
  #sinceMs: number;
  /** Long until the first is measured. */
  #stepMs = Number.POSITIVE_INFINITY;
  #before: Promise<void> = Promise.resolve();

  /** @param now milliseconds on some clock. */
  constructor(latentDevice: Pick<LatentDevice, "done">, now: () => number) {
    this.#latentDevice = latentDevice;
    this.#now = now;
    this.#sinceMs = now();
  }

  /** A step was taken on. Resolves when it is done, or, if steps are short, when all before it is. Rejects as {@link LatentDevice.done}. */
  async keep(): Promise<void> {
    await (this.#stepMs < SHORT_STEP_MS ? this.#before : this.#latentDevice.done());
    const nowMs = this.#now();
    this.#stepMs = nowMs - this.#sinceMs;
    this.#sinceMs = nowMs;
  }

  /** All that belongs to the step, a preview too, was taken on. */
  mark(): void {
    this.#before = this.#latentDevice.done();
    this.#before.catch(() => undefined); // whoever waits for it is told
  }
}
