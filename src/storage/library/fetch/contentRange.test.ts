import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseContentRange } from "./contentRange";

describe("Content-Range", () => {
  it("[L24] reads what a right header says, whatever the numbers", () => {
    const size = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(
        size,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (totalBytes, a, b) => {
          const [first = 0, last = 0] = [a, b]
            .map((part) => Math.floor(part * (totalBytes - 1)))
            .sort((x, y) => x - y);
          const header = `bytes ${first}-${last}/${totalBytes}`;
          expect(parseContentRange(header)).toEqual({ range: { first, last }, totalBytes });
        },
      ),
    );
  });

  it.each([
    ["bytes */1234", { range: null, totalBytes: 1234 }],
    ["bytes 0-99/*", { range: { first: 0, last: 99 }, totalBytes: null }],
    ["  Bytes 0-0/1 ", { range: { first: 0, last: 0 }, totalBytes: 1 }],
  ])("[L25] reads %s, where the server leaves something open", (header, said) => {
    expect(parseContentRange(header)).toEqual(said);
  });

  it.each([
    null,
    "",
    "bytes",
    "bytes 5-4/10",
    "bytes 0-10/10",
    "bytes -5-4/10",
    "bytes 0-99/9007199254740993",
    "bytes 0-1e3/2000",
    "items 0-1/2",
    "bytes 0-1/2, bytes 3-4/5",
  ])("[L26] takes nothing from %j", (header) => {
    expect(parseContentRange(header)).toBeNull();
  });

  it("[L27] never throws, and never says that a range is outside of its file", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const header of [text, `bytes ${text}`]) {
          const said = parseContentRange(header);
          if (said?.range && said.totalBytes !== null) expect(said.range.last).toBeLessThan(said.totalBytes);
        }
      }),
    );
  });
});
