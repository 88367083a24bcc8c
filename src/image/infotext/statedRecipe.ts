/** Compares a picture's own statement of its making with the fields of a recipe. No setting that changes a picture is dropped silently. */

import { type Recipe, usesSigmaSpacing, WEIGHTS } from "../../core/recipe";
import { seedOf } from "../../core/seed";
import { changesNothing } from "./neutralSettings";
import { marksInPrompt, type Prompts } from "./prompts";
import { readSampler, readSpacing } from "./samplerNames";
import { EXACT_NEGATIVE, EXACT_PROMPT, GUIDANCE_START, GUIDANCE_STOP, TYPED } from "./writeInfotext";

/** A picture's own statement of its making. */
export interface StatedRecipe {
  /** The settings that it states and we honour. */
  readonly recipe: Partial<Recipe>;
  /** The model's name; "" if not stated. */
  readonly model: string;
  /** The program and its version, as "Afterimage 1.2.3"; "" if not stated. */
  readonly version: string;
  /** Of what every drawing needs, the settings that are not stated, in plain words: "seed", "size". A seed of -1 is none. */
  readonly missing: readonly string[];
  /** The settings that change the picture and are not honoured, by name and value in the picture's own words: "Clip skip: 2". */
  readonly notHonoured: readonly string[];
}

const SIDE_PX_MAX = 16_384;
const TOLD_CHARACTERS_MAX = 100;
const SAMPLER = "Sampler";
const SPACING = "Schedule type";

/** The values that a text with settings means by those that it does not state. */
const ASSUMED: Partial<Recipe> = {
  guidanceRescale: 0,
  guidanceStart: 0,
  guidanceStop: 1,
  weights: "full",
  eta: 0,
};

/** A value's meaning for the recipe; null if it cannot be honoured. */
type Reader = (value: string) => Partial<Recipe> | null;

/** The settings that a recipe has, by name. */
const READERS = new Map<string, Reader>([
  [EXACT_PROMPT, (prompt) => ({ prompt })],
  [EXACT_NEGATIVE, (negativePrompt) => ({ negativePrompt })],
  [TYPED, (typed) => ({ typed })],
  ["Seed", readSeed],
  ["Steps", (value) => field("steps", whole(value, 1000))],
  ["CFG scale", (value) => field("guidanceScale", decimal(value, Number.MAX_VALUE))],
  ["CFG rescale", (value) => field("guidanceRescale", decimal(value, 1))],
  [GUIDANCE_START, (value) => field("guidanceStart", decimal(value, 1))],
  [GUIDANCE_STOP, (value) => field("guidanceStop", decimal(value, 1))],
  ["Eta DDIM", (value) => field("eta", decimal(value, 1))],
  ["Weights", (value) => field("weights", WEIGHTS.find((known) => known === value) ?? null)],
  [SAMPLER, (value) => field("sampler", readSampler(value)?.sampler ?? null)],
  ["Size", readSize],
  ["Width", (value) => field("widthPx", whole(value, SIDE_PX_MAX))],
  ["Height", (value) => field("heightPx", whole(value, SIDE_PX_MAX))],
]);

/** @param settings by AUTOMATIC1111's names; none if the picture holds nothing but prompts. */
export function statedRecipe(prompts: Prompts, settings: ReadonlyMap<string, string>): StatedRecipe {
  const { recipe, notHonoured } = readFields(settings);
  const spacing = readSpacingOf(recipe, settings);
  const version = settings.get("Version") ?? "";
  const marks = isOurs(version) ? [] : marksInPrompt(`${prompts.prompt}\n${prompts.negativePrompt}`);
  return {
    recipe: { ...prompts, ...(settings.size > 0 && ASSUMED), ...recipe, ...spacing.recipe },
    model: settings.get("Model") ?? "",
    version,
    missing: missing(recipe, settings),
    notHonoured: [...notHonoured, ...spacing.notHonoured, ...marks],
  };
}

/** Part of a recipe, and the settings that it could not hold. */
type Honoured = Pick<StatedRecipe, "recipe" | "notHonoured">;

/** All settings but the spacing, which depends on the sampler. */
function readFields(settings: ReadonlyMap<string, string>): Honoured {
  let recipe: Partial<Recipe> = {};
  const notHonoured: string[] = [];
  for (const [key, value] of settings) {
    const read = READERS.get(key);
    if (key === SPACING || (!read && changesNothing(key, value, settings))) continue;
    const part = read?.(value) ?? null;
    if (part === null) notHonoured.push(told(key, value));
    recipe = { ...recipe, ...part };
  }
  return { recipe, notHonoured };
}

/** True for the name of this program and a version of it. */
export function isOurs(version: string): boolean {
  return version.startsWith("Afterimage ");
}

/** The spacing of noise levels, by its own setting or, in older pictures, as the end of the sampler's name. */
function readSpacingOf({ sampler }: Partial<Recipe>, settings: ReadonlyMap<string, string>): Honoured {
  const name = settings.get(SPACING) ?? readSampler(settings.get(SAMPLER) ?? "")?.spacing ?? null;
  if (name === null) return { recipe: {}, notHonoured: [] };
  const sigmaSpacing = sampler === undefined ? null : readSpacing(name, sampler);
  const isUsed = sampler !== undefined && usesSigmaSpacing(sampler);
  if (sigmaSpacing !== null && isUsed) return { recipe: { sigmaSpacing }, notHonoured: [] };
  // Other samplers do so anyway.
  return { recipe: {}, notHonoured: sigmaSpacing === "trained" ? [] : [told(SPACING, name)] };
}

function missing(recipe: Partial<Recipe>, settings: ReadonlyMap<string, string>): readonly string[] {
  const isRandom = recipe.seed === undefined && /^(-1)?$/.test(settings.get("Seed") ?? "");
  const size = [settings.get("Size"), settings.get("Width"), settings.get("Height")];
  return [
    ...(isRandom ? ["seed"] : []),
    ...(settings.has("Steps") ? [] : ["steps"]),
    ...(settings.has(SAMPLER) ? [] : ["sampler"]),
    ...(settings.has("CFG scale") ? [] : ["guidance"]),
    ...(size.every((value) => value === undefined) ? ["size"] : []),
  ];
}

/** A setting in the picture's own words, cut where it is long. */
function told(key: string, value: string): string {
  const line = `${key}: ${value.replace(/\s+/g, " ")}`;
  return line.length <= TOLD_CHARACTERS_MAX ? line : `${line.slice(0, TOLD_CHARACTERS_MAX)}…`;
}

function field<K extends keyof Recipe>(key: K, value: Recipe[K] | null): Partial<Recipe> | null {
  return value === null ? null : { [key]: value };
}

/** A seed of -1 asks for any. */
function readSeed(value: string): Partial<Recipe> | null {
  if (value === "-1" || value === "") return {};
  return field("seed", seedOf(value));
}

/** "512x768", or Fooocus's "(512, 768)". */
function readSize(value: string): Partial<Recipe> | null {
  const match = value.match(/^\(?(\d{1,5})\s?[x×,]\s?(\d{1,5})\)?$/i);
  const [widthPx, heightPx] = [whole(match?.[1] ?? "", SIDE_PX_MAX), whole(match?.[2] ?? "", SIDE_PX_MAX)];
  return widthPx === null || heightPx === null ? null : { widthPx, heightPx };
}

function whole(value: string, max: number): number | null {
  const number = Number(value);
  return /^\d{1,9}$/.test(value) && number >= 1 && number <= max ? number : null;
}

function decimal(value: string, max: number): number | null {
  const number = Number(value);
  return /^(\d[\d.]*|\.\d+)(e[+-]?\d+)?$/i.test(value) && number >= 0 && number <= max ? number : null;
}
