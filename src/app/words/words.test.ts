import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawsText } from "./drawsText";
import { kindLabel, lexiconOf } from "./lexicon";
import { shortened } from "./shortened";
import { suggestionsAt, wordBegunAt } from "./suggest";
import { ideaPrompt, surprisePrompt, withWord } from "./surprise";

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

  it.each(["hat", "Paris", "hour", "happy", "a dragun"])("has nothing to say to %s", (text) =>
    expect(offered(text)).toEqual([]),
  );

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

describe("wordBegunAt", () => {
  it("is where the word begins that ends at the caret", () => {
    expect(wordBegunAt("a red ca", 8)).toBe(6);
    expect(wordBegunAt("café", 4)).toBe(0);
    expect(wordBegunAt("a cat", 1)).toBe(0);
  });

  it("is nowhere after a space, in the middle of a word, and in scripts that write no spaces", () => {
    for (const [text, caret] of [
      ["a cat ", 6],
      ["a cat,", 6],
      ["", 0],
      ["a cat", 3],
      ["雪の中の猫", 5],
      ["🐱", 2],
    ] as const)
      expect(wordBegunAt(text, caret), text).toBeNull();
  });

  it("a word of 16,000 letters costs no more than a short one", () => {
    expect(wordBegunAt("x".repeat(16_000), 16_000)).toBe(16_000 - 80);
  });
});

describe("withWord", () => {
  it.each([
    ["", "owl", "owl"],
    ["a", "owl", "an owl"],
    ["a cat and a ", "owl", "a cat and an owl"],
    ["an", "cat", "a cat"],
    ["a", "unicorn", "a unicorn"],
    ["two", "owls", "two owls"],
    ["a cat", "owl", "a cat owl"],
  ])("%j and %s are %j", (prompt, word, both) => expect(withWord(prompt, word)).toBe(both));
});

describe("shortened", () => {
  it("keeps whole words, and says that there is more", () => {
    expect(shortened("a  cat\non a mat")).toBe("a cat on a mat");
    const words = "lighthouse ".repeat(20);
    expect(shortened(words)).toMatch(/^(lighthouse )+lighthouse…$/);
    expect(shortened(words).length).toBeLessThanOrEqual(81);
    expect(shortened("x".repeat(500))).toBe(`${"x".repeat(79)}…`);
  });
});

describe("drawsText", () => {
  const understood = {
    draws: "a cat",
    isChanged: true,
    leftOut: [],
    most: null,
    nothingKnown: false,
    ideas: [],
  };
  const report = { text: "", tokens: 1, limit: 75, overflow: "", understood };

  it("says what is drawn where that is not what was typed, and nothing elsewhere", () => {
    expect(drawsText(report)).toBe("Draws: a cat");
    expect(drawsText({ ...report, understood: { ...understood, draws: "four cats", most: "four" } })).toBe(
      "Draws: four cats (four at most)",
    );
    expect(drawsText({ ...report, understood: { ...understood, draws: "", nothingKnown: true } })).toMatch(
      /^Draws: nothing of this/,
    );
    for (const silent of [
      null,
      { ...report, understood: null },
      { ...report, understood: { ...understood, isChanged: false } },
    ])
      expect(drawsText(silent)).toBe("");
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
    expect(ideaPrompt({}, [], 1n)).toMatch(/^an? \w+/);
  });
});
