import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesNeeded, checkQuota, inWords, quotaOf } from "./quota";

const MIB = 1024 * 1024;

describe("quota", () => {
  it("[L7] is a twentieth more than what is still to come, and 64 MiB; nothing if nothing is", () => {
    expect(bytesNeeded(0)).toBe(0);
    expect(bytesNeeded(100)).toBe(105 + 64 * MIB);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e12 }), (bytes) => {
        expect(bytesNeeded(bytes)).toBeGreaterThan(bytes + 64 * MIB);
      }),
    );
  });

  it("[L8] refuses what does not fit, with both numbers", () => {
    const full = () => checkQuota("SD 1.5", 2_000_000_000, { quota: 3_000_000_000, usage: 1_500_000_000 });
    expect(full).toThrow(expect.objectContaining({ code: "storage-full" }));
    expect(full).toThrow(/SD 1\.5 needs 2\.2 GB .* grants this site 1\.5 GB/);
    expect(() => checkQuota("x", 1, { quota: 10, usage: 20 })).toThrow(/grants this site 0 bytes/);
  });

  it("[L9] lets through what fits to the byte", () => {
    const quota = bytesNeeded(1000) + 5;
    expect(() => checkQuota("x", 1000, { quota, usage: 5 })).not.toThrow();
    expect(() => checkQuota("x", 1000, { quota: quota - 1, usage: 5 })).toThrow();
    expect(() => checkQuota("x", 0, { quota: 5, usage: 5 })).not.toThrow();
  });

  it("[L10] believes a browser that does not say, or says what it says to everybody", () => {
    expect(() => checkQuota("x", 1e13, {})).not.toThrow();
    expect(() => checkQuota("x", 1e11, { quota: 7 + 10 * 1024 * MIB, usage: 7 })).not.toThrow();
    expect(() => checkQuota("x", 1e11, { quota: 8 + 10 * 1024 * MIB, usage: 7 })).toThrow();
  });

  it("[L11] is not told to people where the browser tells it to everybody", () => {
    expect(quotaOf({})).toBeNull();
    expect(quotaOf({ quota: 7 + 10 * 1024 * MIB, usage: 7 })).toBeNull();
    expect(quotaOf({ quota: 8 + 10 * 1024 * MIB, usage: 7 })).toBe(8 + 10 * 1024 * MIB);
  });

  it.each([
    [1, "1 byte"],
    [999, "999 bytes"],
    [12_345, "12 kB"],
    [340_400_000, "340 MB"],
    [6_938_000_000, "6.9 GB"],
  ])("[L12] says %d as %s", (bytes, words) => {
    expect(inWords(bytes)).toBe(words);
  });
});
