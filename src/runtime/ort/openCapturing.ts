/** Opens a U-Net on a GPU so that the sizes that are drawn most may be recorded, where that is worth its memory and its time. */

import type { GpuBackend } from "../device/device";
import type { SessionPool } from "../memory/sessionPool";
import { openCapturedSession } from "./capturedSession";
import type { Engine } from "./engine";
import { withGraphCapture } from "./graphCapture";
import { openSession, type Session, type SessionOptions } from "./session";
import type { Tuning } from "./tuning";

/** Mounts a network's weights and hands everything that a session is made of to `how`. */
export type Opening = <T>(how: (options: SessionOptions) => Promise<T>) => Promise<T>;

/** What a U-Net is opened from and on. */
export interface CapturingOptions extends Tuning {
  readonly engine: Engine;
  readonly backend: GpuBackend;
  readonly all: SessionPool;
  /** Of its weights, once it is open. */
  readonly bytes: number;
  readonly open: Opening;
}

/** What takes longer to open, or is larger, is not opened once more for a size. */
const CHEAP_MS = 2000;
const CHEAP_BYTES = 256 * 2 ** 20;

/** @throws {Failure} as opening any session. */
export async function openCapturing(options: CapturingOptions): Promise<Session> {
  const { engine, backend, all, bytes, open, capture = "cheap" } = options;
  const now = () => performance.now();
  const startMs = now();
  const session = await open((how) => openSession(engine, backend, how));
  const openMs = now() - startMs;
  const isCheap = openMs <= CHEAP_MS && bytes <= CHEAP_BYTES;
  if (capture === "never" || (capture === "cheap" && !isCheap)) return session;
  return withGraphCapture(session, {
    openMs: capture === "always" ? 0 : openMs,
    now,
    open: (fixedExtents) => open((how) => openCapturedSession(engine, backend, { ...how, fixedExtents })),
    reserve: () => all.reserve(bytes),
    giveBack: () => all.giveBack(bytes),
    recover: () => backend.gpu.recover(),
  });
}
