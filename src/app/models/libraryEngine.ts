/** The page's hold on the library of models: a second engine, so that a download never waits for a drawing. */

import { Failure } from "../../core/failure";
import type { PageClient } from "../drawing/engine";

let connected: PageClient | null = null;

/** Says which engine answers the calls of the library; called once, by the composition root. */
export function connectLibrary(engine: PageClient): void {
  connected = engine;
  // It holds nothing that is not on the disk: what was under way says that it failed, and the next call finds a new worker.
  engine.onDeath(() => engine.restart());
}

/** The engine that answers listModels, planModel, fetchModel and the other calls of the library. */
export function library(): PageClient {
  if (connected === null)
    throw new Failure("internal", "The page has no library: connectLibrary was not called.");
  return connected;
}
