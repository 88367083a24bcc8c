/** A picture as a PNG file with text inside, and that text back: the same bytes on every machine. */

import { encode } from "fast-png";
import { Failure } from "../core/failure";
import type { Rgba } from "../core/pixels";
import { fromLatin1, fromUtf8, toLatin1, toUtf8 } from "./characters";
import { chunkBytes, chunks, concatenate, SIGNATURE } from "./pngChunks";

/** Our limits on a stranger's file: bytes of one text (as in Pillow), and texts in one file. */
const TEXT_BYTES_MAX = 2 ** 20;
const TEXTS_MAX = 16;

/** Where text goes: after the header, before the pixels, so that readers find it without the whole file. */
const AFTER_HEADER = SIGNATURE.length + 12 + 13;

/** Level and memory are stated, so that no default and no rounding of a logarithm can change the bytes. */
const DEFLATE = { level: 6, mem: 4 } as const;

/**
 * Writes an opaque picture as 8-bit RGB with a text per keyword: tEXt where Latin-1 will do, else uncompressed iTXt.
 *
 * @param text values by keyword, 1 ... 79 printable ASCII characters each.
 * @throws {Failure} "internal" for a keyword that PNG does not allow.
 */
export function encodePng(
  { widthPx, heightPx, bytes }: Rgba,
  text: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const rgb = new Uint8Array(3 * widthPx * heightPx);
  // One by one: a view for each pixel would take thirty times as long.
  for (let from = 0, to = 0; to < rgb.length; from++) if (from % 4 !== 3) rgb[to++] = bytes[from] ?? 0;
  const plain = encode(
    { width: widthPx, height: heightPx, data: rgb, channels: 3, depth: 8 },
    { zlib: DEFLATE },
  );
  const texts = Object.entries(text).map(([keyword, value]) => textChunk(keyword, value));
  return concatenate([plain.subarray(0, AFTER_HEADER), ...texts, plain.subarray(AFTER_HEADER)]);
}

function textChunk(keyword: string, value: string): Uint8Array {
  if (!/^[\x21-\x7e](?:[\x20-\x7e]{0,77}[\x21-\x7e])?$/.test(keyword))
    throw new Failure(
      "internal",
      `PNG wants a keyword of 1 to 79 printable characters, got ${JSON.stringify(keyword)}.`,
    );
  const latin1 = toLatin1(value);
  return latin1 === null
    ? chunkBytes("iTXt", concatenate([toUtf8(keyword), new Uint8Array(5), toUtf8(value)]))
    : chunkBytes("tEXt", concatenate([toUtf8(keyword), new Uint8Array(1), latin1]));
}

/**
 * The texts of a PNG file by keyword; of two with the same keyword the first. Compressed texts are left out.
 *
 * @throws {Failure} "bad-request" if it is not PNG, is damaged, or carries more or longer texts than anyone needs.
 */
export function readPngText(file: Uint8Array): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  let count = 0;
  for (const { name, data } of chunks(file)) {
    if (name !== "tEXt" && name !== "iTXt") continue;
    count += 1;
    if (count > TEXTS_MAX || data.length > TEXT_BYTES_MAX)
      throw new Failure(
        "bad-request",
        `This picture carries too much text: at most ${TEXTS_MAX} texts of ${TEXT_BYTES_MAX} bytes are read.`,
      );
    const end = data.indexOf(0);
    const keyword = fromLatin1(data.subarray(0, Math.max(end, 0)));
    const value =
      name === "tEXt" ? fromLatin1(data.subarray(end + 1)) : internationalText(data.subarray(end + 1));
    if (keyword === "" || keyword.length > 79 || value === null || texts.has(keyword)) continue;
    texts.set(keyword, value);
  }
  return texts;
}

/** Reads an iTXt chunk after its keyword: compression flag and method, language, translated keyword, text. Null if compressed or not UTF-8. */
function internationalText(data: Uint8Array): string | null {
  const [isCompressed] = data;
  const language = data.indexOf(0, 2);
  const translated = data.indexOf(0, language + 1);
  if (isCompressed !== 0 || language < 0 || translated < 0) return null;
  return fromUtf8(data.subarray(translated + 1));
}
