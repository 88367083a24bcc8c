/** The part of a recipe that the U-Net is told of beside its texts, and the guidance that is made of two predictions. */

import type { Model } from "../checkpoint/model";
import { guidedSteps } from "../core/guidedSteps";
import type { Recipe } from "../core/recipe";
import { guidanceEmbedding } from "../diffusion/guidanceEmbedding";
import type { UnetExtras } from "./ports";

/** SDXL is told the picture's own size, not cropped. A guidance-distilled U-Net is told the guidance scale. */
export function unetExtras({ heightPx, widthPx, guidanceScale }: Recipe, model: Model): UnetExtras {
  const width = model.guidanceEmbeddingWidth;
  return {
    timeIds: model.wantsTimeIds ? [heightPx, widthPx, 0, 0, heightPx, widthPx] : null,
    timestepCond: width === null ? null : guidanceEmbedding(guidanceScale, width),
  };
}

/**
 * The scale of classifier-free guidance, which takes a prediction with the prompt and one without. It is 1, and one prediction is
 * enough, where no step is guided or the U-Net is told the scale instead.
 */
export function classifierFreeScale(recipe: Recipe, model: Model): number {
  const { first, end } = guidedSteps(recipe);
  return first < end && model.guidanceEmbeddingWidth === null ? recipe.guidanceScale : 1;
}
