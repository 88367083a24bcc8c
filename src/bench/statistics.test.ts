/** The numbers that times are told by. */

import { expect, it } from "vitest";
import { sum } from "../core/numbers";
import { median, rounded } from "./statistics";

it("the median is the middle, or the mean of the two in the middle, in whatever order they come", () => {
  expect(median([3, 100, 1])).toBe(3);
  expect(median([10, 1, 4, 2])).toBe(3);
  expect(median([7])).toBe(7);
  expect(median([])).toBeNaN();
});

it("numbers of two digits sort as numbers", () => {
  expect(median([9, 10, 100])).toBe(10);
});

it("rounds to so many decimals, and sums", () => {
  expect([rounded(1.2345, 2), rounded(1234.5, 0), rounded(-0.06, 1)]).toEqual([1.23, 1235, -0.1]);
  expect(sum([1, 2, 3.5])).toBe(6.5);
  expect(sum([])).toBe(0);
});
