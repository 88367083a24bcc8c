/** Every way the engine can fail that a caller may want to tell apart. */

/** The closed list; the page turns each code into a sentence and a way out. */
export type FailureCode =
  | "cancelled"
  | "device-lost"
  | "out-of-memory"
  | "storage-full"
  | "model-corrupt"
  | "model-missing"
  /** The library that runs the networks could not be fetched. */
  | "engine-missing"
  | "unsupported"
  | "bad-request"
  /** A prompt of which a model with a closed vocabulary knows nothing. */
  | "nothing-known"
  | "internal";

/** An error with a code from the closed list and a sentence: what was wanted, what came, what to do. */
export class Failure extends Error {
  override readonly name = "Failure";

  constructor(
    readonly code: FailureCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Anything thrown, as a {@link Failure}: itself if it is one, else "internal" with its text. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  return new Failure("internal", error instanceof Error ? error.message : String(error), { cause: error });
}
