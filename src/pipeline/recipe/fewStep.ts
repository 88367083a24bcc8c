/** Which networks draw a recipe: the model's own, or its few-step student's. */

import type { Model } from "../../checkpoint/model";
import type { Recipe } from "../../core/recipe";
import type { FewStepSource, Networks } from "../ports";
import { checkRecipe } from "./checkRecipe";

/** @throws {Failure} "bad-request" for a recipe that the model cannot draw, or whatever opening the student fails with. */
export async function networksFor(recipe: Recipe, model: Model, networks: FewStepSource): Promise<Networks> {
  checkRecipe(recipe, model);
  const path = recipe.weights === "few_step" ? model.fewStepWeights : null;
  return path === null ? networks : networks.withLora(path);
}
