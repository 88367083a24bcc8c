import fc from "fast-check";
import { zlibSync } from "fflate";
import { describe, expect, it } from "vitest";
import { Failure } from "../core/failure";
import { toUtf8 } from "./characters";
import { encodePng } from "./png";
import { chunkBytes, concatenate, SIGNATURE } from "./pngChunks";
import { readPngText } from "./pngText";

const end = chunkBytes("IEND", new Uint8Array());
const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const levels = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const;
const black = { widthPx: 8, heightPx: 8, bytes: new Uint8ClampedArray(4 * 8 * 8) };

describe("readPngText", () => {
  const text = (keyword: string, value: string) => chunkBytes("tEXt", ascii(`${keyword}\0${value}`));
  const file = (...parts: Uint8Array[]) => concatenate([SIGNATURE, ...parts, end]);

  it("takes the first of two, keeps odd names harmless, and stops at the end", () => {
    const texts = readPngText(
      concatenate([file(text("a", "1"), text("a", "2"), text("__proto__", "x")), text("b", "3")]),
      ["a", "b", "__proto__"],
    );
    expect([...texts]).toEqual([
      ["a", "1"],
      ["__proto__", "x"],
    ]);
  });

  it("leaves out what it cannot read: an unknown method, not UTF-8, without a keyword", () => {
    const itxt = (...bytes: number[]) => chunkBytes("iTXt", Uint8Array.of(0x61, 0, ...bytes));
    const ztxt = chunkBytes("zTXt", Uint8Array.of(0x61, 0, 1, 2, 3));
    for (const chunk of [
      itxt(2, 0, 0, 0, 0x61),
      itxt(1, 1, 0, 0, 0x61),
      itxt(0, 0, 0, 0, 0xc3),
      itxt(0, 0),
      ztxt,
    ])
      expect(readPngText(file(chunk), ["a"]).size).toBe(0);
    const names = ["", "no end", "k".repeat(80)];
    expect(
      readPngText(file(chunkBytes("tEXt", ascii("no end")), text("", "x"), text("k".repeat(80), "x")), names)
        .size,
    ).toBe(0);
  });

  it("reads bytes beyond ASCII as UTF-8 if they are, else as Latin-1", () => {
    const read = (bytes: Uint8Array) =>
      readPngText(file(chunkBytes("tEXt", concatenate([ascii("k\0"), bytes]))), ["k"]).get("k");
    expect(read(toUtf8("テスト, ein Café 🐱"))).toBe("テスト, ein Café 🐱");
    expect(read(ascii("ein Caf\u00e9"))).toBe("ein Café");
    expect(read(ascii("plain"))).toBe("plain");
  });

  it("inflates any compressed text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 3000 }), fc.nat(9), (value, level) => {
        const stream = zlibSync(toUtf8(value), { level: levels[level] ?? 6 });
        const ztxt = chunkBytes("zTXt", concatenate([ascii("k\0\0"), stream]));
        const itxt = chunkBytes("iTXt", concatenate([ascii("k\0\x01\0en\0k\0"), stream]));
        for (const chunk of [ztxt, itxt]) expect(readPngText(file(chunk), ["k"]).get("k")).toBe(value);
      }),
    );
  });

  it("inflates streams that end anywhere in a piece", () => {
    for (let length = 1000; length < 1060; length++) {
      const stream = zlibSync(new Uint8Array(length).fill(0x61), { level: 0 });
      const ztxt = chunkBytes("zTXt", concatenate([ascii("k\0\0"), stream]));
      expect(readPngText(file(ztxt), ["k"]).get("k")).toBe("a".repeat(length));
    }
  });

  it("refuses a bomb and a damaged stream in a sentence, but only where the text is wanted", () => {
    const bomb = zlibSync(new Uint8Array(2 ** 26), { level: 9 });
    for (const [stream, sentence] of [
      [bomb, "larger than 1048576 bytes"],
      [bomb.subarray(0, 40), "damaged"],
      [ascii("no zlib stream"), "damaged"],
      [new Uint8Array(), "damaged"],
    ] as const)
      for (const [name, head] of [
        ["zTXt", "k\0\0"],
        ["iTXt", "k\0\x01\0\0\0"],
      ] as const) {
        const picture = file(chunkBytes(name, concatenate([ascii(head), stream])));
        expect(() => readPngText(picture, ["k"])).toThrow(sentence);
        expect(() => readPngText(picture, ["k"])).toThrow(Failure);
        expect(readPngText(picture, ["other"]).size).toBe(0);
      }
  });

  it("refuses what is not PNG, is damaged or cut off, and a text that is too long where it is wanted", () => {
    const good = encodePng(black, { parameters: "x" });
    const damaged = good.slice();
    damaged[45] = (damaged[45] ?? 0) ^ 1;
    const liar = file(text("a", "b"));
    new DataView(liar.buffer).setUint32(8, 0xffffffff);
    const long = file(text("k", "x".repeat(2 ** 20)));
    expect(() => readPngText(ascii("GIF89a"), ["k"])).toThrow("not a PNG");
    expect(() => readPngText(damaged, ["k"])).toThrow("checksum");
    expect(() => readPngText(good.slice(0, -13), ["k"])).toThrow("cut off");
    expect(() => readPngText(liar, ["k"])).toThrow("cut off");
    expect(() => readPngText(long, ["k"])).toThrow("too much text");
    expect(readPngText(long, ["parameters"]).size).toBe(0);
  });

  it("never throws anything but a Failure, whatever the bytes", () => {
    const good = encodePng(black, { parameters: "a: b", other: "猫" });
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.nat(good.length),
        (changes, length) => {
          const mutant = good.slice(0, length);
          for (const [at, byte] of changes) if (at < length) mutant[at] = byte;
          try {
            expect(readPngText(mutant, ["parameters", "other"]).size).toBeLessThanOrEqual(2);
          } catch (error) {
            expect(error).toBeInstanceOf(Failure);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
