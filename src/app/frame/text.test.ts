import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pictureFileName } from "../drawing/fileName";
import { parseSeed, randomSeed } from "../drawing/seed";
import { struckSegments } from "../words/struckSegments";
import { failureText, REMEDY_LABELS } from "./failureText";

const CODES = [
  "cancelled",
  "device-lost",
  "out-of-memory",
  "storage-full",
  "model-corrupt",
  "model-missing",
  "unsupported",
  "bad-request",
  "internal",
] as const;

describe("failureText", () => {
  it.each(CODES)("%s has sentences and at least one way out that has a name", (code) => {
    const situations = (["alive", "dead"] as const).flatMap((worker) =>
      (["bundled", "other"] as const).map((model) => ({ worker, model })),
    );
    for (const situation of situations) {
      const { title, advice, remedies } = failureText(code, situation);
      expect(title).toMatch(/^[A-Z].+\.$/);
      expect(advice).toMatch(/^[A-Z].+\.$/);
      expect(remedies.length).toBeGreaterThan(0);
      for (const remedy of remedies) expect(REMEDY_LABELS[remedy]).toBeTruthy();
    }
  });

  it.each(CODES)("once the worker is dead, the first way out of %s starts a new one", (code) => {
    for (const model of ["bundled", "other"] as const)
      expect(failureText(code, { worker: "dead", model }).remedies[0]).toBe("restart-worker");
  });

  it.each(["out-of-memory", "model-corrupt", "model-missing", "unsupported"] as const)(
    "from %s of another model a way leads back to the one in the box, which has none to itself",
    (code) => {
      expect(failureText(code, { worker: "alive", model: "other" }).remedies).toContain("use-bundled");
      expect(failureText(code, { worker: "alive", model: "bundled" }).remedies).not.toContain("use-bundled");
    },
  );
});

describe("pictureFileName", () => {
  it.each([
    ["A cat, on grass!", "afterimage-7-a-cat-on-grass.png"],
    ["", "afterimage-7.png"],
    ["///", "afterimage-7.png"],
    ["Café à la crème", "afterimage-7-cafe-a-la-creme.png"],
    ["猫と月", "afterimage-7-猫と月.png"],
    ["../../etc/passwd", "afterimage-7-etc-passwd.png"],
    ["a\u202Egnp.exe", "afterimage-7-a-gnp-exe.png"],
  ])("%j is called %s", (prompt, name) => expect(pictureFileName({ seed: 7n, prompt })).toBe(name));

  const SHAPE = /^afterimage-\d+(-[\p{L}\p{N}]+)*\.png$/u;

  it("any prompt gives letters, digits and hyphens, and at most 120 characters", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 100 }),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        (prompt, seed) => {
          const name = pictureFileName({ seed, prompt });
          expect(name).toMatch(SHAPE);
          expect([...name].length).toBeLessThanOrEqual(120);
        },
      ),
    );
  });
});

describe("struckSegments", () => {
  const understood = { draws: "", isChanged: true, most: null, nothingKnown: false, ideas: [] };
  const struck = (prompt: string, text: string, leftOut: readonly (readonly [number, number])[]) =>
    struckSegments(prompt, {
      text,
      tokens: 1,
      limit: 75,
      overflow: "",
      understood: { ...understood, leftOut },
    });

  it("the segments join up to the prompt again, and those that are left out are struck", () => {
    const segments = struck("a hat on a cat, 8k", "a hat on a cat, 8k", [
      [2, 5],
      [16, 18],
    ]);
    expect(segments.map(({ text }) => text).join("")).toBe("a hat on a cat, 8k");
    expect(segments.filter(({ isStruck }) => isStruck).map(({ text }) => text)).toEqual(["hat", "8k"]);
  });

  it("a report on an earlier text strikes only where nothing has changed", () => {
    const marked = (prompt: string) =>
      struck(prompt, "a hat, 8k", [
        [2, 5],
        [7, 9],
      ]).flatMap(({ text, isStruck }) => (isStruck ? [text] : []));
    expect(marked("a hat, 8k and a cat")).toEqual(["hat", "8k"]);
    expect(marked("a hat on a cat")).toEqual(["hat"]);
    expect(marked("the cat")).toEqual([]);
    expect(struckSegments("a cat", null)).toEqual([{ begin: 0, text: "a cat", isStruck: false }]);
    expect(struckSegments("", null)).toEqual([]);
  });
});

describe("seeds", () => {
  it.each(["", "-1", "1.5", "0x10", "18446744073709551616", "1e3", "seven"])("%j names no seed", (text) =>
    expect(parseSeed(text)).toBeNull(),
  );

  it("every seed reads back as itself", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (seed) => {
        expect(parseSeed(` ${seed} `)).toBe(seed);
      }),
    );
  });

  it("a seed nobody chose is a seed", () => {
    expect(parseSeed(randomSeed().toString())).not.toBeNull();
  });
});
