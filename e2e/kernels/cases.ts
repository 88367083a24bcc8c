/** Everything that the tests can ask of the worker. */

import { noise, spreads, sums, writes } from "./arithmetic";
import { idleBuffers, loss, memory, misuse, refusal, wantOfMemory } from "./lifetimes";
import { brokenPixels, picturesInFlight, pixels } from "./pictures";
import { samplers } from "./samplers";

export const CASES = {
  sums,
  spreads,
  noise,
  writes,
  pixels,
  brokenPixels,
  picturesInFlight,
  samplers,
  misuse,
  memory,
  idleBuffers,
  loss,
  refusal,
  wantOfMemory,
} as const;
