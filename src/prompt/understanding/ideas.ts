/** Pictures that a model can draw, for a text that names nothing it knows. */

import { philox4x32 } from "../../core/philox";
import { captionOf } from "./caption";
import type { Vocabulary } from "./meanings";
import type { Scene } from "./scene";

const IDEAS = 3;
/** Offset and prime of the 32-bit FNV-1a hash (Fowler, Noll, Vo 1991). */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * Up to three captions of single things, each another thing. They keep what was understood: the colour, the setting, the style.
 * Where no setting was understood, each has a place of the vocabulary. The same text gives the same captions.
 */
export function ideasOf(text: string, scene: Scene, vocabulary: Vocabulary): readonly string[] {
  const { nouns = [], tintable = nouns, places = [] } = vocabulary;
  const { setting, background, looseColour: colour } = scene;
  const draw = drawsOf(text);
  const things = shuffled(colour === null ? nouns : tintable, draw).slice(0, IDEAS);
  const isPlaceless = background === null && Object.keys(setting).every((kind) => kind === "styles");
  const where = isPlaceless ? shuffled(places, draw) : [];
  return things.flatMap((noun, i) => {
    const place = where[i];
    const thing = { noun, count: 1, colour, size: null, relation: null };
    const shown = place === undefined ? setting : { ...setting, places: place };
    return captionOf({ ...scene, things: [thing], setting: shown }, vocabulary) ?? [];
  });
}

/** The words in an order that `draw` decides (Fisher and Yates 1938). */
function shuffled(words: readonly string[], draw: () => number): readonly string[] {
  const left = [...words];
  return words.flatMap(() => left.splice(Math.floor(draw() * left.length), 1));
}

/** Numbers in [0, 1) that follow from a text. */
function drawsOf(text: string): () => number {
  let hash = FNV_OFFSET;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), FNV_PRIME);
  const key = [hash >>> 0, text.length] as const;
  let count = 0;
  return () => philox4x32([count++, 0, 0, 0], key)[0] / 2 ** 32;
}
