/** Draws one picture for a command line: opens the model, draws, writes the file, reports. */

import { createHash, randomInt } from "node:crypto";
import { accessSync, constants, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Model } from "../checkpoint/model";
import { asFailure, Failure } from "../core/failure";
import { WHOLE_RUN } from "../core/guidedSteps";
import type { Recipe } from "../core/recipe";
import { INFOTEXT_KEYWORD, type Infotext, readInfotext } from "../image/infotext";
import { picturePng } from "../image/picture";
import { readPngText } from "../image/png";
import { promptMatch } from "../pipeline/promptMatch";
import { defaultRecipe } from "../pipeline/recipe/defaultRecipe";
import { networksFor } from "../pipeline/recipe/fewStep";
import { textToImage } from "../pipeline/textToImage";
import { npy } from "./npy";
import { openModel } from "./openModel";
import type { GenerateOptions } from "./options";

/** Random seeds stay below this, as in other programs. */
const RANDOM_SEEDS = 2 ** 32;

/** The JSON object that `generate` prints for each picture. */
export interface DrawReport {
  readonly out: string;
  readonly model: string;
  /** In decimal; a string, since a JSON number cannot hold all of its 64 bits. */
  readonly seed: string;
  readonly sampler: string;
  /** "full", or "few_step" where the model's few-step LoRA was merged. */
  readonly weights: string;
  readonly steps: number;
  readonly guidance: number;
  readonly rescale: number;
  readonly guidanceStart: number;
  readonly guidanceStop: number;
  readonly eta: number;
  /** Width x height in pixels. */
  readonly size: string;
  readonly backend: string;
  readonly timingsMs: Readonly<
    Record<"load" | "encode" | "denoise" | "decode" | "match" | "png" | "total", number>
  >;
  /** Hex SHA-256 of the PNG file. */
  readonly sha256: string;
  /** What the model was sent: of the prompt what it knows, or all of it. */
  readonly draws: string;
  readonly tokens: number;
  readonly tokenLimit: number;
  readonly unknownWords: readonly string[];
  readonly overflow: string;
  /** CLIP score, 0 ... 100, to two decimals; null if the model has no prompt match, or was sent words that it does not know. */
  readonly promptMatch: number | null;
}

/**
 * Draws and writes one picture.
 *
 * @param tell receives sentences about the progress.
 * @throws {Failure} "bad-request" if the model cannot draw the recipe or a file cannot be written, or whatever a network fails with.
 */
export async function draw(options: GenerateOptions, tell: (sentence: string) => void): Promise<DrawReport> {
  const startMs = performance.now();
  const { location, from, out, latents: latentsOut } = options;
  const before = from === undefined ? null : readPicture(from);
  checkLocation("--out", out);
  if (latentsOut !== undefined) checkLocation("--latents", latentsOut);
  const { model, networks, backend } = await openModel(location);
  try {
    const recipe = recipeFor(options, before?.recipe ?? null, model);
    const unknownWords = model.tokenizers[0].encode(recipe.typed ?? recipe.prompt).unknownWords;
    const drawing = await networksFor(recipe, model, networks);
    if (before) warnIfOther(before, model, tell);
    const loadedMs = performance.now();
    const { pixels, prompt, timingsMs } = await textToImage(recipe, model, drawing, {
      stage: (stage) => tell(`${stage} …`),
      step: async ({ step, steps }) => tell(`step ${step} of ${steps}`),
      isCancelled: async () => false,
      now: () => performance.now(),
      ...(latentsOut !== undefined && { finished: (latents) => writeFileSync(latentsOut, npy(latents)) }),
    });
    const match = await promptMatch(pixels, recipe.prompt, model, drawing, () => performance.now());
    const matchedMs = performance.now();
    const png = picturePng(pixels, recipe, model);
    writeFileSync(out, png);
    const doneMs = performance.now();
    const spans = {
      load: loadedMs - startMs,
      ...timingsMs,
      match: match.tookMs,
      png: doneMs - matchedMs,
      total: doneMs - startMs,
    };
    return {
      out,
      model: model.card.name,
      seed: String(recipe.seed),
      sampler: recipe.sampler,
      weights: recipe.weights,
      steps: recipe.steps,
      guidance: recipe.guidanceScale,
      rescale: recipe.guidanceRescale,
      guidanceStart: recipe.guidanceStart,
      guidanceStop: recipe.guidanceStop,
      eta: recipe.eta,
      size: `${recipe.widthPx}x${recipe.heightPx}`,
      backend: backend.report.description,
      timingsMs: rounded(spans),
      sha256: createHash("sha256").update(png).digest("hex"),
      draws: recipe.prompt,
      tokens: prompt.tokens,
      tokenLimit: prompt.limit,
      unknownWords,
      overflow: prompt.overflow,
      promptMatch: match.score === null ? null : Math.round(100 * match.score) / 100,
    };
  } finally {
    await networks.dispose();
  }
}

/** The model's defaults, what the picture that is drawn again says, and what was asked for, the last strongest. */
function recipeFor({ wanted, everyWord }: GenerateOptions, before: Recipe | null, model: Model): Recipe {
  const becomesFewStep = wanted.weights === "few_step" && before?.weights !== "few_step";
  return {
    ...defaultRecipe(model, { seed: BigInt(randomInt(RANDOM_SEEDS)) }),
    ...(before && settingsOf(before)),
    ...(becomesFewStep && { ...model.card.fewStep, ...WHOLE_RUN }),
    ...wanted,
    ...(wanted.prompt === undefined
      ? before && promptsOf(before)
      : promptFor(wanted.prompt, everyWord ? null : model.understand)),
  };
}

/** Both prompts of a recipe: what was sent is sent again, whatever is understood today. */
function promptsOf({ prompt, typed }: Recipe): Pick<Recipe, "prompt" | "typed"> {
  return typed === undefined ? { prompt } : { prompt, typed };
}

/** A recipe without its prompts. */
function settingsOf({ prompt, typed, ...settings }: Recipe): Omit<Recipe, "prompt" | "typed"> {
  return settings;
}

/**
 * What the model is sent of a prompt, and the prompt itself if that is other.
 *
 * @throws {Failure} "bad-request" if the model knows nothing of it: it would draw a lump.
 */
function promptFor(typed: string, understand: Model["understand"]): Pick<Recipe, "prompt" | "typed"> {
  const understood = understand?.(typed);
  if (understood?.nothingKnown)
    throw new Failure(
      "bad-request",
      `Of "${typed}" this model knows nothing that it could draw; --every-word sends it all the same.`,
    );
  return understood?.isChanged ? { prompt: understood.draws, typed } : { prompt: typed };
}

/** Reads the recipe inside a PNG picture. @throws {Failure} "bad-request" if there is no such file, or no recipe in it. */
function readPicture(path: string): Infotext {
  const text = readPngText(readFileOrRefuse(path)).get(INFOTEXT_KEYWORD);
  if (text !== undefined) return readInfotext(text);
  throw new Failure(
    "bad-request",
    `${path} has no recipe inside; wanted a PNG picture that a program like this one made.`,
  );
}

function readFileOrRefuse(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new Failure("bad-request", `${path} cannot be read: ${asFailure(cause).message}.`, { cause });
  }
}

/** Warns if the picture came from another model or program: the same recipe then gives another picture. */
function warnIfOther({ model, version }: Infotext, { card }: Model, tell: (sentence: string) => void): void {
  if (model !== card.name) tell(`The picture was drawn by the model "${model}"; this is "${card.name}".`);
  if (!version.startsWith("Afterimage "))
    tell("The picture was drawn by another program; this one will differ.");
}

/** Refuses a path that cannot be written to before any work is done for it. */
function checkLocation(option: string, out: string): void {
  try {
    accessSync(dirname(out), constants.W_OK);
  } catch (cause) {
    throw new Failure(
      "bad-request",
      `${option} ${out}: there is no folder ${dirname(out)} that can be written to.`,
      { cause },
    );
  }
  if (statSync(out, { throwIfNoEntry: false })?.isDirectory())
    throw new Failure("bad-request", `${option} ${out} is a folder; wanted the name of a file.`);
}

function rounded<K extends string>(spansMs: Readonly<Record<K, number>>): Record<K, number> {
  const entries = Object.entries<number>(spansMs).map(([name, ms]) => [name, Math.round(10 * ms) / 10]);
  return Object.fromEntries(entries);
}
