import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRetryAfter, RETRY, waitBeforeRetry } from "./retry";

const POLICY = { triesMax: 6, firstWaitMs: 1000, longestWaitMs: 10_000, longestAskedMs: 120_000 };

describe("asking again", () => {
  it("[L28] waits twice as long each time, up to a limit, and then gives up", () => {
    const waits = [1, 2, 3, 4, 5, 6].map((failures) => waitBeforeRetry(failures, null, POLICY));
    expect(waits).toEqual([1000, 2000, 4000, 8000, 10_000, null]);
  });

  it("[L29] waits at least as long as the host asks, and not for one that asks too much", () => {
    expect(waitBeforeRetry(1, 5000, POLICY)).toBe(5000);
    expect(waitBeforeRetry(4, 5000, POLICY)).toBe(8000);
    expect(waitBeforeRetry(1, 120_001, POLICY)).toBeNull();
  });

  it("[L30] always comes to an end, and never waits longer than it may", () => {
    fc.assert(
      fc.property(fc.nat(100), fc.option(fc.nat(200_000)), (failures, askedMs) => {
        const waitMs = waitBeforeRetry(failures + 1, askedMs, RETRY);
        if (failures + 1 >= RETRY.triesMax) expect(waitMs).toBeNull();
        else if (waitMs !== null) expect(waitMs).toBeLessThanOrEqual(RETRY.longestAskedMs);
      }),
    );
  });

  it.each([
    ["7", 7000],
    ["0", 0],
    ["Wed, 21 Oct 2015 07:28:30 GMT", 30_000],
    ["Wed, 21 Oct 2015 07:27:00 GMT", 0],
    [null, null],
    ["", null],
    ["-5", null],
    ["soon", null],
    ["1.5", null],
    ["99999999999", null],
  ])("[L31] reads Retry-After %j as %j ms", (header, ms) => {
    expect(parseRetryAfter(header, Date.UTC(2015, 9, 21, 7, 28, 0))).toBe(ms);
  });
});
