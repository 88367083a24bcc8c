/** A picture at another size. */

import { expect, it } from "vitest";
import { resizedPlanes } from "./resize";

/** Planes [1, 3, height, width] of a level for each plane, row and column. */
function planesOf(height: number, width: number, level: (plane: number, y: number, x: number) => number) {
  const data = Float32Array.from({ length: 3 * height * width }, (_, i) => {
    const pixel = i % (height * width);
    return level(Math.floor(i / (height * width)), Math.floor(pixel / width), pixel % width);
  });
  return { dims: [1, 3, height, width], data };
}

it("leaves a picture of the right size as it is, but for what is outside of [-1, 1]", () => {
  const { dims, data } = resizedPlanes(
    planesOf(2, 3, (plane, y, x) => plane - 1 + y / 4 - x / 8),
    2,
    3,
  );
  expect(dims).toEqual([1, 3, 2, 3]);
  expect([...data.slice(0, 6)]).toEqual([-1, -1, -1, -0.75, -0.875, -1]);
  expect([...data.slice(6, 9)]).toEqual([0, -0.125, -0.25]);
  expect(Math.max(...data)).toBe(1);
});

it("halved, each pixel is the mean of four, height before width", () => {
  const { dims, data } = resizedPlanes(
    planesOf(4, 6, (plane, y, x) => (plane + y + 10 * x) / 100),
    2,
    3,
  );
  expect(dims).toEqual([1, 3, 2, 3]);
  expect([...data.slice(6)].map((level) => Math.round(1000 * level) / 10)).toEqual([
    6.5, 26.5, 46.5, 8.5, 28.5, 48.5, 7.5, 27.5, 47.5, 9.5, 29.5, 49.5,
  ]);
});

it("at any size, larger or smaller, keeps the mean of a picture and every level between its own", () => {
  const picture = planesOf(5, 7, (plane, y, x) => Math.sin(3 * plane + 2 * y + x));
  const mean = (levels: Float32Array) => levels.reduce((sum, level) => sum + level, 0) / levels.length;
  for (const [height, width] of [
    [3, 4],
    [11, 13],
    [1, 1],
    [5, 2],
  ] as const) {
    const { data } = resizedPlanes(picture, height, width);
    expect(data).toHaveLength(3 * height * width);
    expect(mean(data)).toBeCloseTo(mean(picture.data), 5);
    expect(Math.max(...data)).toBeLessThanOrEqual(Math.max(...picture.data) + 1e-6);
  }
});
