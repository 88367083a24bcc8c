/** A picture as a PNG file with text inside: the same bytes on every machine. */

import { encode } from "fast-png";
import { Failure } from "../core/failure";
import type { Rgba } from "../core/pixels";
import { fromTextBytes, toLatin1, toUtf8 } from "./characters";
import { chunkBytes, concatenate, SIGNATURE } from "./pngChunks";

/** Where text goes: after the header, before the pixels, so that readers find it without the whole file. */
const AFTER_HEADER = SIGNATURE.length + 12 + 13;

/** Level and memory are stated, so that no default and no rounding of a logarithm can change the bytes. */
const DEFLATE = { level: 6, mem: 4 } as const;

/**
 * Writes an opaque picture as 8-bit RGB with a text per keyword: tEXt where readers will take it
 * for Latin-1, else uncompressed iTXt.
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
  // Letters as "Ã©" in Latin-1 are the bytes of "é" in UTF-8, and readers would take them for that.
  return latin1 === null || fromTextBytes(latin1) !== value
    ? chunkBytes("iTXt", concatenate([toUtf8(keyword), new Uint8Array(5), toUtf8(value)]))
    : chunkBytes("tEXt", concatenate([toUtf8(keyword), new Uint8Array(1), latin1]));
}
