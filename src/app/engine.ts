/** The engine that draws, as the actions reach it. */

import type { Engine } from "../client/engine";
import { asFailure, Failure } from "../core/failure";
import type { FailureFacts } from "./store";

/** As much of an engine as the page uses. */
export type PageEngine = Pick<Engine, "call" | "restart" | "onDeath">;

let connected: PageEngine | null = null;

/** Says which engine draws. */
export function holdEngine(engine: PageEngine): void {
  connected = engine;
}

/** The engine that draws. */
export function drawing(): PageEngine {
  if (connected === null)
    throw new Failure("internal", "The page has no engine: connectEngine was not called.");
  return connected;
}

/** Anything thrown, as much of it as is shown. */
export function factsOf(error: unknown): FailureFacts {
  const { code, message } = asFailure(error);
  return { code, message };
}
