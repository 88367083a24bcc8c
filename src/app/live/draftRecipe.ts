/** From the picture that is wanted to the draft that stands for it. */

import { NOISY_SAMPLERS, type Recipe } from "../../core/recipe";

/**
 * The same picture in fewer steps: seed, words, guidance and size stay. All samplers without noise of their own follow one
 * curve, which DDIM keeps to best in few steps: with the bundled model, over four prompts at guidance 3, four steps of it are
 * as near to 25 steps of any of them as four of their own or nearer, and four of Heun or PNDM come out as no picture at all. To
 * samplers with noise, four steps of their own are nearer by a third. The few-step mode has no fewer.
 */
export function draftOf(wanted: Recipe, steps: number): Recipe {
  if (wanted.weights === "few_step" || wanted.steps <= steps) return wanted;
  return { ...wanted, steps, sampler: NOISY_SAMPLERS.has(wanted.sampler) ? wanted.sampler : "ddim" };
}

/** Equal for recipes that ask for the same picture, and for no others: a prompt counts as it was typed. */
export function keyOf({ typed, ...recipe }: Recipe): string {
  const entries = Object.entries({ ...recipe, prompt: typed ?? recipe.prompt }).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return JSON.stringify(entries.map(([name, value]) => [name, String(value)]));
}
