import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GenerateProgress } from "../../protocol/calls";
import { ALONE, RECIPE } from "../testing";
import { advancedRun, begunRun, remainingMs } from "./run";

const at = (stage: GenerateProgress["stage"], step: number): GenerateProgress => ({
  stage,
  step,
  steps: RECIPE.steps,
  preview: null,
});

function runOf(reports: readonly (readonly [GenerateProgress, number])[]) {
  return reports.reduce(
    (run, [progress, atMs]) => advancedRun(run, progress, atMs),
    begunRun(RECIPE, ALONE, 0),
  );
}

describe("remainingMs", () => {
  it("is not known before a whole step beyond the first was measured", () => {
    expect(remainingMs(runOf([]))).toBeNull();
    const first = [at("denoise", 0), 500] as const;
    expect(remainingMs(runOf([first, [at("denoise", 1), 9500]]))).toBeNull();
    expect(remainingMs(runOf([first, [at("denoise", 1), 9500], [at("denoise", 2), 9600]]))).toBe(1800);
    // The first step came without its beginning: what it took includes reading the prompt.
    expect(remainingMs(runOf([[at("denoise", 1), 900]]))).toBeNull();
  });

  it("is the time of a step times the steps left, for steps of one length", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 20 }), fc.integer({ min: 1, max: 9000 }), (step, eachMs) => {
        const reports = Array.from(
          { length: step + 1 },
          (_, k) => [at("denoise", k), 70 + k * eachMs] as const,
        );
        expect(remainingMs(runOf(reports))).toBeCloseTo(eachMs * (20 - step));
      }),
    );
  });

  it("one slow step among quick ones does not move it", () => {
    const times = [0, 100, 200, 5200, 5300, 5400];
    expect(remainingMs(runOf(times.map((ms, step) => [at("denoise", step), ms])))).toBe(100 * 15);
  });

  it("reports between two steps do not shorten the step", () => {
    const run = runOf([
      [at("denoise", 0), 0],
      [at("denoise", 0), 60],
      [at("denoise", 1), 100],
    ]);
    expect(run.stepTimesMs).toEqual([100]);
  });

  it("a report that covers several steps shares its time among them", () => {
    const run = runOf([
      [at("denoise", 0), 0],
      [at("denoise", 4), 400],
    ]);
    expect(run.stepTimesMs).toEqual([100, 100, 100, 100]);
  });

  it("is never negative, whatever the clock does", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.integer())), (reports) => {
        const run = runOf(reports.map(([step, ms]) => [at("denoise", step), ms]));
        expect(remainingMs(run) ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("a set of pictures", () => {
  it("the time left is that of all pictures to come, from the first steps on", () => {
    const round = { index: 1, count: 4 };
    const run = begunRun(RECIPE, round, 0, [900, 100, 100, 100]);
    expect(remainingMs(run)).toBe(100 * 60);
    expect(remainingMs(advancedRun(run, at("denoise", 20), 0))).toBe(100 * 40);
  });
});

describe("advancedRun", () => {
  it("a report without a preview keeps the last one, with the step it belongs to", () => {
    const image = { widthPx: 1, heightPx: 1, bytes: new Uint8ClampedArray(4) };
    const run = runOf([
      [{ ...at("denoise", 3), preview: { step: 3, image } }, 10],
      [at("decode", 20), 20],
    ]);
    expect(run).toMatchObject({ stage: "decode", step: 20, preview: { step: 3, image } });
  });
});
