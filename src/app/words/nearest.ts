/** The known word that an unknown one was probably meant to be. */

import { folded, type Lexicon } from "./lexicon";

/** Shorter words are one slip away from too many others. */
const SHORTEST = 3;
/** The discount on the distance for each letter of a common beginning, and the letters that count (Winkler 1990). */
const PREFIX_BONUS = 0.1;
const PREFIX_LETTERS = 4;

/** Up to `count` known words, nearest first; none if every one is too far to have been meant. */
export function nearestWords(word: string, { words }: Lexicon, count: number): readonly string[] {
  const wanted = folded(word);
  if (wanted.length < SHORTEST || words.has(wanted)) return [];
  const slips = slipsAllowed(wanted.length);
  return [...words]
    .filter((known) => known.length >= SHORTEST && Math.abs(known.length - wanted.length) <= slips)
    .map((known) => ({ known, distance: editDistance(wanted, known) }))
    .filter(({ distance }) => distance <= slips)
    .map(({ known, distance }) => ({ known, cost: distance - PREFIX_BONUS * commonStart(wanted, known) }))
    .sort((a, b) => a.cost - b.cost || compared(a.known, b.known))
    .slice(0, count)
    .map(({ known }) => known);
}

/**
 * Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`, no letter touched twice (Damerau
 * 1964, "A technique for computer detection and correction of spelling errors"; the restricted form).
 */
export function editDistance(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = at(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = isSwap(a, i, b, j) ? at(before, j - 2) + 1 : substituted;
      next.push(Math.min(at(row, j) + 1, at(next, j - 1) + 1, substituted, swapped));
    }
    before = row;
    row = next;
  }
  return at(row, b.length);
}

function at(row: readonly number[], j: number): number {
  return row[j] ?? Number.POSITIVE_INFINITY;
}

/** True if the last two of `i` letters of `a` are those of `j` letters of `b` in the other order. */
function isSwap(a: string, i: number, b: string, j: number): boolean {
  return i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
}

/** One slip in short words, two in middling ones, three in long ones. */
function slipsAllowed(letters: number): number {
  if (letters <= 4) return 1;
  return letters <= 7 ? 2 : 3;
}

function commonStart(a: string, b: string): number {
  let letters = 0;
  while (letters < PREFIX_LETTERS && letters < a.length && a[letters] === b[letters]) letters++;
  return letters;
}

function compared(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
