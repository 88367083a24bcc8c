/** Suggestions for the words before the caret. */

import { folded, kindLabel, type Lexicon, type Term } from "./lexicon";

/** One offer: `text` instead of what stands between `start` and `end`. */
export interface Suggestion {
  readonly text: string;
  /** Its kind, for people. */
  readonly label: string;
  readonly start: number;
  readonly end: number;
}

/** As many as can be taken in at a glance. */
const SUGGESTIONS = 6;
/** Terms of more words than this are found by their last ones. */
const LONGEST_START = 4;
/** Letters before the end of a longer term is looked into; its beginning is compared from the second letter on. */
const INNER_LETTERS = 3;
const OUTER_LETTERS = 2;

const LAST_WORDS = /[\p{L}\p{M}\p{N}'’-]+ ?$/u;
const WORD_CHARACTER = /[\p{L}\p{M}\p{N}'’-]/u;

/**
 * Terms that begin as the last words before the caret do, the ones that go on from most words first. Nothing in the middle of a
 * word, and nothing where a whole term stands already.
 *
 * @param caret where the next letter would go, 0 ... `text.length`.
 */
export function suggestionsAt(text: string, caret: number, lexicon: Lexicon): readonly Suggestion[] {
  if (WORD_CHARACTER.test(text.charAt(caret))) return [];
  const starts = startsBefore(text.slice(0, caret));
  const typed = starts.map((start) => folded(text.slice(start, caret)));
  // Whoever has written a whole term has said it: more would only be in the way. Little words may begin a longer one.
  const isSaid = ({ text: known, kind }: Term) => kind !== "words" && typed.includes(folded(known));
  if (lexicon.terms.some(isSaid)) return [];
  const found = starts.flatMap((start, i) => {
    const offer = (term: Term) => ({
      text: term.text,
      label: kindLabel(term),
      start,
      end: caret,
    });
    return termsFor(typed[i] ?? "", lexicon).map(offer);
  });
  const firsts = found.filter(({ text: offered }, i) => found.findIndex((s) => s.text === offered) === i);
  return firsts.slice(0, SUGGESTIONS);
}

/** The longest word that is looked at: what is longer is none. */
const LONGEST_WORD = 80;
const UNFINISHED = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{M}\p{N}'’-]+$/u;

/**
 * Where the word begins that ends at the caret, and so may not be finished; null if none does. Scripts that write no spaces have no
 * such word.
 */
export function wordBegunAt(text: string, caret: number): number | null {
  if (WORD_CHARACTER.test(text.charAt(caret))) return null;
  const before = text.slice(Math.max(0, caret - LONGEST_WORD), caret);
  const word = before.match(UNFINISHED)?.[0];
  return word === undefined ? null : caret - word.length;
}

/** Where the last words before the caret begin: of the most words first, the last word alone last. */
function startsBefore(before: string): readonly number[] {
  const starts: number[] = [];
  let rest = before;
  while (starts.length < LONGEST_START) {
    const word = rest.match(LAST_WORDS);
    if (word?.index === undefined) break;
    starts.unshift(word.index);
    rest = rest.slice(0, word.index);
    if (!rest.endsWith(" ")) break;
  }
  return starts;
}

/** Terms that begin like `typed`, shorter ones first within a kind; then those with a later word that does. */
function termsFor(typed: string, { terms }: Lexicon): readonly Term[] {
  if (typed.trim().length < OUTER_LETTERS) return [];
  const kinds = [...new Set(terms.map(({ kind }) => kind))];
  const inOrder = (a: Term, b: Term) =>
    kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || a.text.length - b.text.length;
  const outer = terms.filter(({ text }) => folded(text).startsWith(typed)).sort(inOrder);
  if (typed.includes(" ") || typed.length < INNER_LETTERS) return outer;
  return [...outer, ...terms.filter(({ text }) => folded(text).includes(` ${typed}`)).sort(inOrder)];
}
