import { describe, expect, it } from "vitest";
import { Failure } from "../core/failure";
import { previewRgba } from "./latentPreview";
import { toRgba } from "./pixels";

const planes = (
  heightPx: number,
  widthPx: number,
  level: (plane: number, y: number, x: number) => number,
) => ({
  dims: [1, 3, heightPx, widthPx],
  data: Float32Array.from({ length: 3 * heightPx * widthPx }, (_, i) => {
    const pixel = i % (heightPx * widthPx);
    return level(Math.floor(i / (heightPx * widthPx)), Math.floor(pixel / widthPx), pixel % widthPx);
  }),
});

describe("toRgba", () => {
  it("lays planes out as rows of opaque pixels, height before width", () => {
    const picture = toRgba(planes(2, 3, (plane, y, x) => (100 * plane + 10 * y + x) / 127.5 - 1));
    expect([picture.widthPx, picture.heightPx]).toEqual([3, 2]);
    const at = (y: number, x: number) => [...picture.bytes.slice(4 * (3 * y + x), 4 * (3 * y + x) + 4)];
    expect(at(0, 2)).toEqual([2, 102, 202, 255]);
    expect(at(1, 0)).toEqual([10, 110, 210, 255]);
  });

  it("clamps, and rounds half to even, as diffusers does", () => {
    const levels = [-3, -1, 0, 1, 3, 0.00390625, 1 / 3, 0.5];
    const { bytes } = toRgba({
      dims: [1, 3, 1, 8],
      data: Float32Array.from([...levels, ...levels, ...levels]),
    });
    // 255 (0 / 2 + 0.5) = 127.5 rounds to 128; 255 (1/3 / 2 + 0.5) = 170; 255 · 0.75 = 191.25.
    expect([...bytes].filter((_, i) => i % 4 === 0)).toEqual([0, 0, 128, 255, 255, 128, 170, 191]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("never shows %s as a colour", (bad) => {
    const broken = planes(4, 4, (plane, y) => (plane === 2 && y === 3 ? bad : 0));
    expect(() => toRgba(broken)).toThrow(Failure);
    expect(() =>
      previewRgba(broken, {
        matrix: [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ],
        bias: [0, 0, 0],
      }),
    ).toThrow(/no picture/);
  });

  it("says what it wanted and what came", () => {
    expect(() => toRgba({ dims: [2, 3, 1, 1], data: new Float32Array(6) })).toThrow(
      "[1, 3, h, w], got [2, 3, 1, 1]",
    );
    expect(() => toRgba({ dims: [1, 3, 1, 2], data: new Float32Array(5) })).toThrow(Failure);
  });
});

describe("previewRgba", () => {
  it("is a row of the matrix per channel, plus the bias", () => {
    const latents = { dims: [1, 4, 1, 2], data: Float32Array.of(1, 0, 0, 1, 0, 0, 0, 0.5) };
    const map = {
      matrix: [
        [1, 0, -1],
        [0.5, 0.5, 0.5],
        [9, 9, 9],
        [1, 0, 0],
      ],
      bias: [0, -1, 0],
    } as const;
    // Pixel 0: (1, 0, -1) + (0, -1, 0). Pixel 1: (0.5, 0.5, 0.5) + 0.5 (1, 0, 0) + (0, -1, 0).
    expect([...previewRgba(latents, map).bytes]).toEqual([255, 0, 0, 255, 255, 64, 191, 255]);
  });

  it("wants as many rows as channels", () => {
    const map = { matrix: [[1, 0, 0]], bias: [0, 0, 0] } as const;
    expect(() => previewRgba({ dims: [1, 4, 1, 1], data: new Float32Array(4) }, map)).toThrow("[1, 1, h, w]");
  });
});
