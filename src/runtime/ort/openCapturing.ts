/** Opens a U-Net on a GPU, with graph capture for the sizes that are drawn most where that is worth its memory and time. */

import type { GpuBackend } from "../device/device";
import { openCapturedSession } from "./capturedSession";
import type { Engine } from "./engine";
import { withGraphCapture } from "./graphCapture";
import { openSession, type Session, type SessionOptions } from "./session";

/** Mounts a network's weights and hands everything that a session is made of to `how`. */
export type Opening = <T>(how: (options: SessionOptions) => Promise<T>) => Promise<T>;

/**
 * When a U-Net is opened once more for graph capture: where that is cheap, or always. "always" is for the benchmark, which compares
 * the two, and for tests: whether to open a session once more is decided here, so no engine that they hand in could ask for it.
 */
export type CaptureRule = "where-cheap" | "always";

/** Memory for weights, as the session pool counts it. */
interface MemoryBudget {
  /** Sets `bytes` aside; false if they are not to be had. */
  reserve(bytes: number): boolean;
  giveBack(bytes: number): void;
}

/** A U-Net, and the engine, device and memory budget that it is opened on. */
export interface CapturingOptions {
  readonly engine: Engine;
  readonly backend: GpuBackend;
  readonly budget: MemoryBudget;
  /** Of its weights, once it is open. */
  readonly bytes: number;
  readonly open: Opening;
  /** "where-cheap" if left out. */
  readonly captureRule?: CaptureRule;
}

/** A U-Net that takes longer to open, or is larger, is not opened once more for graph capture. */
const CHEAP_MS = 2000;
const CHEAP_BYTES = 256 * 2 ** 20;

/** @throws {Failure} as opening any session. */
export async function openCapturing(options: CapturingOptions): Promise<Session> {
  const { engine, backend, budget, bytes, open, captureRule = "where-cheap" } = options;
  const now = () => performance.now();
  const startMs = now();
  const session = await open((how) => openSession(engine, backend, how));
  const openMs = now() - startMs;
  const isCheap = openMs <= CHEAP_MS && bytes <= CHEAP_BYTES;
  if (captureRule === "where-cheap" && !isCheap) return session;
  return withGraphCapture(session, {
    openMs: captureRule === "always" ? 0 : openMs,
    now,
    open: (fixedExtents) => open((how) => openCapturedSession(engine, backend, { ...how, fixedExtents })),
    reserve: () => budget.reserve(bytes),
    giveBack: () => budget.giveBack(bytes),
    recover: () => backend.gpu.recover(),
  });
}
