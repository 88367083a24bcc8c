/** The texts inside PNG files, in all three of their chunks (W3C PNG, third edition, section 11.3.3). */

import { Failure } from "../core/failure";
import { fromLatin1, fromTextBytes, fromUtf8 } from "./characters";
import { inflate } from "./inflate";
import { chunks } from "./pngChunks";

/** Our limit on one text of a stranger's file, as in Pillow. */
const TEXT_BYTES_MAX = 2 ** 20;
const KEYWORD_BYTES_MAX = 79;

/** How each kind of chunk holds its text, after keyword and separator; null if it does not. */
const READERS: ReadonlyMap<string, (data: Uint8Array) => string | null> = new Map([
  ["tEXt", (data) => fromTextBytes(data)],
  ["zTXt", (data) => (data[0] === 0 ? fromTextBytes(inflate(data.subarray(1), TEXT_BYTES_MAX)) : null)],
  ["iTXt", internationalText],
]);

/**
 * The wanted texts of a PNG file by keyword; of two with the same keyword the first that can be read. Other texts are passed over,
 * however many and however long they are.
 *
 * @throws {Failure} "bad-request" if the file is not PNG or is damaged, or a wanted text is longer than anyone needs.
 */
export function readPngText(file: Uint8Array, wanted: readonly string[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { name, data } of chunks(file)) {
    const read = READERS.get(name);
    const end = data.subarray(0, KEYWORD_BYTES_MAX + 1).indexOf(0);
    if (!read || end < 1) continue;
    const keyword = fromLatin1(data.subarray(0, end));
    if (!wanted.includes(keyword) || texts.has(keyword)) continue;
    if (data.length > TEXT_BYTES_MAX)
      throw new Failure(
        "bad-request",
        `This picture carries too much text: of "${keyword}" at most ${TEXT_BYTES_MAX} bytes are read.`,
      );
    const value = read(data.subarray(end + 1));
    if (value !== null) texts.set(keyword, value);
  }
  return texts;
}

/** Of iTXt: compression flag and method, language, translated keyword, text. Null if it is cut off or not UTF-8. */
function internationalText(data: Uint8Array): string | null {
  const [flag, method] = data;
  const language = data.indexOf(0, 2);
  const translated = language < 0 ? -1 : data.indexOf(0, language + 1);
  if (translated < 0) return null;
  const text = data.subarray(translated + 1);
  if (flag === 0) return fromUtf8(text);
  return flag === 1 && method === 0 ? fromUtf8(inflate(text, TEXT_BYTES_MAX)) : null;
}
