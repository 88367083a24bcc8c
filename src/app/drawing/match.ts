/** A CLIP score as people can read it: against what this model's prompt match gives to right and to wrong captions. */

import type { ModelCard } from "../../core/modelCard";

/** A score in words and as a part of a bar. */
export interface Match {
  /** 0 (as pictures with others' captions) ... 1 (as pictures with their own, or better). */
  readonly part: number;
  readonly name: string;
}

/** From the top; the borders are a matter of taste, the scale between the two means is not. */
const NAMES = [
  [0.85, "strong"],
  [0.55, "good"],
  [0.25, "weak"],
  [0, "poor"],
] as const;

/** Where a score lies between the means of the model's card; null if the card has none that could tell. */
export function matchOf(score: number, scale: ModelCard["promptMatch"]): Match | null {
  if (scale === null || !(scale.typical > scale.mismatched)) return null;
  const part = (score - scale.mismatched) / (scale.typical - scale.mismatched);
  const clamped = Math.min(1, Math.max(0, part));
  const [, name] = NAMES.find(([from]) => clamped >= from) ?? NAMES[3];
  return { part: clamped, name };
}
