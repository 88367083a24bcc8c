/** The page's hold on the benchmark: an engine of its own, which is ended when it has measured, so that its memory comes back. */

import { Failure } from "../../core/failure";
import type { PageClient } from "../drawing/engine";

let connected: PageClient | null = null;

/** Says which engine measures; called once, by the composition root. */
export function connectBench(engine: PageClient): void {
  connected = engine;
  // It holds nothing: what was under way says that it failed, and the next call finds a new worker.
  engine.onDeath(() => engine.restart());
}

/** The engine that answers the call of the benchmark. */
export function measuring(): PageClient {
  if (connected === null)
    throw new Failure("internal", "The page has no benchmark: connectBench was not called.");
  return connected;
}
