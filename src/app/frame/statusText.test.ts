import { describe, expect, it } from "vitest";
import type { LoadProgress } from "../../protocol/calls";
import { begunRun } from "../drawing/run";
import type { ModelState, Running } from "../store";
import { ALONE, RECIPE } from "../testing";
import { durationText, leftText, pageTitle, statusOf } from "./statusText";

const READY: ModelState = {
  status: "ready",
  backend: { kind: "wasm", description: "processor", reason: null },
};
const IDLE = { status: "idle" } as const;
const loading = (progress: LoadProgress | null) => ({
  model: { status: "loading", progress } as const,
  run: IDLE,
});
const running = (change: Partial<Running>) => ({
  model: READY,
  run: { ...begunRun(RECIPE, ALONE, 0), ...change },
});

describe("statusOf", () => {
  it.each([
    [null, "Loading model", null],
    [{ stage: "engine", done: 5, total: 20 }, "Loading engine 25 %", 0.25],
    [{ stage: "weights", done: 43, total: 100 }, "Loading model 43 %", 0.43],
    [{ stage: "weights", done: 999, total: 1000 }, "Loading model 99 %", 0.999],
    [{ stage: "weights", done: 7, total: 0 }, "Loading model", null],
    [{ stage: "sessions", done: 1, total: 3 }, "Preparing the model, 1 of 3", 1 / 3],
    [{ stage: "shaders", done: 1, total: 3 }, "Compiling for the GPU, 1 of 3", 1 / 3],
  ] as const)("loading %j reads %s", (progress, text, done) => {
    expect(statusOf(loading(progress))).toEqual({ text, done });
  });

  it("a step is named by the one at work, with the time left once it is measured", () => {
    expect(statusOf(running({ stage: "denoise", step: 0 }))?.text).toBe("Step 1 of 20");
    const measured = { stage: "denoise", step: 6, stepTimesMs: [200, 210, 190] } as const;
    expect(statusOf(running(measured))).toEqual({ text: "Step 7 of 20, about 3 s left", done: 0.3 });
    expect(statusOf(running({ ...measured, step: 20 }))?.text).toBe("Step 20 of 20");
  });

  it("the other stages have their own words, and rest has none", () => {
    expect(statusOf(running({ stage: "encode" }))?.text).toBe("Reading the prompt");
    expect(statusOf(running({ stage: "decode", step: 20 }))).toEqual({ text: "Decoding", done: 1 });
    expect(statusOf({ model: READY, run: IDLE })).toBeNull();
  });
});

describe("several pictures", () => {
  it("each is counted, and the whole of them is what is done", () => {
    const round = { index: 1, count: 4 };
    const status = (change: Partial<Running>) => statusOf(running({ round, ...change }));
    expect(status({ stage: "denoise", step: 9 })).toEqual({
      text: "Picture 2 of 4, step 10 of 20",
      done: (1 + 9 / 20) / 4,
    });
    expect(status({ stage: "decode", step: 20 })).toEqual({ text: "Picture 2 of 4, decoding", done: 0.5 });
    const measured = { stage: "denoise", step: 20, stepTimesMs: [900, 100, 100] } as const;
    expect(status(measured)?.text).toBe("Picture 2 of 4, step 20 of 20, about 4 s left");
  });
});

describe("times in words", () => {
  it.each([
    [-5, "less than 1 s left"],
    [999, "less than 1 s left"],
    [2_600, "about 3 s left"],
    [61_000, "about 61 s left"],
    [180_000, "about 3 min left"],
    [5_000_000, "about 1 h 23 min left"],
  ])("%d ms left reads %s", (ms, text) => expect(leftText(ms)).toBe(text));

  it.each([
    [0, "0.0 s"],
    [1_449, "1.4 s"],
    [12_300, "12 s"],
  ])("%d ms reads %s", (ms, text) => expect(durationText(ms)).toBe(text));
});

describe("pageTitle", () => {
  it("shows how far a picture is, and nothing of a load that nobody waits for", () => {
    expect(pageTitle(running({ stage: "denoise", step: 7 }))).toBe("35 % · Afterimage");
    expect(pageTitle(loading({ stage: "weights", done: 1, total: 2 }))).toBe("Afterimage");
    expect(
      pageTitle({ ...loading({ stage: "weights", done: 1, total: 2 }), run: { status: "waiting" } }),
    ).toBe("50 % · Afterimage");
  });
});
