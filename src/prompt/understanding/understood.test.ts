import fc from "fast-check";
import { describe, expect, it } from "vitest";
import card from "../../../models/tinyworld/afterimage.json";
import table from "../../../models/tinyworld/meanings.json";
import strangers from "../../../models/training/evaluation/strangers.json";
import { unknownWords } from "../words";
import { type Meanings, NO_MEANINGS } from "./meanings";
import { type Understood, understanding } from "./understood";

const VOCABULARY = card.vocabulary;
const made = understanding(VOCABULARY, table);
if (made === null) throw new Error("the model in the box says which words are nouns");
const understand = made;
const draws = (text: string): string => understand(text).draws;
const leftOut = (text: string): readonly string[] =>
  understand(text).leftOut.map(([begin, end]) => text.slice(begin, end));
const unknownIn = unknownWords(VOCABULARY.words);

describe("understanding", () => {
  it.each([
    ["three red apples on a table", "three red apples"],
    ["An elephant in Paris, photorealistic, 4k", "an elephant"],
    ["a cat wearing a hat", "a cat"],
    ["my beautiful kitty, 8k, trending on artstation", "a cat"],
    ["forest at midnight, oil painting", "a tree at night"],
    ["a tiny poodle and a BIG mansion", "a small dog and a big house"],
    ["a cat, a dog, a fox on a rug", "a cat, a dog and a fox"],
    ["a robot on top of my red sedan", "a robot on top of a red car"],
    ["my cats", "two cats"],
    ["an old beach at sunset", "an empty scene on the beach at sunset"],
    ["a lovely heart on a blue backdrop", "a heart on a blue background"],
    ["a cat and a blue train", "a cat"],
    ["a lovely snowy castle", "a castle in the snow"],
    ["the dog's ball", "a dog"],
    ["a snowman without a hat, without dogs", "a snowman"],
    ["a robot, pixelart", "a robot, pixel art"],
  ])("of %s the model is sent: %s", (text, sent) => expect(draws(text)).toBe(sent));

  it.each([
    ["Zwei Katzen im Schnee", "two cats in the snow"],
    ["drei rote Äpfel auf dem Tisch", "three red apples"],
    ["un chat noir dans la neige", "a black cat in the snow"],
    ["l'éléphant", "an elephant"],
    ["un gato negro en la playa por la noche", "a black cat on the beach at night"],
    ["un muneco de nieve", "a snowman"],
    ["tre mele rosse", "three red apples"],
    ["um cachorro na praia", "a dog on the beach"],
    ["雪の中の猫", "a cat in the snow"],
    ["赤いりんごが三つ", "three red apples"],
    ["三只红苹果", "three red apples"],
    ["一只猫在雪地里", "a cat in the snow"],
    ["🐱🍕", "a cat and a pizza"],
    ["🐶🐶🐶 on the beach", "three dogs on the beach"],
    ["❤️", "a heart"],
  ])("%s is: %s", (text, sent) => expect(draws(text)).toBe(sent));

  it("a text that is known whole is sent exactly as it was typed", () => {
    for (const text of [
      "Two  CATS in the snow!",
      "a castle on the grass at dawn",
      "",
      "...",
      "2 cats",
      "a of with",
    ]) {
      expect(understand(text)).toMatchObject({
        draws: text,
        isChanged: false,
        leftOut: [],
        nothingKnown: false,
      });
    }
  });

  it("a number that is too high becomes the highest, and is told", () => {
    expect(understand("5 cats")).toMatchObject({
      draws: "four cats",
      notes: [{ kind: "count", said: "5", drawn: "four" }],
    });
    expect(draws("hundreds of lovely rabbits")).toBe("four rabbits");
  });

  it.each([
    "hat",
    "Paris",
    "happy",
    "hour",
    "hit",
    "beer",
    "from",
    "carton",
    "Mario",
    "hot dog",
    "火星",
    "chat",
    "mare",
  ])("%s is no slip and no part of a known word: nothing is known", (text) => {
    expect(understand(text)).toMatchObject({ draws: "", nothingKnown: true, leftOut: [[0, text.length]] });
  });

  it.each([
    ["a crown in the snw", "a crown in the snow"],
    ["a purple penquin", "a purple penguin"],
    ["a buterfly", "a butterfly"],
    ["teh dgo", "a dog"],
    ["a strawbery", "a strawberry"],
  ])("the slips of %s are forgiven, and told: %s", (text, sent) => {
    const { draws: sentence, notes } = understand(text);
    expect(sentence).toBe(sent);
    expect(notes).toContainEqual(expect.objectContaining({ kind: "spelling" }));
  });

  it("says which stretches of the text are left out", () => {
    expect(leftOut("three red apples on a table, 8k")).toEqual(["table", "8k"]);
    expect(leftOut("a very old cat")).toEqual(["very old"]);
    expect(leftOut("かわいい謎の犬")).toEqual(["謎"]);
    expect(leftOut("Zwei Katzen im Schnee")).toEqual([]);
  });

  it("where nothing is known, three other pictures keep what was understood, and are known whole", () => {
    for (const text of [
      "a red Lamborghini at night",
      "Paris",
      "qwertz",
      "hello world, pixel art",
      "🛸",
      "こんにちは",
    ]) {
      const { nothingKnown, ideas } = understand(text);
      expect(nothingKnown, text).toBe(true);
      expect(new Set(ideas).size, text).toBe(3);
      for (const idea of ideas)
        expect(understand(idea), idea).toMatchObject({ draws: idea, isChanged: false });
      expect(understand(text).ideas).toEqual(ideas);
    }
    for (const idea of understand("a red Lamborghini at night").ideas)
      expect(idea).toMatch(/^a red \w+ at night$/);
    for (const idea of understand("hello world, pixel art").ideas) expect(idea).toMatch(/, pixel art$/);
    expect(understand("a cat wearing a hat").ideas).toEqual([]);
  });

  it("strangers' prompts: at least nine in ten name exactly the things that they should", () => {
    const things = VOCABULARY.nouns.map((noun, n) => ({ noun, said: [noun, VOCABULARY.plurals[n] ?? noun] }));
    const named = ({ draws: sentence }: Understood) =>
      things.flatMap(({ noun, said }) =>
        said.some((word) => ` ${sentence.replaceAll(",", "")} `.includes(` ${word} `)) ? [noun] : [],
      );
    const wrong = strangers.filter(({ text, things: wanted }) => {
      const got = named(understand(text));
      return got.length !== wanted.length || !wanted.every((thing) => got.includes(thing));
    });
    expect(strangers).toHaveLength(60);
    expect(
      wrong.length / strangers.length,
      JSON.stringify(wrong.map(({ text }) => [text, draws(text)])),
    ).toBeLessThanOrEqual(0.1);
  });

  const lists: Meanings["languages"] = table.languages;
  const words = Object.values(lists).flatMap((kinds) =>
    Object.values(kinds).flatMap((entries) => Object.values(entries).flatMap((said) => said.split(/[,;]/))),
  );
  const texts = fc
    .array(
      fc.oneof(
        fc.constantFrom(...words),
        fc.constantFrom(...VOCABULARY.words),
        fc.string({ unit: "binary", maxLength: 8 }),
      ),
      {
        maxLength: 12,
      },
    )
    .chain((parts) => fc.constantFrom(" ", ", ", "").map((glue) => parts.join(glue)));

  it("what is sent has only words of the vocabulary, and is sent as it is when typed; places lie in the text", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const { draws: sentence, leftOut: stretches, isChanged } = understand(text);
        expect(unknownIn(sentence)).toEqual([]);
        expect(draws(sentence)).toBe(sentence);
        expect(isChanged).toBe(sentence !== text);
        const places = stretches.flat();
        expect(places).toEqual(places.toSorted((a, b) => a - b));
        for (const place of places) expect(place).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["one word", "x".repeat(16_000)],
    ["unknown words", "zebra ".repeat(2700)],
    ["known words", `${"cat ".repeat(4000)}x`],
    ["a run of Chinese", "猫火".repeat(8000)],
    ["emoji", "🐱".repeat(8000)],
  ])("16,000 characters of %s are cheap", (_, text) => {
    const start = performance.now();
    understand(text);
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it("without a table the vocabulary alone is understood; without nouns nothing can be", () => {
    const bare = understanding(VOCABULARY, NO_MEANINGS);
    expect(bare?.("three red apples in Paris, Katze").draws).toBe("three red apples");
    expect(understanding({ words: ["a", "cat"] }, NO_MEANINGS)).toBeNull();
  });
});
