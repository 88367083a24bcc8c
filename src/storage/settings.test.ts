import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS, loadSettings, parseSettings, type Settings, saveSettings } from "./settings";

function memory(initial: Record<string, string> = {}) {
  const entries = new Map(Object.entries(initial));
  const store = {
    getItem: (key: string) => entries.get(key) ?? null,
    setItem: (key: string, text: string) => void entries.set(key, text),
  };
  return { entries, open: () => store };
}

const anySettings: fc.Arbitrary<Settings> = fc.record({
  prompt: fc.string({ maxLength: 200, unit: "grapheme" }),
  negativePrompt: fc.string({ maxLength: 200 }),
  steps: fc.option(fc.integer({ min: 1, max: 1000 })),
  guidanceScale: fc.option(fc.integer({ min: 2, max: 60 }).map((half) => half / 2)),
  guidanceStart: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
  guidanceStop: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
  sampler: fc.option(fc.constantFrom("ddim", "euler_a", "lcm")),
  weights: fc.constantFrom("full", "few_step"),
  bestOf: fc.constantFrom(1, 2, 4, 8),
  shape: fc.constantFrom("native", "small", "square", "landscape", "portrait"),
  seed: fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)),
  backend: fc.constantFrom("auto", "webgpu", "wasm"),
  theme: fc.constantFrom("system", "light", "dark"),
  isEveryWordSent: fc.boolean(),
  isMoreOpen: fc.boolean(),
  isPreviewShown: fc.boolean(),
  isLive: fc.boolean(),
  keptModelId: fc.option(fc.string({ minLength: 1, maxLength: 100 })),
  isModelOpening: fc.boolean(),
  hubUrl: fc.constantFrom("https://huggingface.co", "http://127.0.0.1:8080/hub"),
});

describe("settings", () => {
  it("what was saved is what is read, for any settings", () => {
    fc.assert(
      fc.property(anySettings, (settings) => {
        const { open } = memory();
        expect(saveSettings(open, settings)).toBe(true);
        expect(loadSettings(open)).toEqual({ settings, problem: null });
      }),
    );
  });

  it("any JSON gives valid settings: what it gives can be saved and read without a problem", () => {
    fc.assert(
      fc.property(fc.json(), (stored) => {
        const { settings } = parseSettings(stored);
        const { open } = memory();
        saveSettings(open, settings);
        expect(loadSettings(open)).toEqual({ settings, problem: null });
      }),
    );
  });

  it("any text that is no envelope gives the defaults, a problem, and the text set aside", () => {
    for (const stored of ["", "{", "null", "[]", '{"version":99,"settings":{}}', '"x"', "{}"]) {
      const { entries, open } = memory({ "afterimage.settings": stored });
      expect(loadSettings(open)).toEqual({ settings: DEFAULT_SETTINGS, problem: "unreadable" });
      expect(entries.get("afterimage.settings.unreadable")).toBe(stored);
    }
  });

  it.each([
    ["steps", 0],
    ["steps", 2.5],
    ["steps", "20"],
    ["guidanceScale", Number.MAX_VALUE],
    ["guidanceStart", -0.1],
    ["guidanceStop", 1.01],
    ["guidanceStop", null],
    ["sampler", "toString"],
    ["seed", "18446744073709551616"],
    ["seed", "-1"],
    ["bestOf", 3],
    ["backend", "cuda"],
    ["prompt", "x".repeat(20_001)],
    ["theme", null],
    ["keptModelId", ""],
    ["hubUrl", "javascript:alert(1)"],
    ["hubUrl", "https://hub.example/"],
  ])("a bad %s costs that field alone (%j)", (name, bad) => {
    const stored = JSON.stringify({
      version: 1,
      settings: { negativePrompt: "fog", isMoreOpen: true, [name]: bad },
    });
    const expected = { ...DEFAULT_SETTINGS, negativePrompt: "fog", isMoreOpen: true };
    expect(parseSettings(stored)).toEqual({ settings: expected, problem: "unreadable" });
  });

  it("a field that an older version did not have takes its default without a word", () => {
    const stored = JSON.stringify({ version: 1, settings: { prompt: "a cat" } });
    expect(parseSettings(stored)).toEqual({
      settings: { ...DEFAULT_SETTINGS, prompt: "a cat" },
      problem: null,
    });
  });

  it("keys of no setting, __proto__ among them, change nothing", () => {
    const stored = '{"version":1,"settings":{"__proto__":{"prompt":"x"},"constructor":1,"prompt":"a cat"}}';
    expect(parseSettings(stored).settings).toEqual({ ...DEFAULT_SETTINGS, prompt: "a cat" });
  });

  it("a browser that forbids storage costs nothing but the memory of it", () => {
    const forbid = () => {
      throw new Error("SecurityError");
    };
    expect(loadSettings(forbid)).toEqual({ settings: DEFAULT_SETTINGS, problem: "blocked" });
    expect(saveSettings(forbid, DEFAULT_SETTINGS)).toBe(false);
  });
});
