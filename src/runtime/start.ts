/** The engine and the place where it computes, brought together: what a model needs before it can be opened. */

import type { BackendChoice } from "../core/backend";
import { asFailure, Failure } from "../core/failure";
import { type Backend, choosePlace, openBackend, type Place, type Subgroups } from "./device";
import type { Engine } from "./engine";
import { loadEngine, type OnBytes } from "./ort";

/** What networks run on. */
export interface Started {
  readonly engine: Engine;
  readonly backend: Backend;
}

/**
 * Decides once where the networks run, before anything is fetched for it, and fetches the build of the engine that fits.
 * Where the one for GPUs cannot be had, "auto" takes the processor: a day without a network is no day without pictures.
 *
 * @throws {Failure} "unsupported" if a GPU was asked for by name, and it or its engine is not to be had; "internal" if no engine is.
 */
export async function startEngine(
  choice: BackendChoice,
  onBytes?: OnBytes,
  subgroups?: Subgroups,
): Promise<Started> {
  const startAt = async (place: Place): Promise<Started> => {
    const engine = await loadEngine(place.kind, onBytes);
    return { engine, backend: await openBackend(place, engine, subgroups) };
  };
  const place = await choosePlace(choice);
  if (place.kind === "wasm") return startAt(place);
  return startAt(place).catch((cause: unknown) => {
    if (asFailure(cause).code !== "internal") throw cause;
    if (choice === "auto") return startAt({ kind: "wasm", reason: NOT_HERE });
    const way = `${NOT_HERE} Check the network, or choose the processor.`;
    throw new Failure("unsupported", way, { cause });
  });
}

const NOT_HERE = "The engine for GPUs is not on this device and could not be fetched.";
