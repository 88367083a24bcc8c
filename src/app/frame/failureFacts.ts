/** Anything thrown, as the page shows it. */

import { asFailure } from "../../core/failure";
import type { FailureFacts } from "../store";

/** Code and sentence of anything thrown. */
export function factsOf(error: unknown): FailureFacts {
  const { code, message } = asFailure(error);
  return { code, message };
}
