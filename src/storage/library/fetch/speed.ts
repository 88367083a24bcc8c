/** Speed over the last seconds, from counted bytes. */

/** Bytes are counted as they come; the clock is whoever calls. */
export interface SpeedMeter {
  /** @param nowMs of a clock that never goes back. */
  count(bytes: number, nowMs: number): void;
  /** Null until there is something to measure; falls to 0 when nothing comes any more. */
  bytesPerSecond(nowMs: number): number | null;
}

/** Shorter spans measure the rhythm of packets, not a speed. */
const SPAN_MS_MIN = 500;
/** Arrivals closer than this share an entry, so that a fast line does not make long lists. */
const GRAIN_MS = 100;

/** @param windowMs how far back it looks. */
export function createSpeedMeter(windowMs: number): SpeedMeter {
  let beganMs: number | null = null;
  let arrivals: { ms: number; bytes: number }[] = [];
  return {
    count(bytes, nowMs) {
      beganMs ??= nowMs;
      const last = arrivals.at(-1);
      if (last !== undefined && nowMs - last.ms < GRAIN_MS) last.bytes += bytes;
      else arrivals.push({ ms: nowMs, bytes });
    },
    bytesPerSecond(nowMs) {
      if (beganMs === null) return null;
      const spanMs = Math.min(nowMs - beganMs, windowMs);
      if (spanMs < SPAN_MS_MIN) return null;
      arrivals = arrivals.filter(({ ms }) => nowMs - ms < windowMs);
      const bytes = arrivals.reduce((sum, arrival) => sum + arrival.bytes, 0);
      return (bytes * 1000) / spanMs;
    },
  };
}
