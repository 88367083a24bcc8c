/** Reads AUTOMATIC1111's `parameters` as this and other programs write it: prompts, then settings. */

import { Failure } from "../../core/failure";
import { clean, NEGATIVE, readPrompts } from "./prompts";
import { readSettings } from "./settingsLine";
import { type StatedRecipe, statedRecipe } from "./statedRecipe";

const CHARACTERS_MAX = 2 ** 20;
const PAIRS_MIN = 3;

/** The line of settings begins so in every program that we know. */
const STEPS_LINE = /^[ \t]*Steps:[ \t]*-?[\d.]{1,12}[ \t]*(?:,|$)/gm;

/** So does what is left of it where a program took the line breaks away. */
const STEPS_IN_LINE = /(?<!,)[ \t]Steps:[ \t]*-?[\d.]{1,12}[ \t]*,/g;

/** One of these is among the settings of any program; other lines with colons are words. */
const CORE = ["Sampler", "CFG scale", "Seed", "Size"];

/**
 * Reads what `writeInfotext` or another program wrote. A text without settings is a prompt.
 *
 * @throws {Failure} "bad-request" if the text is empty or too long.
 */
export function readInfotext(text: string): StatedRecipe {
  if (text.length > CHARACTERS_MAX)
    throw new Failure(
      "bad-request",
      `The settings in this picture are ${text.length} characters long; at most ${CHARACTERS_MAX} are read.`,
    );
  if (text.trim() === "")
    throw new Failure("bad-request", "The text in this picture is empty, so it cannot be drawn again.");
  const { prompts, settings } = divide(text.replace(/\r\n?/g, "\n").trim());
  return statedRecipe(readPrompts(clean(prompts)), readSettings(settings));
}

interface Parts {
  readonly prompts: string;
  readonly settings: string;
}

/** Settings are everything from the last line on that begins them, but for a negative prompt after it. */
function divide(text: string): Parts {
  const line = [...text.matchAll(STEPS_LINE)].at(-1)?.index;
  const inLine = line === undefined ? divideLine(text) : null;
  if (inLine) return inLine;
  const start = line ?? pairsLine(text) ?? text.length;
  const [prompts, settings] = [text.slice(0, start), text.slice(start)];
  const late = settings.search(/^[ \t]*negative prompt:/im);
  if (late < 0 || readPrompts(prompts).negativePrompt !== "") return { prompts, settings };
  return { prompts: `${prompts}\n${settings.slice(late)}`, settings: settings.slice(0, late) };
}

/** Where the last line begins that has enough settings, in whatever order; null if there is none. */
function pairsLine(text: string): number | null {
  for (let end = text.length; end > 0; ) {
    const start = text.lastIndexOf("\n", end - 1) + 1;
    if (isSettings(text.slice(start, end))) return start;
    end = start - 1;
  }
  return null;
}

/** Settings that stand in one line with the prompts; null if there are none. */
function divideLine(text: string): Parts | null {
  const start = [...text.matchAll(STEPS_IN_LINE)].at(-1)?.index;
  if (start === undefined || !isSettings(text.slice(start))) return null;
  return { prompts: text.slice(0, start).replace(NEGATIVE, `\n${NEGATIVE}`), settings: text.slice(start) };
}

function isSettings(text: string): boolean {
  const settings = readSettings(text);
  return settings.size >= PAIRS_MIN && CORE.some((key) => settings.has(key));
}
