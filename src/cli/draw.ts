/** Draws one picture for a command line: opens the model, draws, writes the file, reports. */

import { createHash, randomInt } from "node:crypto";
import { accessSync, constants, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Model } from "../checkpoint/model";
import { asFailure, Failure } from "../core/failure";
import { WHOLE_RUN } from "../core/guidedSteps";
import { type Recipe, typedPrompt } from "../core/recipe";
import { isOurs, type StatedRecipe } from "../image/infotext/statedRecipe";
import { picturePng } from "../image/picture";
import { readPictureRecipe } from "../image/pictureRecipe";
import { promptMatch } from "../pipeline/promptMatch";
import { defaultRecipe } from "../pipeline/recipe/defaultRecipe";
import { networksFor } from "../pipeline/recipe/fewStep";
import { sentRecipe } from "../pipeline/recipe/sentRecipe";
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
  /** The prompt that the model was sent: the words that it knows, or all of them. */
  readonly draws: string;
  readonly tokens: number;
  readonly tokenLimit: number;
  readonly unknownWords: readonly string[];
  readonly overflow: string;
  /** With `--from`: what the picture does not state of what a drawing needs, as "seed". */
  readonly missing: readonly string[];
  /** With `--from`: settings of the picture that change it and were not honoured, as "Clip skip: 2". */
  readonly notHonoured: readonly string[];
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
  const before = from === undefined ? null : readPictureRecipe(readFileOrRefuse(from));
  checkLocation("--out", out);
  if (latentsOut !== undefined) checkLocation("--latents", latentsOut);
  const { model, networks, backend } = await openModel(location);
  try {
    const recipe = recipeFor(options, before?.recipe ?? null, model);
    const unknownWords = model.tokenizers[0].encode(typedPrompt(recipe)).unknownWords;
    const drawing = await networksFor(recipe, model, networks);
    if (before) tellDifferences(before, model, tell);
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
      missing: before?.missing ?? [],
      notHonoured: before?.notHonoured ?? [],
      promptMatch: match.score === null ? null : Math.round(100 * match.score) / 100,
    };
  } finally {
    await networks.dispose();
  }
}

/**
 * The model's defaults, what the picture that is drawn again says, and what was asked for, the last strongest. A picture's prompt is
 * sent again as it was sent, whatever is understood today.
 */
function recipeFor(
  { wanted, everyWord }: GenerateOptions,
  before: Partial<Recipe> | null,
  model: Model,
): Recipe {
  const becomesFewStep = wanted.weights === "few_step" && before?.weights !== "few_step";
  const { prompt, typed, sigmaSpacing, ...stated }: Partial<Recipe> = before ?? {};
  return {
    ...defaultRecipe(model, { seed: BigInt(randomInt(RANDOM_SEEDS)) }),
    ...stated,
    ...(becomesFewStep
      ? { ...model.card.fewStep, ...WHOLE_RUN }
      : sigmaSpacing !== undefined && { sigmaSpacing }),
    ...wanted,
    ...(wanted.prompt === undefined
      ? { ...(prompt !== undefined && { prompt }), ...(typed !== undefined && { typed }) }
      : promptFor(wanted.prompt, everyWord ? null : model.understand)),
  };
}

/** @throws {Failure} "nothing-known" as `sentRecipe`, with the option that sends the prompt all the same. */
function promptFor(prompt: string, understand: Model["understand"]): Pick<Recipe, "prompt" | "typed"> {
  try {
    return sentRecipe({ prompt }, understand);
  } catch (error) {
    const { code, message } = asFailure(error);
    if (code !== "nothing-known") throw error;
    throw new Failure(code, `${message} --every-word sends it all the same.`, { cause: error });
  }
}

function readFileOrRefuse(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new Failure("bad-request", `${path} cannot be read: ${asFailure(cause).message}.`, { cause });
  }
}

/** Says what of a picture will be otherwise: it came from another model or program, or its recipe is not whole. */
function tellDifferences(picture: StatedRecipe, { card }: Model, tell: (sentence: string) => void): void {
  const { model, version, missing, notHonoured } = picture;
  if (model === "") tell(`The picture does not say which model drew it; this is "${card.name}".`);
  else if (model !== card.name)
    tell(`The picture was drawn by the model "${model}"; this is "${card.name}".`);
  if (!isOurs(version)) tell("The picture was drawn by another program; this one will differ.");
  if (missing.length > 0)
    tell(
      `The picture does not state: ${missing.join(", ")}. Unless given, they are the model's own, and a seed is random.`,
    );
  for (const setting of notHonoured) tell(`Not honoured, though it changes the picture: ${setting}`);
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
