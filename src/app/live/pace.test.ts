import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { draftSteps, liveFitOf, Pace } from "./pace";

describe("draftSteps", () => {
  it("[LV30] as many steps as fit in 300 ms, at least 3, at most 10", () => {
    expect([400, 100, 65, 50, 30, 1].map((stepMs) => draftSteps(stepMs, null))).toEqual([3, 3, 4, 6, 10, 10]);
  });

  it("[LV31] the fewest while nobody knows", () => {
    expect(draftSteps(null, null)).toBe(3);
  });

  it("[LV32] a step that takes a fifth more or less than before changes nothing: another number is another picture", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 20, max: 200, noNaN: true }),
        fc.double({ min: 0.82, max: 1.2, noNaN: true }),
        (stepMs, by) => {
          const steps = draftSteps(stepMs, null);
          expect(draftSteps(stepMs * by, steps)).toBe(steps);
        },
      ),
    );
  });

  it("[LV33] a step that takes twice or half as long does", () => {
    expect(draftSteps(130, draftSteps(65, null))).toBe(3);
    expect(draftSteps(32, draftSteps(65, null))).toBe(9);
  });
});

describe("Pace", () => {
  it("[LV34] goes by the median of what was measured, and not by the first step, which warms up", () => {
    const pace = new Pace();
    expect(pace.stepsFor("a", null)).toBe(3);
    pace.note("a", [900, 40, 42, 400, 41]);
    expect(pace.stepsFor("a", null)).toBe(7);
  });

  it("[LV35] forgets at another size or model, and believes a guess until it has measured", () => {
    const pace = new Pace();
    pace.stepsFor("a", null);
    pace.note("a", [40, 40, 40]);
    expect(pace.stepsFor("b", 60)).toBe(5);
    expect(pace.stepTimesMs).toEqual([]);
    pace.note("a", [40, 40, 40]);
    expect(pace.isMeasured("b")).toBe(false);
    pace.note("b", [150, 150, 150]);
    expect(pace.stepsFor("b", 60)).toBe(3);
  });

  it("[LV36] only the last steps count", () => {
    const pace = new Pace();
    pace.stepsFor("a", null);
    pace.note("a", [...Array<number>(50).fill(200), ...Array<number>(10).fill(50)]);
    expect(pace.stepTimesMs).toHaveLength(10);
    expect(pace.stepsFor("a", null)).toBe(6);
  });
});

describe("liveFitOf", () => {
  it("[LV37] a model fits if three steps and a decode take a second and a half", () => {
    expect(liveFitOf(null)).toEqual({ kind: "unknown" });
    expect(liveFitOf({ stepMs: 400, decodeMs: 300 })).toEqual({ kind: "fits" });
    expect(liveFitOf({ stepMs: 4000, decodeMs: 600 })).toEqual({ kind: "slow", steps: 3, draftMs: 12_600 });
  });
});
