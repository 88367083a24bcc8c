/** Cuts a text into words, runs of Chinese and Japanese, emoji and stops. Linear in the text's length. */

/** A piece of a text: `text.slice(begin, end)`. */
export interface Piece {
  readonly kind: "word" | "script" | "emoji" | "stop";
  /** As it is looked up: NFKC, lower case, without emoji's modifiers. */
  readonly key: string;
  readonly begin: number;
  readonly end: number;
}

const EAST_ASIAN = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー々`;
const PIECES = new RegExp(
  [
    String.raw`(?<script>\d{0,3}[${EAST_ASIAN}][${EAST_ASIAN}\d]*)`,
    String.raw`(?<word>(?:(?![${EAST_ASIAN}])[\p{L}\p{M}\p{N}])+)`,
    String.raw`(?<emoji>\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\uFE0F|\u200D\p{Extended_Pictographic})*)`,
    String.raw`(?<stop>[.,;:!?()[\]{}|/\n，。、；！？（）])`,
  ].join("|"),
  "gu",
);
const KINDS = ["script", "word", "emoji", "stop"] as const;

/** Every piece in order. Spaces, hyphens and apostrophes only part words. */
export function scan(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const match of text.matchAll(PIECES)) {
    const kind = KINDS.find((name) => match.groups?.[name] !== undefined) ?? "stop";
    const begin = match.index;
    pieces.push({ kind, key: keyOf(match[0]), begin, end: begin + match[0].length });
  }
  return pieces;
}

/** A word as it is looked up. */
export function keyOf(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[\uFE0F\u{1F3FB}-\u{1F3FF}]/gu, "");
}

/** A phrase as it is looked up: its words with single spaces; an emoji as it is. */
export function phraseKey(text: string): string {
  return scan(text)
    .filter(({ kind }) => kind !== "stop")
    .map(({ key }) => key)
    .join(" ");
}
