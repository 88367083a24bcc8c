/** The page's hold on the library of models: a second engine, so that a download never waits for a drawing. */

import { Failure } from "../../core/failure";
import type { PageEngine } from "../actions";

let connected: PageEngine | null = null;

/** Says which engine answers the calls of the library; called once, by the composition root. */
export function connectLibrary(engine: PageEngine): void {
  connected = engine;
}

/** The engine that answers listModels, planModel, fetchModel and the other calls of the library. */
export function library(): PageEngine {
  if (connected === null)
    throw new Failure("internal", "The page has no library: connectLibrary was not called.");
  return connected;
}
