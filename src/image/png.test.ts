import { createHash } from "node:crypto";
import fc from "fast-check";
import { decode } from "fast-png";
import { describe, expect, it } from "vitest";
import { Failure } from "../core/failure";
import type { Rgba } from "../core/pixels";
import { encodePng, readPngText } from "./png";
import { chunkBytes, chunks, concatenate, SIGNATURE } from "./pngChunks";

/** A picture that is not square, with every byte value. */
function gradient(widthPx: number, heightPx: number): Rgba {
  const bytes = new Uint8ClampedArray(4 * widthPx * heightPx);
  for (let i = 0; i < bytes.length; i++) bytes[i] = i % 4 === 3 ? 255 : (i * 7 + Math.floor(i / 61)) % 256;
  return { widthPx, heightPx, bytes };
}

/** Any characters but halves of pairs. */
const anyText = fc
  .array(fc.nat(0x10ffff).filter((code) => code < 0xd800 || code > 0xdfff))
  .map((codes) => String.fromCodePoint(...codes));

const end = chunkBytes("IEND", new Uint8Array());
const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("encodePng", () => {
  it("keeps every pixel, and stands before a reader that checks sums", () => {
    const picture = gradient(40, 24);
    const read = decode(encodePng(picture, { parameters: "é" }), { checkCrc: true });
    expect([read.width, read.height, read.channels, read.depth]).toEqual([40, 24, 3, 8]);
    expect(Array.from(read.data)).toEqual([...picture.bytes].filter((_, i) => i % 4 !== 3));
    expect(read.text).toEqual({ parameters: "é" });
  });

  it("gives the bytes that it gave yesterday, on any machine", () => {
    expect(sha256(encodePng(gradient(64, 48), { parameters: "a cat 🐱", other: "plain" }))).toBe(
      "e794f70c7e7d6f5f76cedbdfdb5efa8f5bd802ba478aecbbe4501d45cc13fde6",
    );
  });

  it("puts text before the pixels: Latin-1 as tEXt, the rest as iTXt", () => {
    const file = encodePng(gradient(2, 2), { parameters: "déjà vu", more: "猫" });
    expect([...chunks(file)].map(({ name }) => name)).toEqual(["IHDR", "tEXt", "iTXt", "IDAT", "IEND"]);
  });

  it("gives any text back", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(readPngText(encodePng(gradient(1, 1), { parameters: text })).get("parameters")).toBe(text);
      }),
      { numRuns: 50 },
    );
  });

  it("keeps keywords within the format", () => {
    for (const keyword of ["", " a", "é", "x".repeat(80)])
      expect(() => encodePng(gradient(1, 1), { [keyword]: "" })).toThrow(Failure);
  });
});

describe("readPngText", () => {
  const text = (keyword: string, value: string) => chunkBytes("tEXt", ascii(`${keyword}\0${value}`));
  const file = (...parts: Uint8Array[]) => concatenate([SIGNATURE, ...parts, end]);

  it("takes the first of two, keeps odd names harmless, and stops at the end", () => {
    const texts = readPngText(
      concatenate([file(text("a", "1"), text("a", "2"), text("__proto__", "x")), text("b", "3")]),
    );
    expect([...texts]).toEqual([
      ["a", "1"],
      ["__proto__", "x"],
    ]);
  });

  it("leaves out what it cannot read: compressed, not UTF-8, without a keyword", () => {
    const itxt = (...bytes: number[]) => chunkBytes("iTXt", Uint8Array.of(0x61, 0, ...bytes));
    expect(readPngText(file(itxt(1, 0, 0, 0, 0x61))).size).toBe(0);
    expect(readPngText(file(itxt(0, 0, 0, 0, 0xc3))).size).toBe(0);
    expect(readPngText(file(itxt(0, 0))).size).toBe(0);
    expect(
      readPngText(file(chunkBytes("tEXt", ascii("no end")), text("", "x"), text("k".repeat(80), "x"))).size,
    ).toBe(0);
  });

  it("refuses what is not PNG, is damaged, cut off or overloaded", () => {
    const good = encodePng(gradient(8, 8), { parameters: "x" });
    const damaged = good.slice();
    damaged[45] = (damaged[45] ?? 0) ^ 1;
    const liar = file(text("a", "b"));
    new DataView(liar.buffer).setUint32(8, 0xffffffff);
    const many = file(...Array.from({ length: 17 }, (_, i) => text(`k${i}`, "")));
    const long = file(text("k", "x".repeat(2 ** 20)));
    expect(() => readPngText(ascii("GIF89a"))).toThrow("not a PNG");
    expect(() => readPngText(damaged)).toThrow("checksum");
    expect(() => readPngText(good.slice(0, -13))).toThrow("cut off");
    expect(() => readPngText(liar)).toThrow("cut off");
    expect(() => readPngText(many)).toThrow("too much text");
    expect(() => readPngText(long)).toThrow("too much text");
  });

  it("never throws anything but a Failure, whatever the bytes", () => {
    const good = encodePng(gradient(3, 3), { parameters: "a: b", other: "猫" });
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.nat(good.length),
        (changes, length) => {
          const mutant = good.slice(0, length);
          for (const [at, byte] of changes) if (at < length) mutant[at] = byte;
          try {
            expect(readPngText(mutant).size).toBeLessThanOrEqual(2);
          } catch (error) {
            expect(error).toBeInstanceOf(Failure);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
