/** Writes and reads a recipe as AUTOMATIC1111's `parameters` text, which other tools know, without loss. */

import { Failure } from "../core/failure";
import { type Recipe, SAMPLER_NAMES, type SamplerId, WEIGHTS, type Weights } from "../core/recipe";
import { SEED_MAX, seedOf } from "../core/seed";
import { readSettings, settingsLine } from "./infotextSettings";

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

const NEGATIVE = "Negative prompt:";
/** AUTOMATIC1111's and SD.Next's words for the parts of a run; at a border their rules are a step apart from ours. */
const GUIDANCE_START = "Skip Early CFG";
const GUIDANCE_STOP = "CFG end";
const EXACT_PROMPT = "Exact prompt";
const EXACT_NEGATIVE = "Exact negative prompt";
/** What the person typed, where the model was sent only what it knows of it. */
const TYPED = "Typed prompt";
const CHARACTERS_MAX = 2 ** 20;
const PAIRS_MIN = 3;
const SIDE_PX_MAX = 16_384;

/**
 * Prompt, negative prompt and a line of settings. Readers trim lines, and take a line that begins like a negative prompt
 * for one; a text that this would change is kept exactly, too, as one more setting.
 */
export function writeInfotext({ recipe, model, version }: Infotext): string {
  const texts = [clean(recipe.prompt)];
  if (recipe.negativePrompt !== "") texts.push(`${NEGATIVE} ${clean(recipe.negativePrompt)}`);
  const read = readPrompts(texts.join("\n"));
  const settings: readonly (readonly [string, string])[] = [
    ["Steps", String(recipe.steps)],
    ["Sampler", SAMPLER_NAMES[recipe.sampler]],
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

/**
 * Reads what {@link writeInfotext} or another program wrote; settings that no recipe has are left aside.
 *
 * @throws {Failure} "bad-request" if there are no settings, one is missing, or one is out of its range.
 */
export function readInfotext(text: string): Infotext {
  if (text.length > CHARACTERS_MAX)
    throw new Failure(
      "bad-request",
      `The settings in this picture are ${text.length} characters long; at most ${CHARACTERS_MAX} are read.`,
    );
  const lines = text.trim().split("\n");
  const settings = readSettings(lines.pop() ?? "");
  if (settings.size < PAIRS_MIN)
    throw new Failure(
      "bad-request",
      'This picture\'s text has no line of settings ("Steps: 20, Sampler: DDIM, …"), so it cannot be drawn again.',
    );
  const prompts = readPrompts(clean(lines.join("\n")));
  const [widthPx, heightPx] = size(settings.get("Size"));
  const recipe: Recipe = {
    prompt: settings.get(EXACT_PROMPT) ?? prompts.prompt,
    ...typedPrompt(settings),
    negativePrompt: settings.get(EXACT_NEGATIVE) ?? prompts.negativePrompt,
    seed: seed(settings.get("Seed")),
    steps: whole("Steps", settings.get("Steps"), 1000),
    guidanceScale: decimal("CFG scale", settings.get("CFG scale"), Number.MAX_VALUE),
    guidanceRescale: decimal("CFG rescale", settings.get("CFG rescale") ?? "0", 1),
    guidanceStart: decimal(GUIDANCE_START, settings.get(GUIDANCE_START) ?? "0", 1),
    guidanceStop: decimal(GUIDANCE_STOP, settings.get(GUIDANCE_STOP) ?? "1", 1),
    sampler: sampler(settings.get("Sampler")),
    weights: weights(settings.get("Weights") ?? "full"),
    eta: decimal("Eta DDIM", settings.get("Eta DDIM") ?? "0", 1),
    widthPx,
    heightPx,
  };
  return { recipe, model: settings.get("Model") ?? "", version: settings.get("Version") ?? "" };
}

function typedPrompt(settings: ReadonlyMap<string, string>): Pick<Recipe, "typed"> {
  const typed = settings.get(TYPED);
  return typed === undefined ? {} : { typed };
}

/** Everything before a line that begins a negative prompt, and everything from it on; lines are trimmed. */
function readPrompts(text: string): { readonly prompt: string; readonly negativePrompt: string } {
  const positive: string[] = [];
  const negative: string[] = [];
  let into = positive;
  for (const line of text.split("\n").map((untrimmed) => untrimmed.trim())) {
    const isNegative = line.startsWith(NEGATIVE);
    if (isNegative) into = negative;
    into.push(isNegative ? line.slice(NEGATIVE.length).trim() : line);
  }
  return { prompt: positive.join("\n").trim(), negativePrompt: negative.join("\n").trim() };
}

/** Without control characters (but line ends and tabs) and halves of characters, which no text file should hold. */
function clean(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, "").replace(/\p{Cs}/gu, "\uFFFD");
}

function sampler(value: string | undefined): SamplerId {
  const wanted = value?.toLowerCase();
  for (const [id, name] of Object.entries(SAMPLER_NAMES) as [SamplerId, string][])
    if (name.toLowerCase() === wanted) return id;
  throw refusal("Sampler", `one of ${Object.values(SAMPLER_NAMES).join(", ")}`, value);
}

function weights(value: string): Weights {
  const found = WEIGHTS.find((known) => known === value);
  if (found) return found;
  throw refusal("Weights", `one of ${WEIGHTS.join(", ")}`, value);
}

function seed(value: string | undefined): bigint {
  const found = seedOf(value ?? "");
  if (found !== null) return found;
  throw refusal("Seed", `a whole number from 0 to ${SEED_MAX}`, value);
}

function size(value: string | undefined): readonly [number, number] {
  const match = value?.match(/^(\d{1,5})x(\d{1,5})$/);
  if (!match) throw refusal("Size", "width x height in pixels, as 256x256", value);
  return [whole("Size", match[1], SIDE_PX_MAX), whole("Size", match[2], SIDE_PX_MAX)];
}

function whole(key: string, value: string | undefined, max: number): number {
  const number = Number(value);
  if (value !== undefined && /^\d{1,9}$/.test(value) && number >= 1 && number <= max) return number;
  throw refusal(key, `a whole number from 1 to ${max}`, value);
}

function decimal(key: string, value: string | undefined, max: number): number {
  const number = Number(value);
  if (value !== undefined && /^\d[\d.]*(e[+-]?\d+)?$/i.test(value) && number >= 0 && number <= max)
    return number;
  throw refusal(key, max === 1 ? "a number from 0 to 1" : "a number that is not negative", value);
}

function refusal(key: string, wanted: string, got: string | undefined): Failure {
  const came = got === undefined ? "nothing" : JSON.stringify(got.slice(0, 40));
  return new Failure("bad-request", `The picture's settings want ${key} as ${wanted}, got ${came}.`);
}
