import { describe, expect, it } from "vitest";
import type { StatedRecipe } from "../../image/infotext/statedRecipe";
import { MODEL, RECIPE } from "../testing";
import { droppedRecipe } from "./droppedRecipe";

const STATED: StatedRecipe = {
  recipe: RECIPE,
  model: MODEL.name,
  version: "Afterimage 1.0.0",
  missing: [],
  notHonoured: [],
};

describe("droppedRecipe", () => {
  it("a picture of this page's own gives all its settings, and its prompt as it was typed", () => {
    const { change, note } = droppedRecipe({ ...STATED, recipe: { ...RECIPE, typed: "a cat, 8k" } }, MODEL);
    expect(change).toEqual({
      prompt: "a cat, 8k",
      negativePrompt: "",
      seed: "7",
      steps: 20,
      guidanceScale: 4,
      guidanceStart: 0,
      guidanceStop: 1,
      sampler: "ddim",
      weights: "full",
      shape: "native",
    });
    expect(note).toBe("The picture’s recipe is in the settings.");
  });

  it("says what is missing, what was not honoured, and which model drew it", () => {
    const stated = {
      ...STATED,
      recipe: { prompt: "a dog" },
      model: "other",
      missing: ["seed", "size"],
      notHonoured: ["Clip skip: 2"],
    };
    const { change, note } = droppedRecipe(stated, MODEL);
    expect(change).toMatchObject({ prompt: "a dog", seed: null, steps: null, sampler: null });
    expect(note).toMatch(
      /drawn by other, this is TinyWorld\..*not state: seed, size\..*picture: Clip skip: 2\.$/,
    );
  });

  it("names what the page has no setting for: nothing that changes the picture is dropped silently", () => {
    const recipe = {
      ...RECIPE,
      widthPx: 96,
      sigmaSpacing: "karras",
      eta: 0.5,
      guidanceRescale: 0.7,
    } as const;
    const { note } = droppedRecipe({ ...STATED, recipe: { ...recipe, weights: "few_step" } }, MODEL);
    for (const named of [
      "size 96 × 128",
      "schedule karras",
      "eta 0.5",
      "guidance rescale 0.7",
      "few-step weights",
    ])
      expect(note).toContain(named);
  });

  it("a shape of the model's is found by its size", () => {
    expect(
      droppedRecipe({ ...STATED, recipe: { ...RECIPE, widthPx: 64, heightPx: 64 } }, MODEL).change.shape,
    ).toBe("small");
  });
});
