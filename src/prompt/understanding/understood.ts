/** From what a stranger types to what a model with a closed vocabulary is sent: unknown words never spoil known ones. */

import { unknownWords } from "../words";
import { captionOf } from "./caption";
import { ideasOf } from "./ideas";
import { type Match, matchesOf } from "./matches";
import type { Meanings, Vocabulary } from "./meanings";
import { numeral } from "./numerals";
import { lexiconOf } from "./readings";
import { scan } from "./scan";
import { type CountNote, sceneOf } from "./scene";

/** Something that people should know: a number that was too high, or a word that was taken for another. */
export interface Note {
  readonly kind: "count" | "spelling";
  /** As it was typed, in lower case. */
  readonly said: string;
  readonly drawn: string;
}

/** A text as a model understands it. */
export interface Understood {
  /** The text that the model is sent; the text itself if it knows every word, "" if it knows nothing that can be drawn. */
  readonly draws: string;
  /** True if `draws` is not the text as it was typed. */
  readonly isChanged: boolean;
  /** Stretches of the text (begin, end) that are not drawn, in order, neighbours as one. */
  readonly leftOut: readonly (readonly [number, number])[];
  readonly notes: readonly Note[];
  /** True if the text has words, and none of them names a thing or a place that the model knows. */
  readonly nothingKnown: boolean;
  /** Texts that the model can draw, made of whatever was understood; empty unless nothing is known. */
  readonly ideas: readonly string[];
}

/** Longer texts are understood in their first so many characters: a prompt has a few dozen words, and no key may take long. */
const LONGEST = 4000;

/**
 * A function that understands texts for one model. By meaning, in eight languages and in emoji; by spelling only where a word is
 * one slip away and is no word by itself. Total, deterministic, linear in the text; `understand(understand(t).draws)` changes
 * nothing, and every word of `draws` is in the vocabulary or in the text that was known whole.
 *
 * @returns null for a vocabulary that does not say which words are nouns: then nothing can be told apart.
 */
export function understanding(
  vocabulary: Vocabulary,
  meanings: Meanings,
): ((text: string) => Understood) | null {
  if ((vocabulary["nouns"] ?? []).length === 0) return null;
  const lexicon = lexiconOf(vocabulary, meanings);
  const unknownIn = unknownWords(vocabulary["words"] ?? []);
  return (text) => {
    if (unknownIn(text).length === 0)
      return { draws: text, isChanged: false, leftOut: [], notes: [], nothingKnown: false, ideas: [] };
    const { matches, language } = matchesOf(scan(text.slice(0, LONGEST)), lexicon);
    const { scene, unused, notes } = sceneOf(matches, language, vocabulary);
    const draws = captionOf(scene, vocabulary);
    const rest: readonly [number, number][] = text.length > LONGEST ? [[LONGEST, text.length]] : [];
    return {
      draws: draws ?? "",
      isChanged: draws !== text,
      leftOut: draws === null ? [[0, text.length]] : [...stretches(unused, text), ...rest],
      notes: draws === null ? [] : [...notes.map(countNote), ...slips(matches)],
      nothingKnown: draws === null,
      ideas: draws === null ? ideasOf(text, scene, vocabulary) : [],
    };
  };
}

function countNote({ kind, said, drawn }: CountNote): Note {
  return { kind, said, drawn: numeral(drawn) };
}

function slips(matches: readonly Match[]): readonly Note[] {
  return matches.flatMap(({ key, corrected }) =>
    corrected === null ? [] : [{ kind: "spelling", said: key, drawn: corrected }],
  );
}

/** Stretches in order; two with nothing but space between are one. */
function stretches(unused: readonly Match[], text: string): (readonly [number, number])[] {
  const out: (readonly [number, number])[] = [];
  for (const { begin, end } of unused.toSorted((a, b) => a.begin - b.begin)) {
    const before = out.at(-1);
    if (before !== undefined && text.slice(before[1], begin).trim() === "")
      out[out.length - 1] = [before[0], end];
    else out.push([begin, end]);
  }
  return out;
}
