/** Only one tab at a time works on a model. A tab that ends, in whichever way, gives its lock back. */

import { Failure } from "../../core/failure";

/** Says that another tab is at it. */
export const TAKEN = Symbol("taken");

/** Locks of one library, by the names of models' folders. */
export class ModelLocks {
  readonly #prefix: string;

  constructor(libraryName: string) {
    this.#prefix = `${libraryName}:`;
  }

  /** Does the job if nobody works on the model, and else nothing. */
  tryAlone<T>(folder: string, job: () => Promise<T>): Promise<T | typeof TAKEN> {
    return navigator.locks.request(this.#prefix + folder, { ifAvailable: true }, async (lock) =>
      lock === null ? TAKEN : job(),
    );
  }

  /** Does the job once nobody works on the model any more. @throws {Failure} "cancelled" if aborted before. */
  async alone<T>(folder: string, signal: AbortSignal, job: () => Promise<T>): Promise<T> {
    let hasBegun = false;
    const begin = () => {
      hasBegun = true;
      return job();
    };
    try {
      return await navigator.locks.request(this.#prefix + folder, { signal }, begin);
    } catch (error) {
      if (hasBegun) throw error;
      throw new Failure("cancelled", "Stopped while another tab was at work on the model.", { cause: error });
    }
  }
}
