import fc from "fast-check";
import { expect, it } from "vitest";
import { isPreviewDue, PreviewCosts } from "./previewPace";

const SIZE = [1, 4, 64, 64];

/** A picture's steps of `stepMs` each, with previews that cost `costMs` each: after which steps there is one. */
function previewsOf(costs: PreviewCosts, steps: number, stepMs: number, costMs: number): readonly number[] {
  let spentMs = 0;
  const shown: number[] = [];
  for (let step = 1; step <= steps; step++) {
    if (!isPreviewDue({ stepsMs: step * stepMs, spentMs, expectedMs: costs.expectedMs(SIZE) })) continue;
    costs.note(SIZE, costMs);
    spentMs += costMs;
    shown.push(step);
  }
  return shown;
}

const learnt = (costMs: number) => {
  const costs = new PreviewCosts();
  for (let run = 0; run < 2; run++) costs.note(SIZE, costMs);
  return costs;
};

it("nobody knows what a decoder costs before it has run twice at that size: the first run warms up", () => {
  const costs = new PreviewCosts();
  expect(costs.expectedMs(SIZE)).toBeNull();
  costs.note(SIZE, 900);
  expect(costs.expectedMs(SIZE)).toBeNull();
  costs.note(SIZE, 40);
  expect(costs.expectedMs(SIZE)).toBe(40);
  expect(costs.expectedMs([1, 4, 128, 128])).toBeNull();
  costs.note(SIZE, 30);
  costs.note(SIZE, 50);
  expect(costs.expectedMs(SIZE)).toBe(30);
});

it("a preview that takes a tenth of a step comes after every one, a dearer one after every nth", () => {
  expect(previewsOf(learnt(10), 6, 100, 10)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(previewsOf(learnt(30), 9, 100, 30)).toEqual([3, 6, 9]);
  expect(previewsOf(learnt(1000), 20, 100, 1000)).toEqual([]);
});

it("while the cost is not known there are two previews, and then as many as it allows", () => {
  expect(previewsOf(new PreviewCosts(), 20, 100, 30)).toEqual([1, 2, 9, 12, 15, 18]);
});

it("never more than a tenth of the steps' time, whatever each takes", () => {
  const ms = fc.double({ min: 0.01, max: 1e5, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), ms, ms, (steps, stepMs, costMs) => {
      const shown = previewsOf(learnt(costMs), steps, stepMs, costMs).length;
      expect(shown * costMs).toBeLessThanOrEqual(0.1 * steps * stepMs * (1 + 1e-9));
    }),
  );
});
