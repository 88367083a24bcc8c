/** What to say of choices that differ from those that the model was made for. */

import type { ModelCard } from "../../../core/modelCard";
import { SAMPLER_NAMES } from "../../../core/recipe";
import type { Choices } from "../../drawing/choices";

/** A sentence on another sampler than the makers chose; "" for theirs, and for few-step weights, which bring their own. */
export function samplerHint({ sampler, steps, weights }: Choices, { defaults }: ModelCard): string {
  if (weights === "few_step" || sampler === defaults.sampler) return "";
  const own = `Its makers chose ${SAMPLER_NAMES[defaults.sampler]} with ${defaults.steps} steps`;
  return steps < defaults.steps
    ? `${own}. With ${steps}, ${SAMPLER_NAMES[sampler]} may leave noise`
    : `${own}; other samplers may draw worse`;
}

/** A sentence on another size than the model was made for; "" for its own. */
export function sizeHint({ widthPx, heightPx }: Choices, { defaults }: ModelCard): string {
  if (widthPx === defaults.widthPx && heightPx === defaults.heightPx) return "";
  const made = `Made for ${defaults.widthPx} × ${defaults.heightPx}`;
  return widthPx * heightPx < (defaults.widthPx * defaults.heightPx) / 2
    ? `${made}: so much smaller, it may draw noise`
    : `${made}: in another shape, it may draw worse`;
}
