import { expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "../../../storage/settings";
import { choicesOf } from "../../drawing/choices";
import { MODEL } from "../../testing";
import { samplerHint, sizeHint } from "./choiceHints";

const choices = (change: Partial<typeof DEFAULT_SETTINGS>) =>
  choicesOf({ ...DEFAULT_SETTINGS, ...change }, MODEL);

it("the makers' own sampler and size need no word", () => {
  expect(samplerHint(choices({ steps: 3 }), MODEL)).toBe("");
  expect(sizeHint(choices({}), MODEL)).toBe("");
});

it("another sampler with fewer steps than the makers chose is said to leave noise", () => {
  expect(samplerHint(choices({ sampler: "heun", steps: 10 }), MODEL)).toMatch(
    /DDIM with 20 steps\. With 10, Heun/,
  );
  expect(samplerHint(choices({ sampler: "pndm", steps: 10 }), MODEL)).toMatch(/may leave noise$/);
  expect(samplerHint(choices({ sampler: "heun", steps: 20 }), MODEL)).toMatch(/may draw worse$/);
});

it("few-step weights bring their own sampler", () => {
  const model = { ...MODEL, fewStep: { sampler: "heun", steps: 4, guidanceScale: 1 } } as const;
  expect(samplerHint(choicesOf({ ...DEFAULT_SETTINGS, weights: "few_step" }, model), model)).toBe("");
});

it("a size that the model was not made for says which it was made for", () => {
  expect(sizeHint(choices({ shape: "small" }), MODEL)).toBe(
    "Made for 128 × 128: so much smaller, it may draw noise",
  );
  expect(sizeHint(choices({ shape: "portrait" }), MODEL)).toMatch(/another shape, it may draw worse$/);
});
