import { describe, expect, it } from "vitest";
import { begunRun } from "../drawing/run";
import { type AppState, INITIAL_STATE } from "../store";
import { ALONE, keptPicture, RECIPE } from "../testing";
import { announcementOf } from "./announcement";

const runningAt = (step: number): AppState => ({
  ...INITIAL_STATE,
  run: { ...begunRun(RECIPE, ALONE, 0), stage: "denoise", step },
});

describe("announcementOf", () => {
  it("a run of 20 steps speaks at its start and its quarters, and nowhere else", () => {
    const states = [INITIAL_STATE, ...Array.from({ length: 21 }, (_, step) => runningAt(step))];
    const said = states
      .slice(1)
      .map((state, index) => announcementOf(states[index] ?? INITIAL_STATE, state)?.text);
    expect(said.filter((text) => text !== undefined)).toEqual([
      "Generating, 20 steps.",
      "25 percent.",
      "50 percent.",
      "75 percent.",
    ]);
    expect(said[5]).toBe("25 percent.");
  });

  it("the end names the seed, and is never dropped as mere progress", () => {
    const done: AppState = {
      ...INITIAL_STATE,
      pictures: [keptPicture(7, 1)],
      shownId: 7,
      run: { status: "done", pictureId: 7 },
    };
    expect(announcementOf(runningAt(20), done)).toEqual({ text: "Picture ready. Seed 7.", kind: "ending" });
  });

  it("of several pictures the beginnings are told, and at the end how many there are", () => {
    const inRound = (index: number, step: number): AppState => ({
      ...INITIAL_STATE,
      run: { ...begunRun(RECIPE, { index, count: 4 }, 0), stage: "denoise", step },
    });
    expect(announcementOf(INITIAL_STATE, inRound(0, 0))?.text).toBe("Generating 4 pictures of 20 steps.");
    expect(announcementOf(inRound(0, 4), inRound(0, 10))).toBeNull();
    expect(announcementOf(inRound(0, 20), inRound(1, 0))?.text).toBe("Picture 2 of 4.");
    const done: AppState = {
      ...INITIAL_STATE,
      pictures: [keptPicture(8, 2), keptPicture(7, 2), keptPicture(6, 1)],
      shownId: 8,
      run: { status: "done", pictureId: 8 },
    };
    expect(announcementOf(inRound(3, 20), done)?.text).toBe("2 pictures ready, the best on show. Seed 8.");
  });

  it("a notice is read out when it comes, not when it goes", () => {
    const after: AppState = { ...INITIAL_STATE, notices: ["offline-ready"] };
    expect(announcementOf(INITIAL_STATE, after)?.text).toBe("Ready to work offline.");
    expect(announcementOf(after, INITIAL_STATE)).toBeNull();
  });

  it("loading, readiness and failure are told; a change of settings is not", () => {
    const failure = { code: "model-missing", message: "x" } as const;
    const failed: AppState = { ...INITIAL_STATE, model: { status: "failed", failure } };
    expect(announcementOf(INITIAL_STATE, failed)?.text).toBe("The model could not be fetched.");
    expect(announcementOf(INITIAL_STATE, { ...INITIAL_STATE, shownId: 3 })).toBeNull();
    const loading: AppState = { ...INITIAL_STATE, model: { status: "loading", progress: null } };
    expect(announcementOf(INITIAL_STATE, loading)?.kind).toBe("progress");
    expect(announcementOf(loading, { ...loading, model: { status: "loading", progress: null } })).toBeNull();
  });

  it("a loss that is being made up for is told at once, in the middle of a picture too", () => {
    const drawing = runningAt(7);
    const recovering: AppState = { ...drawing, model: { status: "recovering", progress: null } };
    expect(announcementOf(drawing, recovering)).toEqual({
      text: "The graphics device went away; starting again.",
      kind: "ending",
    });
  });
});
