/** The file name of a downloaded picture. */

import type { Recipe } from "../../core/recipe";

const SLUG_CHARS = 60;
// Made once: the classes of Unicode take longer to compile than to match.
const MARKS = /\p{M}/gu;
const GAPS = /[^\p{L}\p{N}]+/gu;

/** `afterimage-<seed>-<words of the prompt>.png`: letters, digits and hyphens only, whatever the prompt was. */
export function pictureFileName({ seed, prompt }: Pick<Recipe, "seed" | "prompt">): string {
  const words = prompt.normalize("NFKD").toLowerCase().replaceAll(MARKS, "").replaceAll(GAPS, "-");
  const slug = [...words]
    .slice(0, SLUG_CHARS)
    .join("")
    .replaceAll(/^-+|-+$/g, "");
  return slug === "" ? `afterimage-${seed}.png` : `afterimage-${seed}-${slug}.png`;
}
