/** The recommendation of a model's makers, as a recipe. */

import type { Model } from "../../checkpoint/model";
import { WHOLE_RUN } from "../../core/guidedSteps";
import type { Recipe } from "../../core/recipe";

/** @param wanted what is to be otherwise; without it, no words at all and seed 0. */
export function defaultRecipe({ card: { defaults } }: Model, wanted: Partial<Recipe> = {}): Recipe {
  return {
    ...defaults,
    ...WHOLE_RUN,
    prompt: "",
    negativePrompt: "",
    seed: 0n,
    guidanceRescale: 0,
    weights: "full",
    eta: 0,
    ...wanted,
  };
}
