/** Runs kernels as the app's worker does, and says how far they are from the host. */

import { asFailure } from "../../src/core/failure";
import { CASES } from "./cases";
import type { Question } from "./page";

self.onmessage = ({ data }: MessageEvent<Question>) => {
  void CASES[data]().then(
    (answer) => self.postMessage({ answer }),
    (error: unknown) => self.postMessage({ error: `${asFailure(error).code}: ${asFailure(error).message}` }),
  );
};
