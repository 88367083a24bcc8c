import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesText, progressText } from "./amounts";
import { licenceText } from "./licences";

const PROGRESS = { stage: "fetch", path: "unet/x.safetensors", doneBytes: 1.2e9, totalBytes: 4.2e9 } as const;

describe("amounts", () => {
  it.each([
    [0, "0 bytes"],
    [999, "999 bytes"],
    [1000, "1.0 kB"],
    [14_300_000, "14 MB"],
    [999_700, "1.0 MB"],
    [1_719_125_304, "1.7 GB"],
    [6.9e12, "6.9 TB"],
  ])("%d is %s", (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });

  it("more is never said to be less", () => {
    const value = (text: string) => {
      const [number = "", unit = ""] = text.split(" ");
      return Number(number) * 1000 ** ["bytes", "kB", "MB", "GB", "TB"].indexOf(unit);
    };
    const bytes = fc.integer({ min: 0, max: 2 ** 45 });
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        expect(value(bytesText(less))).toBeLessThanOrEqual(value(bytesText(more)));
      }),
    );
  });

  it("speed and time are told only where they were measured and something is left", () => {
    expect(progressText(null)).toBe("Beginning");
    expect(progressText({ ...PROGRESS, bytesPerSecond: null })).toBe("Fetching: 1.2 GB of 4.2 GB");
    expect(progressText({ ...PROGRESS, bytesPerSecond: 0 })).toBe("Fetching: 1.2 GB of 4.2 GB");
    expect(progressText({ ...PROGRESS, bytesPerSecond: 1e7 })).toBe(
      "Fetching: 1.2 GB of 4.2 GB, 10 MB/s, about 5 min left",
    );
    expect(progressText({ ...PROGRESS, doneBytes: 4.2e9, bytesPerSecond: 1e7 })).toBe(
      "Fetching: 4.2 GB of 4.2 GB",
    );
  });
});

describe("licences", () => {
  it.each([
    ["mit", "MIT"],
    ["openrail++", "CreativeML OpenRAIL++-M"],
    ["cc-by-nc-4.0", "CC BY-NC 4.0: non-commercial use only"],
    ["sai-nc-community", "sai-nc-community: non-commercial use only"],
    ["made-up-1.0", "made-up-1.0"],
  ])("%s is told as “%s”", (licence, text) => {
    expect(licenceText(licence)).toBe(text);
  });

  it.each([null, "", "other"])("a licence that nobody states (%j) is told as such", (licence) => {
    expect(licenceText(licence)).toContain("not stated");
  });
});
