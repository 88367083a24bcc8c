/** Inflates zlib streams of strangers: never to more bytes than were allowed (RFC 1950, RFC 1951). */

import { Unzlib } from "fflate";
import { Failure } from "../core/failure";

/** Deflate makes at most 1,032 bytes of one, so that a piece of this size becomes a megabyte at most. */
const PIECE_BYTES = 1024;

/** A last piece shorter than its checksum would not do. */
const CHECKSUM_BYTES = 4;

/**
 * The bytes of a zlib stream.
 *
 * @throws {Failure} "bad-request" if there are more than `maxBytes` of them, or the stream is damaged or cut off.
 */
export function inflate(stream: Uint8Array, maxBytes: number): Uint8Array {
  const bytes = new Uint8Array(maxBytes);
  let length = 0;
  const unzlib = new Unzlib((part) => {
    if (length + part.length <= maxBytes) bytes.set(part, length);
    length += part.length;
  });
  for (let start = 0, isLast = false; !isLast && length <= maxBytes; start += PIECE_BYTES) {
    isLast = start + PIECE_BYTES + CHECKSUM_BYTES > stream.length;
    const piece = stream.subarray(start, isLast ? stream.length : start + PIECE_BYTES);
    orDamaged(() => unzlib.push(piece, isLast));
  }
  if (length <= maxBytes) return bytes.subarray(0, length);
  throw new Failure("bad-request", `A compressed text in this picture is larger than ${maxBytes} bytes.`);
}

function orDamaged(push: () => void): void {
  try {
    push();
  } catch (cause) {
    throw new Failure("bad-request", "A compressed text in this picture is damaged.", { cause });
  }
}
