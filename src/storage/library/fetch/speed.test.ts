import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSpeedMeter } from "./speed";

describe("speed", () => {
  it("[L32] says nothing before there is something to measure", () => {
    const meter = createSpeedMeter(5000);
    expect(meter.bytesPerSecond(0)).toBeNull();
    meter.count(1000, 0);
    expect(meter.bytesPerSecond(499)).toBeNull();
    expect(meter.bytesPerSecond(500)).toBe(2000);
  });

  it("[L33] is bytes over time for a steady stream, however it is cut into pieces", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 6000, max: 20_000 }),
        (everyMs, untilMs) => {
          const meter = createSpeedMeter(5000);
          meter.count(0, 0);
          for (let ms = everyMs; ms <= untilMs; ms += everyMs) meter.count(everyMs * 1000, ms);
          const error = Math.abs((meter.bytesPerSecond(untilMs) ?? 0) - 1e6);
          // One arrival, or one grain of 100 ms, may fall on either side of the window's edge.
          expect(error).toBeLessThanOrEqual((1e6 * (everyMs + 100)) / 5000);
        },
      ),
    );
  });

  it("[L34] falls to nothing when nothing comes any more, and counts only the last seconds", () => {
    const meter = createSpeedMeter(5000);
    for (let ms = 0; ms < 5000; ms += 100) meter.count(1e6, ms);
    expect(meter.bytesPerSecond(4900)).toBeGreaterThan(9e6);
    expect(meter.bytesPerSecond(7500)).toBeLessThan(6e6);
    expect(meter.bytesPerSecond(60_000)).toBe(0);
    meter.count(500, 60_000);
    expect(meter.bytesPerSecond(60_000)).toBe(100);
  });
});
