import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RECIPE } from "../testing";
import { draftOf, keyOf } from "./draftRecipe";

describe("draftOf", () => {
  it("[LV25] fewer steps, and nothing else that would move what is in the picture", () => {
    expect(draftOf(RECIPE, 4)).toEqual({ ...RECIPE, steps: 4 });
  });

  it("[LV26] samplers that follow the one curve are drafted by DDIM, those with noise of their own by themselves", () => {
    expect(draftOf({ ...RECIPE, sampler: "heun" }, 4).sampler).toBe("ddim");
    expect(draftOf({ ...RECIPE, sampler: "dpmpp_2m" }, 4).sampler).toBe("ddim");
    expect(draftOf({ ...RECIPE, sampler: "euler_a" }, 4).sampler).toBe("euler_a");
    expect(draftOf({ ...RECIPE, sampler: "lcm" }, 4).sampler).toBe("lcm");
  });

  it("[LV27] a picture of so few steps, or one by few-step weights, is its own draft", () => {
    const few = { ...RECIPE, sampler: "heun", steps: 4 } as const;
    expect(draftOf(few, 4)).toBe(few);
    const fewStep = { ...RECIPE, weights: "few_step", steps: 8 } as const;
    expect(draftOf(fewStep, 4)).toBe(fewStep);
  });
});

describe("keyOf", () => {
  it("[LV28] differs for every difference, and for no other order", () => {
    const shuffled = Object.fromEntries(Object.entries(RECIPE).reverse()) as unknown as typeof RECIPE;
    expect(keyOf(shuffled)).toBe(keyOf(RECIPE));
    const changes = {
      prompt: "a dog",
      seed: 8n,
      guidanceScale: 4.5,
      sampler: "euler",
      heightPx: 136,
    } as const;
    for (const [name, value] of Object.entries(changes))
      expect(keyOf({ ...RECIPE, [name]: value }), name).not.toBe(keyOf(RECIPE));
  });

  it("[LV29] words cannot make one recipe look like another", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (prompt, negativePrompt) => {
        const other = { ...RECIPE, prompt: negativePrompt, negativePrompt: prompt };
        expect(keyOf({ ...RECIPE, prompt, negativePrompt }) === keyOf(other)).toBe(prompt === negativePrompt);
      }),
    );
  });
});
