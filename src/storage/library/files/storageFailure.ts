/** A storage failure in a sentence. */

import { Failure } from "../../../core/failure";

/**
 * Whatever storage threw while that was written, as a Failure: "storage-full" if that is what it means, else
 * "internal".
 */
export function storageFailure(error: unknown, what: string): Failure {
  if (error instanceof Failure) return error;
  const name = error instanceof Error ? error.name : "";
  if (name === "QuotaExceededError") {
    return new Failure(
      "storage-full",
      `${what}: the browser's storage is full. Delete a model that you no longer need, or free space on this disk, then go on; what is already here stays.`,
      { cause: error },
    );
  }
  const text = error instanceof Error ? error.message : String(error);
  return new Failure(
    "internal",
    `${what} could not be written: ${text} What is already here stays; try again.`,
    {
      cause: error,
    },
  );
}
