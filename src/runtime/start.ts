/** Chooses GPU or CPU and loads ONNX Runtime for it: both are needed before a model can be opened. */

import type { BackendChoice } from "../core/backend";
import { asFailure, Failure } from "../core/failure";
import { type Backend, type BackendPlan, openBackend, planBackend } from "./device/device";
import { loadEngine, type OnBytes } from "./ort/browserEngine";
import type { Engine } from "./ort/engine";

/** ONNX Runtime, and the device that networks run on. */
export interface Started {
  readonly engine: Engine;
  readonly backend: Backend;
}

/**
 * Decides once where the networks run, before anything is fetched for it, and fetches the build of the engine that fits.
 * Where the one for GPUs cannot be had, "auto" takes the CPU: a day without a network is no day without pictures.
 *
 * @param open opens what was decided on.
 * @throws {Failure} "unsupported" if a GPU was asked for by name, and it or its engine is not to be had; "engine-missing" if no engine is.
 */
export async function startEngine(
  choice: BackendChoice,
  onBytes?: OnBytes,
  open: typeof openBackend = openBackend,
): Promise<Started> {
  const startAt = async (plan: BackendPlan): Promise<Started> => {
    const engine = await loadEngine(plan.kind, onBytes);
    return { engine, backend: await open(plan, engine) };
  };
  const plan = await planBackend(choice);
  if (plan.kind === "wasm") return startAt(plan);
  return startAt(plan).catch((cause: unknown) => {
    if (asFailure(cause).code !== "engine-missing") throw cause;
    if (choice === "auto") return startAt({ kind: "wasm", reason: NOT_HERE });
    const remedy = `${NOT_HERE} Check the network, or choose the processor.`;
    throw new Failure("unsupported", remedy, { cause });
  });
}

const NOT_HERE = "The engine for GPUs is not on this device and could not be fetched.";
