/** The vocabulary of a model, ready for questions: terms with their kinds, single words, and patterns of prompts. */

/** A model's own list, as its card has it: terms by kind. */
export type Vocabulary = Readonly<Record<string, readonly string[]>>;

/** Something that can be said to the model. */
export interface Term {
  /** One word or several: "cat", "hot air balloon", "on the beach". */
  readonly text: string;
  /** The key it stands under in the vocabulary. */
  readonly kind: string;
  /** The term that this is another word for; null if it speaks for itself. */
  readonly meaning: string | null;
}

/** A vocabulary, sorted out. */
export interface Lexicon {
  /** Each text once, under the first kind that has it; plain words and synonyms come last. */
  readonly terms: readonly Term[];
  /** Patterns with slots: "a {colour} {noun} at {time}". */
  readonly templates: readonly string[];
  /** Every single word of every term, folded. */
  readonly words: ReadonlySet<string>;
}

/** Kinds that repeat what others say better. */
const LATE_KINDS: readonly string[] = ["synonyms", "words"];

/** A run of letters, marks and digits, with apostrophes and hyphens inside. */
export const WORD = /[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*/gu;

/** Kinds that have a name of their own in the page; any other is called by its key. */
const KIND_LABELS = new Map(
  Object.entries({
    nouns: "thing",
    plurals: "several",
    colours: "colour",
    sizes: "size",
    counts: "number",
    relations: "relation",
    places: "place",
    settings: "place",
    times: "time",
    skies: "sky",
    weathers: "weather",
    seasons: "season",
    styles: "style",
    words: "word",
  }),
);

/** Sorts out a vocabulary. An entry with a slot in braces is a template; "kitten=cat" is a synonym and its meaning. */
export function lexiconOf(vocabulary: Vocabulary | null): Lexicon {
  const lateness = ([kind]: readonly [string, unknown]) => LATE_KINDS.indexOf(kind);
  const entries = Object.entries(vocabulary ?? {})
    .sort((a, b) => lateness(a) - lateness(b))
    .flatMap(([kind, texts]) => texts.map((text) => ({ kind, text })));
  const isTemplate = ({ text }: { readonly text: string }) => text.includes("{");
  const terms = new Map<string, Term>();
  for (const { kind, text } of entries.filter((entry) => !isTemplate(entry))) {
    const [said = "", meaning = null] = text.split("=");
    if (said !== "" && !terms.has(folded(said))) terms.set(folded(said), { text: said, kind, meaning });
  }
  return {
    terms: [...terms.values()],
    templates: entries.filter(isTemplate).map(({ text }) => text),
    words: new Set([...terms.keys()].flatMap((text) => text.match(WORD) ?? [])),
  };
}

/** A term's kind in a word or two, for people. */
export function kindLabel({ kind, meaning }: Term): string {
  return meaning === null ? (KIND_LABELS.get(kind) ?? kind) : `like “${meaning}”`;
}

/** A text as comparisons see it: NFC, lower case, straight apostrophes, single spaces. */
export function folded(text: string): string {
  return text.normalize("NFC").toLowerCase().replaceAll("’", "'").replaceAll(/\s+/g, " ");
}
