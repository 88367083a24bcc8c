/** Which networks draw a recipe: the model's own, or its few-step student's. */

import type { Recipe } from "../core/recipe";
import { checkRecipe } from "./checkRecipe";
import type { Model } from "./model";
import type { Networks, StudentSource } from "./ports";

/** @throws {Failure} "bad-request" for a recipe that the model cannot draw, or whatever opening the student fails with. */
export async function networksFor(recipe: Recipe, model: Model, networks: StudentSource): Promise<Networks> {
  checkRecipe(recipe, model);
  const path = recipe.weights === "few_step" ? model.studentWeights : null;
  return path === null ? networks : networks.withLora(path);
}
