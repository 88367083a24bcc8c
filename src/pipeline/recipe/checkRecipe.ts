/** Checks a recipe against a model, before anything is computed. All that is wrong is refused at once. */

import type { Model } from "../../checkpoint/model";
import { Failure } from "../../core/failure";
import { guidedSteps } from "../../core/guidedSteps";
import type { Recipe } from "../../core/recipe";

/**
 * @throws {Failure} "bad-request" saying what was wanted and what came, if sides do not fit the U-Net's levels, the model has no
 * few-step weights, or guidance would stop before it starts. Steps, eta, seed and the scale of guidance are checked where they are used, in src/diffusion and src/core/random.
 */
export function checkRecipe(recipe: Recipe, { card }: Model): void {
  const { widthPx, heightPx, weights } = recipe;
  guidedSteps(recipe); // throws if there can be no such interval
  if (weights === "few_step" && card.fewStep === null)
    throw new Failure(
      "bad-request",
      `${card.name} has no few-step weights: its makers made no student of it. Draw with its full weights.`,
    );
  const multiple = card.sideMultiplePx;
  for (const [side, px] of Object.entries({ width: widthPx, height: heightPx })) {
    if (Number.isInteger(px) && px > 0 && px % multiple === 0) continue;
    const near = px > multiple ? Math.floor(px / multiple) * multiple : multiple;
    throw new Failure(
      "bad-request",
      `${card.name} draws pictures whose sides are multiples of ${multiple} pixels; the ${side} asked for is ${px}. Try ${near}.`,
    );
  }
}
