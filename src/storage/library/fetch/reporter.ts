/** Progress as the page wants it: often enough to see, seldom enough not to drown it. */

import type { TransferProgress } from "../../../protocol/library";
import { createSpeedMeter } from "./speed";

const WINDOW_MS = 5000;
const PAUSE_MS = 100;

/** Counts bytes of one stage of one transfer. */
export interface Reporter {
  /** @param bytes that have just come. @param doneBytes where the whole transfer stands. */
  moved(path: string, bytes: number, doneBytes: number): void;
}

/** @param now milliseconds of a clock that never goes back. */
export function createReporter(
  stage: TransferProgress["stage"],
  totalBytes: number,
  now: () => number,
  onProgress: (progress: TransferProgress) => void,
): Reporter {
  const meter = createSpeedMeter(WINDOW_MS);
  let told = Number.NEGATIVE_INFINITY;
  return {
    moved(path, bytes, doneBytes) {
      const ms = now();
      meter.count(bytes, ms);
      if (ms - told < PAUSE_MS && doneBytes !== totalBytes) return;
      told = ms;
      onProgress({ stage, path, doneBytes, totalBytes, bytesPerSecond: meter.bytesPerSecond(ms) });
    },
  };
}
