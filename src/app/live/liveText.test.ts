import { describe, expect, it } from "vitest";
import type { Recipe } from "../../core/recipe";
import { announcementOf } from "../frame/announcement";
import { type AppState, INITIAL_STATE, type LiveDraft } from "../store";
import { RECIPE } from "../testing";
import { liveText } from "./LiveFacts";
import { reasonOf } from "./LiveSwitch";
import { liveFitOf } from "./pace";

const IMAGE = { widthPx: 1, heightPx: 1, bytes: new Uint8ClampedArray(4) };

const withDraft = (
  recipe: Recipe,
  change: Partial<LiveDraft> = {},
  kind: "wasm" | "webgpu" = "wasm",
): AppState => ({
  ...INITIAL_STATE,
  model: { status: "ready", backend: { kind, description: "", reason: null } },
  live: {
    status: "drawn",
    wanted: RECIPE,
    refinedSteps: 0,
    seen: { image: IMAGE, share: 1, recipe },
    ...change,
  },
});

describe("what is said of a draft", () => {
  it("[LV45] its steps of how many, and where it was drawn", () => {
    expect(liveText(withDraft({ ...RECIPE, steps: 4 }))).toBe("Live draft, 4 of 20 steps, on the processor");
    const onGpu = withDraft({ ...RECIPE, steps: 10 }, {}, "webgpu");
    expect(liveText(onGpu)).toBe("Live draft, 10 of 20 steps, on the graphics device");
  });

  it("[LV46] that it is by another sampler than the picture will be, or has all of its steps", () => {
    const wanted = { ...RECIPE, sampler: "heun" } as const;
    const draft = withDraft({ ...wanted, steps: 4, sampler: "ddim" }, { wanted });
    expect(liveText(draft)).toBe("Live draft, 4 of 20 steps by DDIM, on the processor");
    expect(liveText(withDraft(RECIPE))).toBe("Live draft, all 20 steps, on the processor");
  });

  it("[LV47] nothing before anything is seen of it, and nothing once its picture has come", () => {
    expect(liveText(withDraft(RECIPE, { seen: null }))).toBe("");
    expect(liveText(withDraft(RECIPE, { status: "refined" }))).toBe("");
  });

  it("[LV48] and nothing of it to a screen reader, nor that a failure has gone", () => {
    const draft = withDraft(RECIPE);
    const ready: AppState = { ...draft, live: null };
    expect(announcementOf(ready, draft)).toBeNull();
    const failed: AppState = {
      ...INITIAL_STATE,
      run: { status: "failed", failure: { code: "internal", message: "x" } },
    };
    expect(announcementOf(failed, { ...INITIAL_STATE, live: draft.live })).toBeNull();
  });
});

describe("why there is no live mode", () => {
  it("[LV49] a model that has drawn nothing yet, or one that is too slow by what was measured; else nothing", () => {
    expect(reasonOf(liveFitOf(null))).toMatch(/not before a first picture/);
    expect(reasonOf(liveFitOf({ stepMs: 4000, decodeMs: 600 }))).toMatch(/3 steps takes about 13 s$/);
    expect(reasonOf(liveFitOf({ stepMs: 60, decodeMs: 70 }))).toBe("");
  });
});
