import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { enlarge } from "./enlarge";

function imageOf(widthPx: number, heightPx: number, valueAt: (x: number, y: number) => number) {
  const bytes = new Uint8ClampedArray(4 * widthPx * heightPx);
  for (let i = 0; i < bytes.length; i++) {
    const pixel = Math.floor(i / 4);
    bytes[i] = i % 4 === 3 ? 255 : valueAt(pixel % widthPx, Math.floor(pixel / widthPx));
  }
  return { widthPx, heightPx, bytes };
}

const redAt = (image: { widthPx: number; bytes: Uint8ClampedArray }, x: number, y: number) =>
  image.bytes[4 * (y * image.widthPx + x)] ?? Number.NaN;

describe("enlarge", () => {
  it("a flat image stays flat and opaque, at the new size, whatever its shape", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(255),
        (w, h, value) => {
          const large = enlarge(
            imageOf(w, h, () => value),
            3,
          );
          expect([large.widthPx, large.heightPx]).toEqual([3 * w, 3 * h]);
          expect(large.bytes).toEqual(imageOf(3 * w, 3 * h, () => value).bytes);
        },
      ),
    );
  });

  it("a ramp stays that ramp away from the edges: the spline keeps straight lines straight, in each direction", () => {
    const across = enlarge(
      imageOf(16, 5, (x) => 10 * x),
      4,
    );
    const down = enlarge(
      imageOf(5, 16, (_, y) => 10 * y),
      4,
    );
    for (let at = 8; at < 56; at++) {
      const expected = 10 * ((at + 0.5) / 4 - 0.5);
      expect(Math.abs(redAt(across, at, 9) - expected)).toBeLessThanOrEqual(0.51);
      expect(Math.abs(redAt(down, 9, at) - expected)).toBeLessThanOrEqual(0.51);
    }
  });

  it("never leaves the range of what it was given", () => {
    const large = enlarge(
      imageOf(8, 8, (x, y) => ((x + y) % 2 === 0 ? 40 : 200)),
      8,
    );
    const reds = large.bytes.filter((_, index) => index % 4 === 0);
    expect(Math.min(...reds)).toBeGreaterThanOrEqual(40);
    expect(Math.max(...reds)).toBeLessThanOrEqual(200);
  });
});
