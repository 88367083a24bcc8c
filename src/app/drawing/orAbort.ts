/** Waiting that can be given up. */

import { Failure } from "../../core/failure";

/** `work`, or "cancelled" as soon as `signal` fires, whichever is first; the work itself goes on. */
export function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new Failure("cancelled", "Cancelled while waiting for the model."));
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
