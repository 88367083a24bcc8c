/** Walks the fields of a protobuf message that is too large to load (https://protobuf.dev/programming-guides/encoding/). */

import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { readPart } from "./readPart";

/** One field of a message in a file. */
export interface Field {
  readonly number: number;
  /** Where its tag begins. */
  readonly begin: number;
  /** Where its content begins: that of a string, of bytes or of a message, behind their length. */
  readonly contentBegin: number;
  readonly end: number;
}

/** A flaw of a file, in words that fit after its name. */
export class Flaw extends Error {}

/** A tag has at most 5 bytes, a number or a length 10. */
const HEAD_BYTES_MAX = 15;
const PAGE_BYTES = 64 * 2 ** 10;

/** Reads a file here and there, from as little of it as possible. */
export class Pages {
  readonly size: number;
  readonly #file: Blob;
  readonly #path: string;
  #begin = 0;
  #page = new Uint8Array();

  /** @param path for messages. */
  constructor(file: Blob, path: string) {
    this.#file = file;
    this.#path = path;
    this.size = file.size;
  }

  /** A view that holds until the next call. @throws {Failure} if the file is no longer what it was. */
  async read(begin: number, end: number): Promise<Uint8Array> {
    if (begin < this.#begin || end > this.#begin + this.#page.length) {
      const pageEnd = Math.min(Math.max(end, begin + PAGE_BYTES), this.size);
      this.#page = await readPart(this.#file, this.#path, begin, pageEnd);
      this.#begin = begin;
    }
    return this.#page.subarray(begin - this.#begin, end - this.#begin);
  }
}

/**
 * The fields of the message that stands in [begin, end), in their order; what is in them is not looked at.
 *
 * @throws {Flaw} if they are not the fields of a message, or reach beyond its end.
 */
export async function* fieldsOf(pages: Pages, begin: number, end: number): AsyncGenerator<Field> {
  for (let at = begin; at < end; ) {
    const head = await pages.read(at, Math.min(at + HEAD_BYTES_MAX, end));
    const field = readField(head, at);
    if (field.end > end)
      throw new Flaw(
        `a part of it claims bytes ${field.contentBegin} to ${field.end} of ${end}: it may be cut short`,
      );
    yield field;
    at = field.end;
  }
}

function readField(head: Uint8Array, begin: number): Field {
  const reader = new BinaryReader(head);
  try {
    const [number, type] = reader.tag();
    const length = contentLength(reader, type);
    const contentBegin = begin + reader.pos;
    return { number, begin, contentBegin, end: contentBegin + length };
  } catch (cause) {
    throw new Flaw(`there is no ONNX at byte ${begin}`, { cause });
  }
}

/** Moves the reader behind a field's length, or behind the number that it is. */
function contentLength(reader: BinaryReader, type: WireType): number {
  switch (type) {
    case WireType.LengthDelimited:
      return Number(reader.uint64());
    case WireType.Varint:
      reader.uint64();
      return 0;
    case WireType.Bit64:
      return 8;
    case WireType.Bit32:
      return 4;
    case WireType.StartGroup:
    case WireType.EndGroup:
      throw new RangeError("ONNX has no groups");
  }
}
