/** What a downloaded picture is called. */

import type { Recipe } from "../core/recipe";

const SLUG_CHARS = 60;

/** `afterimage-<seed>-<words of the prompt>.png`: letters, digits and hyphens only, whatever the prompt was. */
export function pictureFileName({ seed, prompt }: Pick<Recipe, "seed" | "prompt">): string {
  const words = prompt
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-");
  const slug = [...words]
    .slice(0, SLUG_CHARS)
    .join("")
    .replaceAll(/^-+|-+$/g, "");
  return slug === "" ? `afterimage-${seed}.png` : `afterimage-${seed}-${slug}.png`;
}
