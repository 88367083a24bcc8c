/** Finds words in a text, to mark them where they stand. */

export interface Segment {
  readonly text: string;
  readonly isMarked: boolean;
}

/** `text` cut into segments that join up to it again; those that are one of `words`, whatever their case, are marked. */
export function markWords(text: string, words: readonly string[]): readonly Segment[] {
  const patterns = words.filter((word) => word !== "").map(escapeRegExp);
  if (patterns.length === 0) return text === "" ? [] : [{ text, isMarked: false }];
  // Longest first, so that "lighthouse" is not taken for "light".
  const either = patterns.sort((a, b) => b.length - a.length).join("|");
  const whole = new RegExp(`(?<![\\p{L}\\p{M}\\p{N}])(${either})(?![\\p{L}\\p{M}\\p{N}])`, "giu");
  const isWord = (_: string, index: number) => index % 2 === 1;
  return text
    .split(whole)
    .map((part, index) => ({ text: part, isMarked: isWord(part, index) }))
    .filter((segment) => segment.text !== "");
}

/** `text` with `word` replaced by `other` wherever it stands as a whole word, whatever its case. */
export function replaceWord(text: string, word: string, other: string): string {
  return markWords(text, [word])
    .map((segment) => (segment.isMarked ? other : segment.text))
    .join("");
}

function escapeRegExp(word: string): string {
  return word.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
