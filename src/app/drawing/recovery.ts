/** Drawing that bears one loss of the graphics device: a new worker, the model once more from where it is kept, the same recipe. */

import { Failure } from "../../core/failure";
import type { Calls, GenerateProgress, WantedPicture } from "../../protocol/calls";
import { factsOf } from "../frame/failureFacts";
import { store } from "../store";
import { workerClient } from "../workers";
import { restartWorker } from "./loading";
import { orAbort } from "./orAbort";

interface DrawOptions {
  /** Stops the drawing; what is drawn with the same signal is one run. */
  readonly signal: AbortSignal;
  /** Begins again with the first step after a loss. */
  readonly onProgress: (progress: GenerateProgress) => void;
}

/** Runs that have borne a loss, by the signals that stop them. */
const tried = new WeakSet<AbortSignal>();

/**
 * Draws a picture. The first loss of the graphics device in a run costs only time: the picture is the one that would have
 * come without it. A device that is lost again and again must not be tried for ever, so the second is a failure.
 *
 * @throws {Failure} as the call "generate"; whatever became of the model if it could not be loaded again; "cancelled" if `signal` fired.
 */
export async function drawWithRetry<K extends "generate" | "draft">(
  name: K,
  wanted: WantedPicture,
  options: DrawOptions,
): Promise<Calls[K]["result"]> {
  const { signal } = options;
  const wasOnGpu = isOnGpu();
  try {
    return await workerClient("drawing").call(name, wanted, options);
  } catch (error) {
    if (signal.aborted || tried.has(signal) || !isLoss(error, wasOnGpu)) throw error;
    tried.add(signal);
    await orAbort(restartWorker("lost"), signal);
    const { model } = store.getState();
    if (model.status === "failed" || model.status === "dead")
      throw new Failure(model.failure.code, model.failure.message, { cause: error });
    return await workerClient("drawing").call(name, wanted, options);
  }
}

function isOnGpu(): boolean {
  const { model } = store.getState();
  return model.status === "ready" && model.backend.kind === "webgpu";
}

/** A worker that dies over a GPU may have died of its loss, and cannot say so any more. */
function isLoss(error: unknown, wasOnGpu: boolean): boolean {
  return factsOf(error).code === "device-lost" || (wasOnGpu && store.getState().model.status === "dead");
}
