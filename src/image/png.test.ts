import { createHash } from "node:crypto";
import fc from "fast-check";
import { decode } from "fast-png";
import { describe, expect, it } from "vitest";
import { Failure } from "../core/failure";
import type { Rgba } from "../core/pixels";
import { encodePng } from "./png";
import { chunks } from "./pngChunks";
import { readPngText } from "./pngText";

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

/** Letters whose bytes are often valid UTF-8. */
const latin1Text = fc.string({ unit: fc.constantFrom("Ã", "Â", "©", "a") });

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
      fc.property(fc.oneof(anyText, latin1Text), (text) => {
        const file = encodePng(gradient(1, 1), { parameters: text });
        expect(readPngText(file, ["parameters"]).get("parameters")).toBe(text);
      }),
      { numRuns: 100 },
    );
  });

  it("keeps keywords within the format", () => {
    for (const keyword of ["", " a", "é", "x".repeat(80)])
      expect(() => encodePng(gradient(1, 1), { [keyword]: "" })).toThrow(Failure);
  });
});
