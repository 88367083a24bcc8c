/** Reads and checks the arguments after `npm run generate --`; refuses a wrong one in one sentence. */

import { parseArgs } from "node:util";
import { Failure } from "../core/failure";
import { isSamplerId, type Recipe, SAMPLER_NAMES } from "../core/recipe";
import { seedOf } from "../core/seed";
import type { ModelLocation } from "./openModel";

export const USAGE = `npm run generate -- "<prompt>" --out picture.png [options]

  --negative TEXT   what to keep away from (has no effect at guidance 1)
  --seed N          0 to 2^64 - 1; the same seed gives the same picture (default: random)
  --steps N         1 to 1000
  --guidance X      how closely to follow the prompt; 1 is not at all more than the model does by itself
  --rescale X       guidance rescale, 0 to 1 (default 0)
  --guidance-start X, --guidance-stop X
                    the part of the steps that are guided, 0 to 1 (default 0 and 1); the others take half the time
  --sampler NAME    ${Object.keys(SAMPLER_NAMES).join(", ")}
  --eta X           DDIM's noise, 0 to 1 (default 0)
  --size WxH        in pixels
  --every-word      send the prompt as it is, words that the model does not know too
  --few-step        draw with the model's few-step student, at its own steps, guidance and sampler
  --from FILE       draw the recipe inside a PNG picture again; other options change it
  --latents FILE    where to write the clean latents too (NumPy's .npy, float32 [1, channels, height, width])
  --out FILE        where to write the picture (PNG, its recipe inside)
  --model PATH      a Stable Diffusion model: a folder in diffusers' layout, or one .safetensors (default: the model in the box)
  --graphs DIR      graph families (default: those of this repository)
  --papers NAME     what to read a single .safetensors with: one of models/published, or a folder (default: by its U-Net)
  --threads N       how much of the processor to use (default: all)

Steps, guidance, sampler and size are the model's own unless given. One line of JSON tells what was drawn.
With --lines and nothing else, many are drawn: each line of the input is a JSON list of arguments.`;

/** A command line, parsed and checked. */
export interface GenerateOptions {
  readonly location: ModelLocation;
  /** The settings that were given; the others come from the picture or the model. */
  readonly wanted: Partial<Recipe>;
  /** Path of a PNG picture whose recipe is drawn again. */
  readonly from: string | undefined;
  /** Send the prompt as it is, even to a model that does not know all its words. */
  readonly everyWord: boolean;
  readonly out: string;
  /** Path of the .npy file for the clean latents; undefined for none. */
  readonly latents: string | undefined;
}

const TEXT = { type: "string" } as const;
const OPTIONS = {
  negative: TEXT,
  seed: TEXT,
  steps: TEXT,
  guidance: TEXT,
  rescale: TEXT,
  "guidance-start": TEXT,
  "guidance-stop": TEXT,
  sampler: TEXT,
  eta: TEXT,
  size: TEXT,
  from: TEXT,
  out: TEXT,
  latents: TEXT,
  model: TEXT,
  graphs: TEXT,
  papers: TEXT,
  threads: TEXT,
  "every-word": { type: "boolean" },
  "few-step": { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/**
 * @returns null if help is asked for.
 * @throws {Failure} "bad-request" saying which option is wrong, what it wants and what came.
 */
export function readGenerateOptions(argv: readonly string[]): GenerateOptions | null {
  const { values, positionals } = orRefuse(() =>
    parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true }),
  );
  if (values.help) return null;
  const [prompt, ...others] = positionals;
  if (others.length > 0)
    throw refusal(`wanted one prompt, got ${positionals.length}; put quotation marks around it`);
  if (prompt === undefined && values.from === undefined)
    throw refusal("wanted a prompt (or --from picture.png), got none");
  if (values.out === undefined) throw refusal("wanted --out picture.png, to know where the picture goes");
  const wanted = {
    prompt,
    negativePrompt: values.negative,
    seed: optional(values.seed, readSeed),
    steps: optional(values.steps, (text) => wholeNumber("steps", text, 1000)),
    guidanceScale: optional(values.guidance, (text) => decimal("guidance", text, Number.MAX_VALUE)),
    guidanceRescale: optional(values.rescale, (text) => decimal("rescale", text, 1)),
    guidanceStart: optional(values["guidance-start"], (text) => decimal("guidance-start", text, 1)),
    guidanceStop: optional(values["guidance-stop"], (text) => decimal("guidance-stop", text, 1)),
    sampler: optional(values.sampler, readSampler),
    weights: values["few-step"] ? ("few_step" as const) : undefined,
    eta: optional(values.eta, (text) => decimal("eta", text, 1)),
    ...optional(values.size, readSize),
  };
  return {
    location: readLocation(values),
    wanted: Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined)),
    from: values.from,
    everyWord: values["every-word"] === true,
    out: values.out,
    latents: values.latents,
  };
}

/** Reads the options that say which model, and on how many threads. */
export function readLocation(values: {
  model?: string | undefined;
  graphs?: string | undefined;
  papers?: string | undefined;
  threads?: string | undefined;
}): ModelLocation {
  const threads = optional(values.threads, (text) => wholeNumber("threads", text, 64));
  return { model: values.model, graphs: values.graphs, papers: values.papers, threads };
}

/** Reads a whole number from 1 to `max`. @throws {Failure} "bad-request" for any other text. */
export function wholeNumber(name: string, text: string, max: number): number {
  const number = Number(text);
  if (/^\d{1,9}$/.test(text) && number >= 1 && number <= max) return number;
  throw refusal(`--${name} wants a whole number from 1 to ${max}, got "${text}"`);
}

/** The failure for a wrong command line. @param sentence without its full stop. */
function refusal(sentence: string, cause?: unknown): Failure {
  return new Failure("bad-request", `${sentence} (--help lists the options).`, { cause });
}

/** Runs Node's own parser of arguments; turns its errors into "bad-request" failures. */
export function orRefuse<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw refusal(error instanceof Error ? (error.message.split(/\.\s/)[0] ?? "") : String(error), error);
  }
}

function optional<T>(text: string | undefined, read: (text: string) => T): T | undefined {
  return text === undefined ? undefined : read(text);
}

function readSeed(text: string): bigint {
  const seed = seedOf(text);
  if (seed !== null) return seed;
  throw refusal(`--seed wants a whole number from 0 to 2^64 - 1, got "${text}"`);
}

function decimal(name: string, text: string, max: number): number {
  const number = Number(text);
  if (/^\d*\.?\d+$/.test(text) && number <= max) return number;
  throw refusal(`--${name} wants a number from 0${max === 1 ? " to 1" : " up"}, got "${text}"`);
}

function readSampler(text: string) {
  if (isSamplerId(text)) return text;
  throw refusal(`--sampler wants one of ${Object.keys(SAMPLER_NAMES).join(", ")}, got "${text}"`);
}

function readSize(text: string) {
  const match = text.match(/^(\d{1,5})[x×](\d{1,5})$/i);
  if (!match) throw refusal(`--size wants width x height in pixels, as 256x256, got "${text}"`);
  return { widthPx: Number(match[1]), heightPx: Number(match[2]) };
}
