import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Failure } from "../../core/failure";
import {
  type Recipe,
  SAMPLER_NAMES,
  type SamplerId,
  type SigmaSpacing,
  usesSigmaSpacing,
  WEIGHTS,
} from "../../core/recipe";
import { readInfotext } from "./readInfotext";
import { writeInfotext } from "./writeInfotext";

const plain: Recipe = {
  prompt: "a cat on grass at sunset",
  negativePrompt: "",
  seed: 965400086n,
  steps: 20,
  guidanceScale: 7,
  guidanceRescale: 0,
  guidanceStart: 0,
  guidanceStop: 1,
  weights: "full",
  sampler: "dpmpp_2m",
  eta: 0,
  widthPx: 512,
  heightPx: 256,
};
const write = (recipe: Partial<Recipe>) =>
  writeInfotext({ recipe: { ...plain, ...recipe }, model: "TinyWorld", version: "Afterimage 1.2.3" });

describe("writeInfotext", () => {
  it("looks as people's tools expect it", () => {
    expect(write({ negativePrompt: "blurry,\nugly", eta: 0.5, guidanceRescale: 0.7 })).toBe(
      [
        "a cat on grass at sunset",
        "Negative prompt: blurry,",
        "ugly",
        "Steps: 20, Sampler: DPM++ 2M, CFG scale: 7, Seed: 965400086, Size: 512x256, Model: TinyWorld, RNG: NV, CFG rescale: 0.7, Eta DDIM: 0.5, Version: Afterimage 1.2.3",
      ].join("\n"),
    );
  });

  it("begins with the settings if there is no prompt, and quotes what would break the line", () => {
    const text = writeInfotext({ recipe: { ...plain, prompt: "" }, model: 'my "model", v1: b', version: "" });
    expect(text).toMatch(/^Steps: 20, .*, Model: "my \\"model\\", v1: b", RNG: NV$/);
  });

  it("names the weights of a few-step student, and is silent about a model's own", () => {
    expect(write({ weights: "few_step" })).toContain(", Weights: few_step, ");
    expect(write({})).not.toContain("Weights");
  });

  it("names the spacing of noise levels only where it is not the model's own", () => {
    expect(write({ sigmaSpacing: "karras" })).toContain(", Sampler: DPM++ 2M, Schedule type: Karras, ");
    expect(write({})).not.toContain("Schedule");
  });

  it("says when guidance starts and stops in the words of other programs, unless it is the whole run", () => {
    expect(write({ guidanceStart: 0.2, guidanceStop: 0.8 })).toContain(
      ", Skip Early CFG: 0.2, CFG end: 0.8, ",
    );
    expect(write({ guidanceStart: 0.2 })).not.toContain("CFG end");
    expect(write({ guidanceStop: 0.8 })).not.toContain("Skip Early CFG");
  });

  it("says what was typed beside what was drawn, where that is other", () => {
    expect(write({ prompt: "a cat", typed: "Katze, 8k" })).toMatch(
      /^a cat\nSteps: .*, Typed prompt: "Katze, 8k", Version/,
    );
    expect(write({})).not.toContain("Typed");
  });

  it("keeps exactly what readers would change, and only that", () => {
    expect(write({})).not.toContain("Exact");
    expect(write({ prompt: "two\nlines, a: b, c: d, e: f" })).not.toContain("Exact");
    expect(write({ prompt: " cat" })).toContain('Exact prompt: " cat"');
    expect(write({ prompt: "a\nNegative prompt: b" })).toContain(
      'Exact prompt: "a\\nNegative prompt: b", Exact negative prompt: ""',
    );
    expect(write({ prompt: "bell\u0007\u0085" })).toMatch(/^bell\nSteps.*Exact prompt: "bell\\u0007\\u0085"/);
  });
});

describe("readInfotext", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.string({
      unit: fc.constantFrom("a", " ", "\n", "\r", "\t", ",", ":", '"', "\\", "\u0085", "\uD800", "é", "猫"),
      maxLength: 12,
    }),
    fc.constantFrom(
      "Negative prompt:",
      "x\nNegative prompt: y\n Negative prompt: z",
      "Steps: 1, Sampler: a, Seed: 2\n",
    ),
  );
  const part = fc.double({ min: 0, max: 1, noNaN: true }).map(Math.abs);
  const recipes = fc.record({
    prompt: text,
    negativePrompt: text,
    seed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    steps: fc.integer({ min: 1, max: 1000 }),
    guidanceScale: fc.double({ min: 0, max: 1e6, noNaN: true }).map(Math.abs),
    guidanceRescale: part,
    guidanceStart: part,
    guidanceStop: part,
    sampler: fc.constantFrom(...(Object.keys(SAMPLER_NAMES) as SamplerId[])),
    weights: fc.constantFrom(...WEIGHTS),
    eta: part,
    widthPx: fc.integer({ min: 1, max: 16384 }),
    heightPx: fc.integer({ min: 1, max: 16384 }),
  });

  const spacings = fc.constantFrom<SigmaSpacing | null>(null, "trained", "karras", "exponential");

  it("reads every recipe that was written, whatever is in it", () => {
    fc.assert(
      fc.property(recipes, spacings, text, fc.option(text), (plainRecipe, sigmaSpacing, model, typed) => {
        const isSpaced = sigmaSpacing !== null && usesSigmaSpacing(plainRecipe.sampler);
        const recipe = {
          ...plainRecipe,
          ...(isSpaced && { sigmaSpacing }),
          ...(typed !== null && { typed }),
        };
        expect(readInfotext(writeInfotext({ recipe, model, version: "Afterimage 1" }))).toEqual({
          recipe,
          model,
          version: "Afterimage 1",
          missing: [],
          notHonoured: [],
        });
      }),
      { numRuns: 1000 },
    );
  });

  it("never throws anything but a Failure, whatever the text", () => {
    const piece = fc.constantFrom(
      ...'Steps: 2, |\n|Seed: -1|,|:|"|{|[|Negative prompt:|Size: 8x8|a'.split("|"),
      "|",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ unit: "binary" }))), (pieces) => {
        try {
          readInfotext(pieces.join(""));
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      }),
    );
  });

  it.each(["Steps: 1, ", "Steps: 1,\n", "a: {, b\n", "(a", "<a:", " AND", "Negative prompt:\n"])(
    "takes linear time on repeated %j",
    (unit) => {
      const start = performance.now();
      readInfotext(unit.repeat(100_000 / unit.length));
      expect(performance.now() - start).toBeLessThan(20_000);
    },
  );

  it.each([
    ["nothing", " \n ", /empty/],
    ["a book", "x".repeat(2 ** 20 + 1), /characters long/],
  ])("refuses %s with a sentence", (_, bad, sentence) => {
    expect(() => readInfotext(bad)).toThrow(Failure);
    expect(() => readInfotext(bad)).toThrow(sentence);
  });
});
