/** Says a scene as the captions do that a model learnt from: models/training/world/captions.py, `prompt`. */

import type { Vocabulary } from "./meanings";
import { numeral } from "./numerals";
import { type Scene, SETTING_KINDS, type Thing } from "./scene";

/** Vowels at the start of a word that are said as consonants, and an h that is not said. */
const SAID_LONG = /^(uni|use|ufo|uku|one|eu)/;
const SAID_SHORT = /^(hour|honest)/;

/** A scene in the model's own words; null if it shows neither thing nor place. */
export function captionOf(scene: Scene, vocabulary: Vocabulary): string | null {
  const { things, setting, background } = scene;
  if (things.length === 0 && background === null && setting.places === undefined) return null;
  const words = new Set(vocabulary["words"] ?? []);
  const shown = things.length > 0 ? joined(things, vocabulary) : "an empty scene";
  const isBare = things.length === 0 && !(words.has("empty") && words.has("scene"));
  // A plain background has no place, time, weather or season.
  const where =
    background === null
      ? SETTING_KINDS.filter((kind) => kind !== "styles").flatMap((kind) => setting[kind] ?? [])
      : [`on ${withArticle(background)} background`];
  const sentence = [...(isBare ? [] : [shown]), ...where].join(" ");
  return setting.styles === undefined ? sentence : `${sentence}, ${setting.styles}`;
}

/** "a cat", "three red apples". */
function phraseOf({ noun, count, colour, size }: Thing, { nouns = [], plurals = [] }: Vocabulary): string {
  const several = plurals[nouns.indexOf(noun)] ?? noun;
  if (count > 1) return [numeral(count), colour ?? [], several].flat().join(" ");
  return withArticle([size ?? [], colour ?? [], noun].flat().join(" "));
}

/** Two things as they stand to each other; of more the last with "and". */
function joined(things: readonly Thing[], vocabulary: Vocabulary): string {
  return things.reduce((text, thing, i) => {
    const phrase = phraseOf(thing, vocabulary);
    if (i === 0) return phrase;
    if (thing.relation !== null) return `${text} ${thing.relation} ${phrase}`;
    return i < things.length - 1 ? `${text}, ${phrase}` : `${text} and ${phrase}`;
  }, "");
}

function withArticle(phrase: string): string {
  const isVowel = /^[aeiou]/.test(phrase) && !SAID_LONG.test(phrase);
  return `${isVowel || SAID_SHORT.test(phrase) ? "an" : "a"} ${phrase}`;
}
