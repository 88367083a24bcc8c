import { expect, it } from "vitest";
import { endPosition } from "./endPosition";

const [BOS, WORD, EOS, PAD] = [49406, 320, 49407, 0];

it.each([
  ["its first occurrence, padding alike or not", [BOS, WORD, EOS, EOS, EOS], EOS, 2],
  ["it where padding is another", [BOS, WORD, EOS, PAD, PAD], EOS, 2],
  ["the greatest id, where the configuration says 2 by mistake", [BOS, WORD, EOS, PAD], 2, 2],
  ["the first of the greatest", [BOS, EOS, EOS, EOS], 2, 1],
  ["an added token, greater than the end: what transformers does", [BOS, 50000, EOS, PAD], 2, 1],
  ["the true one, behind an added token", [BOS, 50000, EOS, PAD], EOS, 2],
  ["nowhere: the beginning", [BOS, WORD, PAD], EOS, 0],
])("a text ends at %s (%j)", (_, ids, eosTokenId, place) => {
  expect(endPosition(Int32Array.from(ids), eosTokenId)).toBe(place);
});
