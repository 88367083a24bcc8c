/** Slips of the hand; the same rule as in models/words/spelling.py, which lists the real words that are no slips. */

/** Letters from which on two slips are forgiven. */
const TWO_SLIPS = 8;
const LONGEST = 24;

/** Finds the words that a mistyped one may have been meant to be. */
export interface Speller {
  /** The nearest words, all as near; none if no word is near enough. */
  near(typed: string): readonly string[];
}

/** @param words in lower case; `isWord` says which typed words are right as they are. */
export function speller(words: Iterable<string>, isWord: (typed: string) => boolean): Speller {
  const byStart = new Map<string, string[]>();
  for (const word of words) {
    const key = startOf(word, word.length);
    const same = byStart.get(key);
    if (same) same.push(word);
    else byStart.set(key, [word]);
  }
  const found = new Map<string, readonly string[]>();
  return {
    near(typed) {
      if (typed.length < 3 || typed.length > LONGEST || !/^\p{L}+$/u.test(typed) || isWord(typed)) return [];
      const known = found.get(typed);
      if (known) return known;
      const nearest = nearestOf(typed, byStart);
      found.set(typed, nearest);
      return nearest;
    },
  };
}

function startOf(word: string, length: number): string {
  return `${word.charAt(0)}${length}`;
}

function nearestOf(typed: string, byStart: ReadonlyMap<string, readonly string[]>): readonly string[] {
  let best = typed.length < TWO_SLIPS ? 1 : 2;
  let nearest: string[] = [];
  for (let length = typed.length - best; length <= typed.length + 2; length++)
    for (const word of byStart.get(startOf(typed, length)) ?? []) {
      const slips = slipsBetween(typed, word);
      if (slips > best) continue;
      nearest = slips < best ? [word] : [...nearest, word];
      best = slips;
    }
  return nearest;
}

/**
 * How many slips `typed` is from `meant`, 3 for too many: see {@link distance}. The first letters must be the same. Words of three
 * letters are one slip from too many others: for these a letter must be doubled, or two swapped.
 */
export function slipsBetween(typed: string, meant: string): number {
  if (typed[0] !== meant[0]) return 3;
  const slips = distance(typed, meant);
  if (meant.length > 3) return slips;
  const isDoubled = [...meant].some((_, i) => typed === meant.slice(0, i + 1) + meant.slice(i));
  const isSwapped = sorted(typed) === sorted(meant) && slips === 1;
  return isDoubled || isSwapped ? 1 : 3;
}

const sorted = (word: string) => [...word].sort().join("");

/**
 * Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`, no letter touched twice, or 3 if above 2
 * (Damerau 1964, "A technique for computer detection and correction of spelling errors"; the restricted form).
 */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = nextRow(a, i, b, row, before);
    before = row;
    row = next;
    if (Math.min(...row) > 2) return 3;
  }
  return Math.min(at(row, b.length), 3);
}

/** Distances of the first `i` letters of `a` from every beginning of `b`, by those of one and of two letters fewer. */
function nextRow(
  a: string,
  i: number,
  b: string,
  row: readonly number[],
  before: readonly number[],
): readonly number[] {
  const next = [i];
  for (let j = 1; j <= b.length; j++) {
    const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
    const swapped = isSwap ? at(before, j - 2) + 1 : 3;
    const substituted = at(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
    next.push(Math.min(at(row, j) + 1, at(next, j - 1) + 1, substituted, swapped));
  }
  return next;
}

function at(row: readonly number[], j: number): number {
  return row[j] ?? 3;
}
