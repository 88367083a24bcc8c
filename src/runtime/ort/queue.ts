/** The one queue that every create, run and release of an ONNX session goes through: two at once end the web backend. */

let tail: Promise<unknown> = Promise.resolve();

/** Runs jobs one at a time, in order; a failed job does not poison the ones behind it. */
export function enqueue<T>(job: () => Promise<T> | T): Promise<T> {
  const result = tail.then(job);
  tail = result.catch(() => undefined);
  return result;
}
