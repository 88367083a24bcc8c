/** Recipes that programs write as JSON: SwarmUI's `sui_image_params`, Fooocus, InvokeAI and NovelAI, read as AUTOMATIC1111's settings. */

import { readSampler } from "./samplerNames";
import { type StatedRecipe, statedRecipe } from "./statedRecipe";

/** AUTOMATIC1111's name for a setting, by its names elsewhere without case, spaces and punctuation. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["steps", "Steps"],
  ["seed", "Seed"],
  ["cfgscale", "CFG scale"],
  ["guidancescale", "CFG scale"],
  ["scale", "CFG scale"],
  ["cfgrescale", "CFG rescale"],
  ["cfgrescalemultiplier", "CFG rescale"],
  ["width", "Width"],
  ["height", "Height"],
  ["resolution", "Size"],
  ["sampler", "Sampler"],
  ["samplername", "Sampler"],
  ["scheduler", "Schedule type"],
  ["noiseschedule", "Schedule type"],
  ["clipskip", "Clip skip"],
  ["vae", "VAE"],
  ["model", "Model"],
  ["basemodel", "Model"],
  ["version", "Version"],
  ["swarmversion", "Version"],
  ["appversion", "Version"],
]);
const PROMPTS = ["prompt", "positiveprompt"];
const NEGATIVES = ["negativeprompt", "uc"];

/** A JSON object with a prompt or a seed; null for any other text, as a prompt may begin with a bracket. */
export function readJsonRecipe(text: string): StatedRecipe | null {
  const outer = text.trimStart().startsWith("{") ? fieldsOf(parsed(text)) : null;
  const fields = fieldsOf(outer?.get("sui_image_params")) ?? outer;
  if (!fields) return null;
  const byName = new Map([...fields].map(([key, value]) => [bare(key), value]));
  if (!byName.has("seed") && !PROMPTS.some((name) => byName.has(name))) return null;
  const first = (names: readonly string[]) => asText(names.map((name) => byName.get(name)).find(isStated));
  const settings = [...fields]
    .filter(([key, value]) => isStated(value) && ![...PROMPTS, ...NEGATIVES].includes(bare(key)))
    .map(([key, value]): [string, string] => [
      NAMES.get(bare(key)) ?? key,
      bare(key) === "seed" ? seedText(value, text) : asText(value),
    ]);
  return statedRecipe(
    { prompt: first(PROMPTS), negativePrompt: first(NEGATIVES) },
    withSampler(new Map(settings)),
  );
}

/** A name without case, spaces and punctuation. */
function bare(key: string): string {
  return key.toLowerCase().replace(/[\s_-]/g, "");
}

function isStated(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** InvokeAI calls the sampler a scheduler. */
function withSampler(settings: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const scheduler = settings.get("Schedule type") ?? "";
  if (settings.has("Sampler") || readSampler(scheduler) === null) return settings;
  const others = [...settings].filter(([key]) => key !== "Schedule type");
  return new Map([...others, ["Sampler", scheduler]]);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function fieldsOf(json: unknown): ReadonlyMap<string, unknown> | null {
  return typeof json === "object" && json !== null && !Array.isArray(json)
    ? new Map(Object.entries(json))
    : null;
}

/** A value as a person would write it; of an object its name. */
function asText(value: unknown): string {
  if (Array.isArray(value)) return value.map(asText).join(", ");
  const fields = fieldsOf(value);
  if (!fields) return String(value ?? "");
  const name = fields.get("name") ?? fields.get("model_name");
  return typeof name === "string" ? name : JSON.stringify(value);
}

/** The digits as they stand in the file: JSON's numbers hold 53 bits, seeds 64. */
function seedText(value: unknown, source: string): string {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return asText(value);
  return source.match(/"seed"\s*:\s*(-?\d{1,40})/i)?.[1] ?? String(value);
}
