import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WHOLE_RUN } from "../../core/guidedSteps";
import { LIMITS } from "../../protocol/settings";
import { DEFAULT_SETTINGS } from "../../storage/settings";
import { MODEL } from "../testing";
import { choicesOf, recipeOf, recipesOf, shapesOf } from "./choices";

const modelOf = (widthPx: number, heightPx: number, sideMultiplePx: number) => ({
  ...MODEL,
  defaults: { ...MODEL.defaults, widthPx, heightPx },
  sideMultiplePx,
});

describe("choicesOf", () => {
  it("what nobody set is as the model says", () => {
    expect(choicesOf(DEFAULT_SETTINGS, MODEL)).toEqual({ ...MODEL.defaults, ...WHOLE_RUN, weights: "full" });
  });

  it("what was set wins, within the limits; guidance 1 is a choice, not an absence", () => {
    const set = { ...DEFAULT_SETTINGS, guidanceScale: 1, steps: 1000, sampler: "lcm" as const };
    expect(choicesOf(set, MODEL)).toMatchObject({ guidanceScale: 1, steps: LIMITS.stepsMax, sampler: "lcm" });
  });

  it("few-step weights draw as they were trained, whatever else was set; a model without them draws as ever", () => {
    const fewStep = { sampler: "lcm", steps: 4, guidanceScale: 1 } as const;
    const set = { ...DEFAULT_SETTINGS, weights: "few_step", steps: 30, guidanceScale: 9 } as const;
    expect(recipeOf(set, { ...MODEL, fewStep }, 0n)).toMatchObject({ ...fewStep, weights: "few_step" });
    expect(recipeOf(set, MODEL, 0n)).toMatchObject({ steps: 30, guidanceScale: 9, weights: "full" });
  });

  it("guidance acts in the steps that were set, unless there is none to act or few-step weights have their own", () => {
    const set = { ...DEFAULT_SETTINGS, guidanceStart: 0.2, guidanceStop: 0.8 };
    const fewStep = { sampler: "lcm", steps: 4, guidanceScale: 1 } as const;
    expect(recipeOf(set, MODEL, 0n)).toMatchObject({ guidanceStart: 0.2, guidanceStop: 0.8 });
    expect(recipeOf({ ...set, guidanceScale: 1 }, MODEL, 0n)).toMatchObject(WHOLE_RUN);
    expect(recipeOf({ ...set, weights: "few_step" }, { ...MODEL, fewStep }, 0n)).toMatchObject(WHOLE_RUN);
  });

  it("a start that was edited to lie after the stop is a recipe that can be drawn", () => {
    const set = { ...DEFAULT_SETTINGS, guidanceStart: 0.9, guidanceStop: 0.3 };
    expect(recipeOf(set, MODEL, 0n)).toMatchObject({ guidanceStart: 0.3, guidanceStop: 0.3 });
  });

  it("the recipe carries seed and words unchanged", () => {
    const settings = { ...DEFAULT_SETTINGS, prompt: " a cat ", negativePrompt: "fog" };
    expect(recipeOf(settings, MODEL, 2n ** 63n)).toMatchObject({
      prompt: " a cat ",
      negativePrompt: "fog",
      seed: 2n ** 63n,
    });
  });
});

describe("recipesOf", () => {
  it("seeds follow one another, and after the highest comes the lowest", () => {
    const seeds = recipesOf(DEFAULT_SETTINGS, MODEL, 2n ** 64n - 2n, 4).map(({ seed }) => seed);
    expect(seeds).toEqual([2n ** 64n - 2n, 2n ** 64n - 1n, 0n, 1n]);
  });
});

describe("shapesOf", () => {
  it("a square model offers its own square once, two long shapes of that area, and a small one", () => {
    expect(shapesOf(MODEL)).toEqual([
      { shape: "native", widthPx: 128, heightPx: 128 },
      { shape: "landscape", widthPx: 160, heightPx: 104 },
      { shape: "portrait", widthPx: 104, heightPx: 160 },
      { shape: "small", widthPx: 64, heightPx: 64 },
    ]);
  });

  it("a model of large pictures has them in every shape, of about the same area", () => {
    const shapes = shapesOf(modelOf(1024, 1024, 64));
    expect(shapes).toContainEqual({ shape: "landscape", widthPx: 1280, heightPx: 832 });
    expect(shapes).toContainEqual({ shape: "portrait", widthPx: 832, heightPx: 1280 });
  });

  it("every side is a positive multiple of what the model asks for, and no size comes twice", () => {
    const side = fc.integer({ min: 1, max: 64 });
    fc.assert(
      fc.property(side, side, fc.constantFrom(1, 8, 16, 64), (w, h, multiple) => {
        const shapes = shapesOf(modelOf(w * multiple, h * multiple, multiple));
        const sides = shapes.flatMap(({ widthPx, heightPx }) => [widthPx, heightPx]);
        expect(sides.every((px) => px > 0 && px % multiple === 0)).toBe(true);
        expect(new Set(shapes.map(({ widthPx, heightPx }) => `${widthPx}x${heightPx}`)).size).toBe(
          shapes.length,
        );
      }),
    );
  });
});
