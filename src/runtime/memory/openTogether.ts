/** Opens the networks of one model, as many as fit together, and tells how far it is. */

import { Failure } from "../../core/failure";
import type { Backend } from "../device/device";
import type { Engine } from "../ort/engine";
import type { ReaderOf } from "../ort/mountWeights";
import type { CaptureRule } from "../ort/openCapturing";
import type { Session } from "../ort/session";
import { SessionPool } from "./sessionPool";

/** Where and how networks are opened, and who is told. */
export interface OpeningOptions {
  readonly engine: Engine;
  readonly backend: Backend;
  /** How files are read without waiting; left out, as a browser's worker does. */
  readonly readerOf?: ReaderOf;
  /** Memory budget for the weights of open networks; left out, all that WebAssembly can address, or on a GPU no limit. */
  readonly budgetBytes?: number;
  /** When kernels of the U-Net are captured; "where-cheap" if left out. */
  readonly captureRule?: CaptureRule;
  /** Called once all files have been read and understood, before the first network is opened. */
  readonly makeRoom?: () => Promise<void>;
  /** "weights" counts bytes of the checkpoint that are ready for use, "sessions" networks that are open. */
  readonly onProgress?: (stage: "weights" | "sessions", done: number, total: number) => void;
}

/** One network, before it is opened. */
export interface ToOpen {
  readonly name: string;
  /** Bytes of the checkpoint that are read for it. */
  readonly readBytes: number;
  /** Bytes that its weights take once it is open. */
  readonly openBytes: number;
  /** @param onRead to be told of bytes as they are read for the first time. @param all where it will be one of them. */
  open(onRead: (bytes: number) => void, all: SessionPool): Promise<Session>;
}

/** The most memory that WebAssembly with 32-bit addresses can have. */
const WASM_BYTES = 4 * 2 ** 30;
/** The part of it that is left to activations, and to ONNX Runtime itself. */
const WASM_SPARE_BYTES = 0.5 * 2 ** 30;

/** @throws {Failure} "out-of-memory" for a network that cannot be opened here at all; with everything closed that was opened on the way. */
export async function openTogether(
  { backend, budgetBytes, makeRoom, onProgress }: OpeningOptions,
  all: readonly ToOpen[],
): Promise<SessionPool> {
  if (backend.kind === "wasm") refuseTooLarge(all);
  await makeRoom?.();
  const limit = backend.kind === "wasm" ? WASM_BYTES - WASM_SPARE_BYTES : Number.POSITIVE_INFINITY;
  const networks = new SessionPool(budgetBytes ?? limit);
  const totalBytes = all.reduce((sum, { readBytes }) => sum + readBytes, 0);
  let doneBytes = 0;
  const onRead = (bytes: number) => {
    doneBytes += bytes;
    if (doneBytes <= totalBytes) onProgress?.("weights", doneBytes, totalBytes);
  };
  for (const { name, openBytes, open } of all)
    networks.add(name, { bytes: openBytes, open: () => open(onRead, networks) });
  let opened = 0;
  try {
    await networks.openFirst(() => onProgress?.("sessions", ++opened, all.length));
  } catch (failure) {
    await networks.close();
    throw failure;
  }
  return networks;
}

function refuseTooLarge(all: readonly ToOpen[]): void {
  const huge = all.find(({ openBytes }) => openBytes > WASM_BYTES);
  if (!huge) return;
  throw new Failure(
    "out-of-memory",
    `${huge.name} takes ${(huge.openBytes / 2 ** 30).toFixed(1)} GiB on the processor, which can have 4 in a browser. Draw on a GPU, or choose a smaller model.`,
  );
}
