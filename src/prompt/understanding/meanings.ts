/** A model's closed vocabulary, and the table of what people say for its words. */

/** A model's vocabulary as its card has it: terms by kind (models/training/world/captions.py, `vocabulary`). */
export type Vocabulary = Readonly<Record<string, readonly string[]>>;

/** A model's `meanings.json`, which models/words/table.py makes. */
export interface Meanings {
  /** Language, list, word of the vocabulary: what is said for it, as "one,other;several,others". */
  readonly languages: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;
  /** English words and names that mean nothing here though they look like something, with commas between. */
  readonly nothing: string;
}

/** The table of a model that brings none: its vocabulary alone is understood. */
export const NO_MEANINGS: Meanings = { languages: {}, nothing: "" };

/** The lists of the table, and "nothing". */
export const KINDS = [
  "things",
  "colours",
  "sizes",
  "counts",
  "places",
  "times",
  "weathers",
  "seasons",
  "styles",
  "relations",
  "join",
  "without",
  "background",
  "little",
  "nothing",
] as const;

/** The sort of word. "little" words carry grammar alone; "nothing" is a word that the model cannot draw. */
export type Kind = (typeof KINDS)[number];

/** One way to read a word or a phrase. */
export interface Reading {
  readonly kind: Kind;
  /** The vocabulary's own words: "cat", "in the snow"; a number in digits. */
  readonly meaning: string;
  /** It is a plural. */
  readonly isMany: boolean;
  readonly language: string;
}
