/** The index of everything that a person may say to a model: words and phrases with their readings. */

import { KINDS, type Kind, type Meanings, type Reading, type Vocabulary } from "./meanings";
import { countOfWord } from "./numerals";
import { phraseKey } from "./scan";
import { type Speller, speller } from "./spelling";

/** Answers what a key may mean. */
export interface Lexicon {
  /** All readings of a key (see `phraseKey`), with or without its accents; none if it is not known. */
  read(key: string): readonly Reading[];
  /** English words near a mistyped one. */
  readonly slips: Speller;
  /** Words of the longest phrase, and characters of the longest Chinese or Japanese word. */
  readonly longest: { readonly words: number; readonly characters: number };
}

const NOTHING: Reading = { kind: "nothing", meaning: "", isMany: false, language: "en" };
/** Kinds too short to be recognised when they are mistyped. */
const GRAMMAR: readonly Kind[] = ["counts", "join", "without", "little", "nothing"];
/** Lists of the vocabulary whose terms mean themselves. */
const OWN_KINDS = [
  "colours",
  "sizes",
  "places",
  "times",
  "weathers",
  "seasons",
  "styles",
  "relations",
] as const;

/** Indexes a vocabulary and its table. Thousands of entries: made once for a model. */
export function lexiconOf(vocabulary: Vocabulary, meanings: Meanings): Lexicon {
  const index = new Map<string, Reading[]>();
  const known = new Set(vocabulary["words"]);
  const longest = { words: 1, characters: 1 };
  const add = (said: string, reading: Reading) => {
    const key = phraseKey(said);
    const already = index.get(key);
    if (already === undefined) index.set(key, [reading]);
    else if (!already.some(({ language }) => language === reading.language)) already.push(reading);
    longest.words = Math.max(longest.words, key.split(" ").length);
    if (isEastAsian(reading.language)) longest.characters = Math.max(longest.characters, key.length);
  };
  for (const [said, reading] of ownReadings(vocabulary)) add(said, reading);
  for (const [said, reading] of tableReadings(meanings)) add(said, reading);
  for (const word of listOf(meanings.nothing))
    if (!index.has(word) || !isEnglish(index.get(word))) add(word, NOTHING);
  const plain = withoutAccents(index);
  const isMeant = (all: readonly Reading[]) =>
    all.some(({ language, kind }) => language === "en" && !GRAMMAR.includes(kind));
  const targets = [...index].filter(([key, all]) => /^\p{L}+$/u.test(key) && isMeant(all));
  // Without the list of real words a slip cannot be told from one.
  const isWord = (typed: string) => meanings.nothing === "" || known.has(typed) || index.has(typed);
  return {
    read: (key) => index.get(key) ?? plain.get(bare(key)) ?? [],
    slips: speller(
      targets.map(([key]) => key),
      isWord,
    ),
    longest,
  };
}

const isEastAsian = (language: string) => language === "ja" || language === "zh";

function isEnglish(readings: readonly Reading[] = []): boolean {
  return readings.some(({ language }) => language === "en");
}

function* ownReadings(vocabulary: Vocabulary): Generator<readonly [string, Reading]> {
  const english = { language: "en" };
  const { nouns = [], plurals = [], synonyms = [], words = [], counts = [] } = vocabulary;
  for (const meaning of nouns) yield [meaning, { kind: "things", meaning, isMany: false, ...english }];
  for (const [i, said] of plurals.entries())
    yield [said, { kind: "things", meaning: nouns[i] ?? "", isMany: true, ...english }];
  const known = new Set(words);
  for (const [said = "", meaning = ""] of synonyms.map((entry) => entry.split("="))) {
    yield [said, { kind: "things", meaning, isMany: false, ...english }];
    const many = pluralOf(said);
    if (many.split(" ").every((word) => known.has(word)))
      yield [many, { kind: "things", meaning, isMany: true, ...english }];
  }
  for (const said of ["a", "an", ...counts])
    yield [said, { kind: "counts", meaning: String(countOfWord(said)), isMany: false, ...english }];
  for (const said of ["and", "with"])
    yield [said, { kind: "join", meaning: "and", isMany: false, ...english }];
  for (const kind of OWN_KINDS)
    for (const meaning of vocabulary[kind] ?? [])
      yield [meaning, { kind, meaning, isMany: false, ...english }];
}

/** The regular English plural. */
function pluralOf(word: string): string {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}

function* tableReadings({ languages }: Meanings): Generator<readonly [string, Reading]> {
  const lists = Object.entries(languages).flatMap(([language, kinds]) =>
    KINDS.map((kind) => ({ language, kind, entries: Object.entries(kinds[kind] ?? {}) })),
  );
  for (const { language, kind, entries } of lists)
    for (const [meaning, said] of entries) {
      const [one = "", several = ""] = said.split(";");
      for (const word of listOf(one)) yield [word, { kind, meaning, isMany: false, language }];
      for (const word of listOf(several)) yield [word, { kind, meaning, isMany: true, language }];
    }
}

function listOf(text: string): readonly string[] {
  return text === "" ? [] : text.split(",");
}

/** Keys as people type them who have no accents at hand; what is a word by itself stays one. */
function withoutAccents(
  index: ReadonlyMap<string, readonly Reading[]>,
): ReadonlyMap<string, readonly Reading[]> {
  const plain = new Map<string, readonly Reading[]>();
  for (const [key, readings] of index) {
    const stripped = bare(key);
    if (stripped !== key && !index.has(stripped)) plain.set(stripped, readings);
  }
  return plain;
}

function bare(key: string): string {
  return key
    .normalize("NFD")
    .replaceAll(/(\p{Script=Latin})\p{M}+/gu, "$1")
    .normalize("NFC");
}
