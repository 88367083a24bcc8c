/** The promises of an interval of guidance, whatever its numbers; diffusers' own are in src/diffusion/golden.test.ts. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { guidedSteps, WHOLE_RUN } from "./guidedSteps";

const steps = fc.integer({ min: 1, max: 1000 });
const part = fc.double({ min: 0, max: 1, noNaN: true });

it("the whole run is every step", () => {
  fc.assert(
    fc.property(steps, (n) => {
      expect(guidedSteps({ steps: n, ...WHOLE_RUN })).toEqual({ first: 0, end: n });
    }),
  );
});

it("intervals that meet share no step and leave none out", () => {
  fc.assert(
    fc.property(steps, part, (n, border) => {
      const before = guidedSteps({ steps: n, guidanceStart: 0, guidanceStop: border });
      const after = guidedSteps({ steps: n, guidanceStart: border, guidanceStop: 1 });
      expect([before.first, before.end, after.end]).toEqual([0, after.first, n]);
    }),
  );
});

it.each([
  [-0.1, 1],
  [0, 1.1],
  [0.6, 0.5],
  [Number.NaN, 1],
  [0, Number.NaN],
])("refuses guidance from %d to %d, saying what is wanted", (guidanceStart, guidanceStop) => {
  expect(() => guidedSteps({ steps: 20, guidanceStart, guidanceStop })).toThrow(
    expect.objectContaining({
      code: "bad-request",
      message: expect.stringContaining(`got start ${guidanceStart}`),
    }),
  );
});
