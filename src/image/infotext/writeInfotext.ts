/** Writes a recipe as AUTOMATIC1111's `parameters` text, which other tools know, without loss. */

import { type Recipe, SAMPLER_NAMES } from "../../core/recipe";
import { clean, NEGATIVE, readPrompts } from "./prompts";
import { SPACING_NAMES } from "./samplerNames";
import { settingsLine } from "./settingsLine";

/** The keyword of the PNG text that holds it. */
export const INFOTEXT_KEYWORD = "parameters";

/** A recipe with the model and the program that it was drawn with. */
export interface Infotext {
  readonly recipe: Recipe;
  /** The model's name; "" if not stated. */
  readonly model: string;
  /** The program and its version, as "Afterimage 1.2.3"; "" if not stated. */
  readonly version: string;
}

/** AUTOMATIC1111's and SD.Next's words for the parts of a run; at a border their rules are a step apart from ours. */
export const GUIDANCE_START = "Skip Early CFG";
export const GUIDANCE_STOP = "CFG end";
export const EXACT_PROMPT = "Exact prompt";
export const EXACT_NEGATIVE = "Exact negative prompt";
/** The prompt as the person typed it, where the model was sent only the words that it knows. */
export const TYPED = "Typed prompt";

/**
 * Prompt, negative prompt and a line of settings. Readers trim lines, and take a line that begins like a negative prompt
 * for one; a text that this would change is kept exactly, too, as one more setting.
 */
export function writeInfotext({ recipe, model, version }: Infotext): string {
  const texts = [clean(recipe.prompt)];
  if (recipe.negativePrompt !== "") texts.push(`${NEGATIVE} ${clean(recipe.negativePrompt)}`);
  const read = readPrompts(texts.join("\n"));
  const spacing = recipe.sigmaSpacing === undefined ? "" : SPACING_NAMES[recipe.sigmaSpacing];
  const settings: readonly (readonly [string, string])[] = [
    ["Steps", String(recipe.steps)],
    ["Sampler", SAMPLER_NAMES[recipe.sampler]],
    ...optional("Schedule type", spacing, ""),
    ["CFG scale", String(recipe.guidanceScale)],
    ["Seed", String(recipe.seed)],
    ["Size", `${recipe.widthPx}x${recipe.heightPx}`],
    ...optional("Model", model, ""),
    ["RNG", "NV"],
    ...optional("Weights", recipe.weights, "full"),
    ...optional("CFG rescale", String(recipe.guidanceRescale), "0"),
    ...optional(GUIDANCE_START, String(recipe.guidanceStart), "0"),
    ...optional(GUIDANCE_STOP, String(recipe.guidanceStop), "1"),
    ...optional("Eta DDIM", String(recipe.eta), "0"),
    ...optional(EXACT_PROMPT, recipe.prompt, read.prompt),
    ...optional(EXACT_NEGATIVE, recipe.negativePrompt, read.negativePrompt),
    ...(recipe.typed === undefined ? [] : [[TYPED, recipe.typed] as const]),
    ...optional("Version", version, ""),
  ];
  return [...texts, settingsLine(settings)].join("\n").trimStart();
}

/** A setting that is left out where readers would assume its value anyway. */
function optional(key: string, value: string, assumed: string): readonly (readonly [string, string])[] {
  return value === assumed ? [] : [[key, value]];
}
