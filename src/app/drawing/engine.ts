/** The engine that draws, as the actions reach it. */

import type { WorkerClient } from "../../client/workerClient";
import { asFailure, Failure } from "../../core/failure";
import type { FailureFacts } from "../store";

/** As much of an engine as the page uses. */
export type PageClient = Pick<WorkerClient, "call" | "restart" | "onDeath">;

let connected: PageClient | null = null;

/** Says which engine draws. */
export function holdEngine(engine: PageClient): void {
  connected = engine;
}

/** The engine that draws. */
export function drawing(): PageClient {
  if (connected === null)
    throw new Failure("internal", "The page has no engine: connectEngine was not called.");
  return connected;
}

/** Anything thrown, as much of it as is shown. */
export function factsOf(error: unknown): FailureFacts {
  const { code, message } = asFailure(error);
  return { code, message };
}
