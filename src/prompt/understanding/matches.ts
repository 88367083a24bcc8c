/** Finds the words of a text that have a meaning, the longest first, and decides in which language each is read. */

import type { Reading } from "./meanings";
import type { Lexicon } from "./readings";
import type { Piece } from "./scan";

/** A stretch of the text and its reading: null for one that means nothing, "stop" for what ends a phrase. */
export interface Match {
  readonly begin: number;
  readonly end: number;
  readonly key: string;
  readonly reading: Reading | null | "stop";
  /** The word that is probably meant where it was mistyped; null if it stands as it was. */
  readonly corrected: string | null;
}

/** A match that may still be read in several languages. */
interface Open {
  readonly begin: number;
  readonly end: number;
  readonly key: string;
  readonly readings: readonly Reading[] | "stop";
  readonly isWord: boolean;
}

/** The meanings of all pieces of a text, in order, and the language that most of it is in. */
export function matchesOf(
  pieces: readonly Piece[],
  lexicon: Lexicon,
): { readonly matches: readonly Match[]; readonly language: string } {
  const open = openMatches(pieces, lexicon);
  const votes = votesOf(open);
  const language = [...votes].reduce(
    (best, one) => (one[1] > best[1] ? one : best),
    ["en", votes.get("en") ?? 0],
  )[0];
  const matches = open.map(({ begin, end, key, readings, isWord }): Match => {
    if (readings === "stop") return { begin, end, key, reading: "stop", corrected: null };
    const reading = readings.length > 0 ? decided(readings, votes) : null;
    if (readings.length > 0 || !isWord || language !== "en")
      return { begin, end, key, reading, corrected: null };
    return { begin, end, key, ...corrected(key, lexicon) };
  });
  return { matches, language };
}

function openMatches(pieces: readonly Piece[], lexicon: Lexicon): readonly Open[] {
  const open: Open[] = [];
  for (let i = 0; i < pieces.length; ) {
    const piece = pieces[i];
    if (piece === undefined) break;
    if (piece.kind === "word") {
      const phrase = longestPhrase(pieces, i, lexicon);
      open.push(phrase.match);
      i += phrase.words;
      continue;
    }
    if (piece.kind === "script") open.push(...matchesInScript(piece, lexicon));
    else
      open.push({
        ...piece,
        readings: piece.kind === "stop" ? "stop" : emojiReadings(piece.key, lexicon),
        isWord: false,
      });
    i += 1;
  }
  return open;
}

/** The longest known phrase that begins at piece `i`, or that word alone. */
function longestPhrase(
  pieces: readonly Piece[],
  i: number,
  lexicon: Lexicon,
): { match: Open; words: number } {
  const words = pieces.slice(i, i + lexicon.longest.words);
  const stop = words.findIndex(({ kind }) => kind !== "word");
  const run = stop < 0 ? words : words.slice(0, stop);
  for (let count = run.length; count > 0; count--) {
    const key = run
      .slice(0, count)
      .map((piece) => piece.key)
      .join(" ");
    const readings = lexicon.read(key);
    if (readings.length > 0 || count === 1)
      return { match: { ...spanOf(run.slice(0, count)), key, readings, isWord: true }, words: count };
  }
  throw new RangeError(`want a word at piece ${i}, got another kind`);
}

function spanOf(pieces: readonly Piece[]): { readonly begin: number; readonly end: number } {
  return { begin: pieces[0]?.begin ?? 0, end: pieces.at(-1)?.end ?? 0 };
}

function emojiReadings(key: string, lexicon: Lexicon): readonly Reading[] {
  const whole = lexicon.read(key);
  return whole.length > 0 ? whole : lexicon.read(key.split("\u200D")[0] ?? "");
}

/** Longest known words from left to right; the rest character by character. */
function matchesInScript({ key, begin, end }: Piece, lexicon: Lexicon): readonly Open[] {
  // NFKC may change a text's length: then places cannot be told, and the run is one stretch.
  if (key.length !== end - begin) return [{ begin, end, key, readings: lexicon.read(key), isWord: false }];
  const found: Open[] = [];
  for (let i = 0; i < key.length; ) {
    let length = Math.min(lexicon.longest.characters, key.length - i);
    while (length > 1 && lexicon.read(key.slice(i, i + length)).length === 0) length -= 1;
    const part = key.slice(i, i + length);
    found.push({
      begin: begin + i,
      end: begin + i + length,
      key: part,
      readings: lexicon.read(part),
      isWord: false,
    });
    i += length;
  }
  return found.map((match, i) =>
    isTorn(match, found[i - 1], found[i + 1]) ? { ...match, readings: [] } : match,
  );
}

const HAN = /\p{Script=Han}/u;
const KATAKANA = /[\p{Script=Katakana}ー]/u;
const HIRAGANA = /\p{Script=Hiragana}/u;

/** True if a match is a part of a longer, unknown word: the star in "火星", the frog in "むかえる". */
function isTorn({ key, readings }: Open, before: Open | undefined, after: Open | undefined): boolean {
  if (readings === "stop" || readings.every(({ kind }) => kind === "little" || kind === "join")) return false;
  const script = [KATAKANA, HIRAGANA, ...(key.length === 1 ? [HAN] : [])].find((one) =>
    [...key].every((c) => one.test(c)),
  );
  if (script === undefined) return false;
  const goesOn = (other: Open | undefined, character: string | undefined) =>
    other?.readings !== undefined && other.readings.length === 0 && script.test(character ?? "");
  return goesOn(before, before?.key.at(-1)) || goesOn(after, after?.key[0]);
}

/** How many words each language can read. Emoji and digits are nobody's. */
function votesOf(open: readonly Open[]): ReadonlyMap<string, number> {
  const votes = new Map<string, number>();
  for (const { readings, key } of open)
    if (readings !== "stop" && !/^\d+$/.test(key))
      for (const language of new Set(readings.map((reading) => reading.language)))
        if (language !== "emoji") votes.set(language, (votes.get(language) ?? 0) + 1);
  return votes;
}

/** The reading that all languages share, or that of the language of most words, English before others; else null. */
function decided(readings: readonly Reading[], votes: ReadonlyMap<string, number>): Reading | null {
  const [first] = readings;
  const isShared = (all: readonly Reading[]) =>
    all.every(({ kind, meaning }) => kind === all[0]?.kind && meaning === all[0]?.meaning);
  if (first === undefined || isShared(readings)) return first ?? null;
  const most = Math.max(...readings.map(({ language }) => votes.get(language) ?? 0));
  const best = readings.filter(({ language }) => (votes.get(language) ?? 0) === most);
  const english = best.find(({ language }) => language === "en");
  return english ?? (isShared(best) ? (best[0] ?? null) : null);
}

/** The reading of the one word that a mistyped one is near; null if there is none, or several that differ. */
function corrected(key: string, lexicon: Lexicon): Pick<Match, "reading" | "corrected"> {
  const near = lexicon.slips.near(key).flatMap((word) => {
    const reading = lexicon.read(word).find(({ language }) => language === "en");
    return reading === undefined ? [] : [{ word, reading }];
  });
  const [best] = near.toSorted((a, b) => Number(a.reading.isMany) - Number(b.reading.isMany));
  const isOne = near.every(
    ({ reading }) => reading.kind === best?.reading.kind && reading.meaning === best.reading.meaning,
  );
  return best !== undefined && isOne
    ? { reading: best.reading, corrected: best.word }
    : { reading: null, corrected: null };
}
