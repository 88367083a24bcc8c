/** Prompts that nobody thought of: a pattern and what fills it, chosen by a seed. */

import type { Example } from "../../core/modelCard";
import { philox4x32 } from "../../core/philox";
import { folded, lexiconOf, type Vocabulary, WORD } from "./lexicon";

const SLOT = /\{([a-z_]+)\d*\}/gi;
/** Vowels at the start of a word that are said as consonants. */
const SAID_LONG = /^(uni|use|ufo|uku|one|eu)/i;

/** A whole number below `count`, which is at least 1. */
type Below = (count: number) => number;

/**
 * A prompt from the model's own patterns, or else from its examples with other things in them; null if it has neither.
 * The same seed gives the same prompt. Slots of one kind are filled with different words.
 *
 * @param seed 0 ... 2^64 - 1.
 */
export function surprisePrompt(
  vocabulary: Vocabulary,
  examples: readonly Example[],
  seed: bigint,
): string | null {
  const { templates } = lexiconOf(vocabulary);
  const patterns = templates.length > 0 ? templates : patternsOf(examples, vocabulary);
  const canBeFilled = (slot: string) => fillers(slot, vocabulary).length > 0;
  const usable = patterns.filter((pattern) => slotsOf(pattern).every(canBeFilled));
  const below = drawsOf(seed);
  const pattern = usable[below(Math.max(1, usable.length))];
  return pattern === undefined ? null : withArticles(filled(pattern, vocabulary, below));
}

/** Prompts for a model whose makers have left none. */
const IDEAS = [
  "a lighthouse on a cliff at sunset, watercolour",
  "a red fox asleep in the snow",
  "a bowl of oranges on a wooden table, oil painting",
  "a hot air balloon over green hills, morning light",
  "an astronaut riding a white horse",
  "a small cabin beside a lake, mountains behind it",
] as const;

/** A prompt as {@link surprisePrompt} makes it, or else one that any model should draw. */
export function ideaPrompt(vocabulary: Vocabulary, examples: readonly Example[], seed: bigint): string {
  return surprisePrompt(vocabulary, examples, seed) ?? IDEAS[drawsOf(seed)(IDEAS.length)] ?? IDEAS[0];
}

function slotsOf(pattern: string): readonly string[] {
  return [...pattern.matchAll(SLOT)].map(([, slot = ""]) => slot);
}

function filled(pattern: string, vocabulary: Vocabulary, below: Below): string {
  const taken = new Set<string>();
  return pattern.replaceAll(SLOT, (_, slot: string) => {
    const all = fillers(slot, vocabulary);
    const fresh = all.filter((text) => !taken.has(text));
    const choices = fresh.length > 0 ? fresh : all;
    const choice = choices[below(choices.length)] ?? "";
    taken.add(choice);
    return choice;
  });
}

/** Terms of the kind that a slot names, in the singular or as it is. What is several by itself fills no place for one. */
function fillers(slot: string, vocabulary: Vocabulary): readonly string[] {
  const keys = [slot, `${slot}s`, slot.replace(/y$/, "ies")];
  const kind = keys.find((key) => Object.hasOwn(vocabulary, key) && !slot.startsWith("template"));
  if (kind === undefined) return [];
  const several = new Set(kind === "plurals" ? [] : vocabulary["plurals"]);
  return (vocabulary[kind] ?? [])
    .map((text) => text.split("=")[0] ?? "")
    .filter((text) => !several.has(text));
}

/** Examples with a slot where they name a thing. */
function patternsOf(examples: readonly Example[], { nouns = [] }: Vocabulary): readonly string[] {
  const known = new Set(nouns.map(folded));
  const withSlots = ({ prompt }: Example) =>
    prompt.replaceAll(WORD, (word) => (known.has(folded(word)) ? "{noun}" : word));
  return [...new Set(examples.map(withSlots))].filter((pattern) => pattern.includes("{noun}"));
}

/** A prompt with one more word, after a space; an article that stands before it fits it. */
export function withWord(prompt: string, word: string): string {
  const start = prompt.trimEnd();
  if (start === "") return word;
  const before = start.match(/^(.*\s)?(an?)$/isu);
  return before ? `${before[1] ?? ""}${withArticles(`${before[2]} ${word}`)}` : `${start} ${word}`;
}

function withArticles(text: string): string {
  return text.replaceAll(/\ban? (?=(\p{L}+))/gu, (_, next: string) =>
    /^[aeiou]/i.test(next) && !SAID_LONG.test(next) ? "an " : "a ",
  );
}

/** Draws from the stream of a seed (src/core/philox.ts): the nth is the same whatever the others were asked for. */
function drawsOf(seed: bigint): Below {
  const key = [Number(seed & 0xffffffffn), Number(seed >> 32n)] as const;
  let draw = 0;
  return (count) => {
    const [word] = philox4x32([draw++, 0, 0, 0], key);
    return Math.floor((word / 2 ** 32) * count);
  };
}
