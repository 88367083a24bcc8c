/** What a model can be asked for: refused early, in full, before anything is computed. */

import { Failure } from "../core/failure";
import type { Recipe } from "../core/recipe";
import type { Model } from "./model";

/**
 * @throws {Failure} "bad-request" saying what was wanted and what came, if sides do not fit the U-Net's levels, or the model has no
 * few-step weights. Steps, eta,
 * seed and guidance are checked where they are used, in src/diffusion and src/core/random.
 */
export function checkRecipe({ widthPx, heightPx, weights }: Recipe, { card }: Model): void {
  if (weights === "few_step" && card.student === null)
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
