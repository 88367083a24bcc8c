/** The recipe that a model is sent, where it is sent only the words that it knows. */

import type { Model } from "../../checkpoint/model";
import { Failure } from "../../core/failure";
import type { Recipe } from "../../core/recipe";

/**
 * A recipe whose prompt was typed, with the prompt that the model is sent. Where the two differ the recipe keeps both.
 *
 * @param understand null sends every word as it is.
 * @throws {Failure} "nothing-known" if the model knows nothing of the prompt: it would draw a lump.
 */
export function sentRecipe<R extends Pick<Recipe, "prompt" | "typed">>(
  recipe: R,
  understand: Model["understand"],
): R {
  const { prompt: typed } = recipe;
  const understood = understand?.(typed);
  if (understood?.nothingKnown)
    throw new Failure("nothing-known", `Of "${typed}" this model knows nothing that it could draw.`);
  return understood?.isChanged ? { ...recipe, prompt: understood.draws, typed } : recipe;
}
