/** Rules [D24] and [D25] of SPEC.md. */

import fc from "fast-check";
import { expect, it } from "vitest";
import type { HostTensor } from "../core/tensor";
import { hostLatents } from "./latents";

const dims = [1, 2, 3, 1];
const counting = hostLatents(dims, (draw, count) => new Float32Array(count).fill(draw));
const tensor = (values: readonly number[]): HostTensor => ({ dims, data: Float32Array.from(values) });
const values = fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 6, maxLength: 6 });
const coefficient = fc.double({ min: -5000, max: 5000, noNaN: true });

/** The same number; −0 becomes 0. */
const unsigned = (value: number): number => value + 0;

it("[D24] sums in f64 and rounds once", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(coefficient, values), { minLength: 1, maxLength: 5 }), (terms) => {
      const got = counting.combine(terms.map(([c, latent]) => [c, tensor(latent)]));
      const want = [0, 1, 2, 3, 4, 5].map((i) =>
        Math.fround(terms.reduce((sum, [c, latent]) => sum + c * (latent[i] ?? Number.NaN), 0)),
      );
      expect([...got.data].map(unsigned)).toEqual(want.map(unsigned));
      expect(got.dims).toEqual(dims);
    }),
  );
});

it("[D24] leaves its operands alone", () => {
  const x = tensor([1, 2, 3, 4, 5, 6]);
  counting.combine([
    [2, x],
    [3, x],
  ]);
  expect([...x.data]).toEqual([1, 2, 3, 4, 5, 6]);
});

it("[D25] takes draw 0 first, then 1, 2, …", () => {
  const ops = hostLatents(dims, (draw, count) => new Float32Array(count).fill(draw));
  expect([ops.noise(), ops.noise(), ops.noise()].map(({ data }) => [...data])).toEqual(
    [0, 1, 2].map((k) => Array(6).fill(k)),
  );
});

it("[D24] refuses latents of another size", () => {
  const other = { dims: [1, 2], data: new Float32Array(2) };
  expect(() => counting.combine([[1, other]])).toThrow(
    expect.objectContaining({
      code: "internal",
      message: expect.stringContaining("[1, 2, 3, 1], got one of 2"),
    }),
  );
  expect(() => hostLatents(dims, () => new Float32Array(5)).noise()).toThrow(/got one of 5/);
});
