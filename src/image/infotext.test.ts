import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Failure } from "../core/failure";
import { type Recipe, SAMPLER_NAMES, type SamplerId, WEIGHTS } from "../core/recipe";
import { readInfotext, writeInfotext } from "./infotext";
import { readSettings, settingsLine } from "./infotextSettings";

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

  it("reads every recipe that was written, whatever is in it", () => {
    fc.assert(
      fc.property(recipes, text, fc.option(text), (drawn, model, typed) => {
        const recipe = typed === null ? drawn : { ...drawn, typed };
        expect(readInfotext(writeInfotext({ recipe, model, version: "v" }))).toEqual({
          recipe,
          model,
          version: "v",
        });
      }),
      { numRuns: 1000 },
    );
  });

  it("reads a picture of another program, and leaves aside what no recipe has", () => {
    const foreign = [
      "girl with an artist's beret, ((eyeshadow)), detailed: yes",
      "second line",
      "Negative prompt: ugly, (((deformed))), [blurry]",
      'Steps: 20, Sampler: Euler a, Schedule type: Automatic, CFG scale: 7.5, Seed: 9007199254740993, Size: 512x768, Model hash: 45dee52b, Model: my-model-v1, TI hashes: "a: 1, b: 2", Clip skip: 2, Version: v1.10.1',
    ].join("\n");
    expect(readInfotext(foreign)).toEqual({
      recipe: {
        prompt: "girl with an artist's beret, ((eyeshadow)), detailed: yes\nsecond line",
        negativePrompt: "ugly, (((deformed))), [blurry]",
        seed: 9007199254740993n,
        steps: 20,
        guidanceScale: 7.5,
        guidanceRescale: 0,
        guidanceStart: 0,
        guidanceStop: 1,
        weights: "full",
        sampler: "euler_a",
        eta: 0,
        widthPx: 512,
        heightPx: 768,
      },
      model: "my-model-v1",
      version: "v1.10.1",
    });
  });

  it.each([
    ["only a prompt", "a cat, a dog: yes", /no line of settings/],
    ["a sampler we have not", write({}).replace("DPM++ 2M", "DPM++ 3M SDE"), /Sampler.*DPM\+\+ 3M SDE/],
    ["weights we have not", write({ weights: "few_step" }).replace("few_step", "half"), /Weights.*"half"/],
    ["no seed", write({}).replace("Seed: 965400086, ", ""), /Seed.*got nothing/],
    ["a seed too large", write({ seed: 2n ** 64n - 1n }).replace("1615,", "1616,"), /Seed/],
    ["no steps", write({}).replace("Steps: 20", "Steps: 0"), /Steps/],
    ["too many steps", write({}).replace("Steps: 20", "Steps: 1001"), /Steps/],
    ["a number that is none", write({}).replace("CFG scale: 7", "CFG scale: 1.2.3"), /CFG scale.*1\.2\.3/],
    ["a size that is none", write({}).replace("512x256", "512"), /Size/],
    [
      "a start after the end of the run",
      write({ guidanceStart: 0.5 }).replace("Early CFG: 0.5", "Early CFG: 1.5"),
      /Skip Early CFG/,
    ],
    ["a stop that is none", write({ guidanceStop: 0.5 }).replace("end: 0.5", "end: late"), /CFG end.*"late"/],
    ["an eta too large", write({ eta: 1 }).replace("Eta DDIM: 1", "Eta DDIM: 1.5"), /Eta/],
    ["a book", "x".repeat(2 ** 20 + 1), /characters long/],
  ])("refuses %s with a sentence", (_, bad, sentence) => {
    expect(() => readInfotext(bad)).toThrow(Failure);
    expect(() => readInfotext(bad)).toThrow(sentence);
  });
});

describe("readSettings", () => {
  it("takes the first of two, and passes over what is not a setting", () => {
    const line =
      'noise, A b: 1, A b: 2, : x, (odd): 3, __proto__: p, q: "a, \\"b\\": c", broken: "x, last: 9';
    expect([...readSettings(line)]).toEqual([
      ["A b", "1"],
      ["__proto__", "p"],
      ["q", 'a, "b": c'],
      ["broken", '"x'],
      ["last", "9"],
    ]);
  });

  it("never throws, and reads any values that were written", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.array(fc.string({ unit: "binary" }), { maxLength: 4 }),
        (line, values) => {
          readSettings(line);
          const settings = values.map((value, i): [string, string] => [`Key ${i}`, value]);
          expect([...readSettings(settingsLine(settings))]).toEqual(settings);
        },
      ),
    );
  });

  it.each(["a", "a:", 'a:"', 'a: "\\', "a,", ",:", 'a:"\\q",', "a:a,"])(
    "takes linear time on repeated %s",
    (unit) => {
      const line = unit.repeat(100_000 / unit.length);
      const start = performance.now();
      readSettings(line);
      expect(performance.now() - start).toBeLessThan(2000);
    },
  );
});
