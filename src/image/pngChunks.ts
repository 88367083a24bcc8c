/** The container of PNG: a signature, then chunks with a name, a length and a checksum (W3C PNG, third edition, section 5). */

import { Failure } from "../core/failure";

/** The eight bytes that every PNG file begins with. */
export const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

const OVERHEAD = 12;
const LARGEST_LENGTH = 2 ** 31 - 1;

/** A chunk by its four letters ("IHDR", "tEXt"); `data` is a view into the file. */
export interface Chunk {
  readonly name: string;
  readonly data: Uint8Array;
}

/** A chunk as bytes: length, name, data, CRC of name and data. */
export function chunkBytes(name: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(OVERHEAD + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = name.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** Byte strings, one after the other. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Walks the chunks of a file up to and including IEND; what follows IEND is not looked at.
 *
 * @throws {Failure} "bad-request" if it is not PNG, is cut off, or a checksum is wrong.
 */
export function* chunks(file: Uint8Array): Generator<Chunk> {
  if (SIGNATURE.some((byte, i) => file[i] !== byte))
    throw new Failure("bad-request", "This file is not a PNG picture: its first bytes are others.");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let start = SIGNATURE.length;
  while (start + OVERHEAD <= file.length) {
    const length = view.getUint32(start);
    const end = start + 8 + length;
    if (length > LARGEST_LENGTH || end + 4 > file.length) break;
    const name = String.fromCharCode(...file.subarray(start + 4, start + 8));
    if (crc32(file.subarray(start + 4, end)) !== view.getUint32(end))
      throw new Failure(
        "bad-request",
        `This PNG picture is damaged: the checksum of ${JSON.stringify(name)} is wrong.`,
      );
    yield { name, data: file.subarray(start + 8, end) };
    if (name === "IEND") return;
    start = end + 4;
  }
  throw new Failure("bad-request", `This PNG picture is cut off after ${start} bytes.`);
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});

/** CRC-32 of ISO 3309, as annex D of the PNG specification spells it. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
