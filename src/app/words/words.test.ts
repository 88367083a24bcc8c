import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kindLabel, lexiconOf } from "./lexicon";
import { editDistance, nearestWords } from "./nearest";
import { suggestionsAt } from "./suggest";
import { surprisePrompt } from "./surprise";

const VOCABULARY = {
  words: ["a", "cat", "the", "of"],
  nouns: ["cat", "caterpillar", "dragon", "hot air balloon", "owl", "unicorn", "grapes"],
  plurals: ["cats", "dragons", "grapes"],
  synonyms: ["kitten=cat"],
  colours: ["red", "orange"],
  places: ["on the beach", "in the city"],
  styles: ["pixel art"],
  templates: [
    "a {colour} {noun} {place}, {style}",
    "a {noun} and a {noun2}",
    "two {plural}",
    "a {unheard_of}",
  ],
};
const LEXICON = lexiconOf(VOCABULARY);
const offered = (text: string, caret = text.length) =>
  suggestionsAt(text, caret, LEXICON).map((suggestion) => suggestion.text);

/** The text with the first suggestion taken. */
function taken(text: string): string {
  const [first] = suggestionsAt(text, text.length, LEXICON);
  return first === undefined ? text : text.slice(0, first.start) + first.text + text.slice(first.end);
}

describe("the lexicon", () => {
  it("has each term once, under the kind that says most, and keeps patterns apart", () => {
    const kinds = Object.fromEntries(LEXICON.terms.map((term) => [term.text, kindLabel(term)]));
    expect(kinds["cat"]).toBe("thing");
    expect(kinds["the"]).toBe("word");
    expect(kinds["kitten"]).toBe("like “cat”");
    expect(LEXICON.templates).toEqual(VOCABULARY.templates);
    expect(new Set(LEXICON.terms.map(({ text }) => text)).size).toBe(LEXICON.terms.length);
  });

  it("knows single words of longer terms, and shows kinds it never heard of by their key", () => {
    expect(LEXICON.words.has("balloon")).toBe(true);
    expect(LEXICON.words.has("noun")).toBe(false);
    expect(lexiconOf({ moods: ["merry"] }).terms.map(kindLabel)).toEqual(["moods"]);
    expect(lexiconOf(null)).toEqual({ terms: [], templates: [], words: new Set() });
  });
});

describe("suggestionsAt", () => {
  it("offers what begins like the word before the caret, and nothing once a whole term stands there", () => {
    expect(offered("a ca")).toEqual(["cat", "caterpillar", "cats"]);
    expect(offered("a cat")).toEqual([]);
    expect(offered("a cate")).toEqual(["caterpillar"]);
    expect(offered("a dragons")).toEqual([]);
  });

  it("terms of several words go on from their first words, or are found by a later one", () => {
    expect(taken("a hot a")).toBe("a hot air balloon");
    expect(taken("a cat on the be")).toBe("a cat on the beach");
    expect(taken("a cat bea")).toBe("a cat on the beach");
    expect(offered("a cat, in ")).toEqual(["in the city"]);
  });

  it("says nothing in the middle of a word, at one letter, after a comma or in an empty box", () => {
    for (const text of ["", "c", "a cat,", "a cat.  ", "a "]) expect(offered(text), text).toEqual([]);
    expect(offered("cat", 2)).toEqual([]);
    expect(offered("ca dog", 2)).toEqual(["cat", "caterpillar", "cats"]);
  });

  it("offers the nearest words where nothing begins like that", () => {
    expect(suggestionsAt("a dragun", 8, LEXICON)).toEqual([
      { text: "dragon", label: "did you mean", isCorrection: true, start: 2, end: 8 },
      { text: "dragons", label: "did you mean", isCorrection: true, start: 2, end: 8 },
    ]);
  });

  it("every suggestion for any text replaces words before the caret and is known", () => {
    const texts = fc.array(
      fc.constantFrom("a", "hot", "air", "ca", "on", "the", " ", "  ", ",", "\n", "é", "b-"),
    );
    fc.assert(
      fc.property(texts, fc.nat(30), (parts, at) => {
        const text = parts.join("");
        const caret = Math.min(at, text.length);
        for (const suggestion of suggestionsAt(text, caret, LEXICON)) {
          expect(suggestion.end).toBe(caret);
          expect(suggestion.start).toBeLessThan(caret);
          expect(text.slice(0, suggestion.start)).toMatch(/(^|[^\p{L}\p{M}\p{N}'’-])$/u);
          expect(suggestionsAt(text, caret, LEXICON).length).toBeLessThanOrEqual(6);
        }
      }),
    );
  });
});

describe("nearestWords", () => {
  it.each([
    ["dragno", "dragon"],
    ["catt", "cat"],
    ["Unicron", "unicorn"],
    ["baloon", "balloon"],
    ["caterpiller", "caterpillar"],
  ])("%s was meant to be %s", (word, meant) => expect(nearestWords(word, LEXICON, 1)).toEqual([meant]));

  it("of words equally far, the one with the same beginning comes first", () => {
    expect(nearestWords("cab", lexiconOf({ nouns: ["lab", "cat"] }), 2)).toEqual(["cat", "lab"]);
  });

  it("offers nothing for words that are known, too short or too far", () => {
    for (const word of ["cat", "xy", "helicopter", ""]) expect(nearestWords(word, LEXICON, 3)).toEqual([]);
  });

  it("the distance counts each slip once, a swap included, and is the same both ways", () => {
    expect(editDistance("ca", "ac")).toBe(1);
    expect(editDistance("", "cat")).toBe(3);
    expect(editDistance("kitten", "sitting")).toBe(3);
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 6 });
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(c + a, c + b)).toBe(editDistance(a, b));
        expect(editDistance(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
  });
});

describe("surprisePrompt", () => {
  const seed = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const KNOWN = new Set([...LEXICON.words, "and", "an", "two"]);

  it("every seed gives a prompt of known words without a slot left, and always the same one", () => {
    fc.assert(
      fc.property(seed, (n) => {
        const prompt = surprisePrompt(VOCABULARY, [], n) ?? "";
        for (const word of prompt.match(/[\p{L}]+/gu) ?? []) expect(KNOWN).toContain(word);
        expect(prompt).not.toMatch(/[{}=]/);
        expect(surprisePrompt(VOCABULARY, [], n)).toBe(prompt);
      }),
    );
  });

  it("articles fit, two things differ, and what is several stands where several belong", () => {
    const prompts = Array.from({ length: 300 }, (_, n) => surprisePrompt(VOCABULARY, [], BigInt(n)) ?? "");
    expect(new Set(prompts).size).toBeGreaterThan(40);
    for (const prompt of prompts) {
      expect(prompt).not.toMatch(/\ba (owl|orange)|\ban (cat|unicorn|red)|\ban? (\w+ )?grapes/);
      const [, first, second] = prompt.match(/^an? (.+) and an? (.+)$/) ?? [];
      if (first !== undefined) expect(first).not.toBe(second);
    }
    expect(prompts).toContain("two grapes");
  });

  it("a model without patterns lends its examples, with other things in them", () => {
    const examples = [{ prompt: "a cat on grass", seed: "1" }];
    const prompts = Array.from({ length: 50 }, (_, n) =>
      surprisePrompt({ nouns: ["cat", "owl"] }, examples, BigInt(n)),
    );
    expect(new Set(prompts)).toEqual(new Set(["a cat on grass", "an owl on grass"]));
    expect(surprisePrompt({}, examples, 1n)).toBeNull();
    expect(surprisePrompt({ words: ["a"] }, [], 1n)).toBeNull();
  });
});
