/** Text as the two encodings of PNG. Pure folders have no `TextEncoder`: it belongs to the platform, not to the language. */

/** Latin-1 bytes, or null if a character has none. */
export function toLatin1(text: string): Uint8Array | null {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) return null;
    bytes[i] = code;
  }
  return bytes;
}

/** The text of Latin-1 bytes. */
export function fromLatin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** UTF-8 bytes; half a surrogate pair becomes U+FFFD, as everywhere on the web. */
export function toUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    const code = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), tail(code));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), tail(code >> 6), tail(code));
    else bytes.push(0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code));
  }
  return Uint8Array.from(bytes);
}

const tail = (code: number): number => 0x80 | (code & 0x3f);

/** The text of UTF-8 bytes, or null if they are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string | null {
  const percent = Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
  try {
    return decodeURIComponent(percent);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

/**
 * The text of bytes that should be Latin-1: many programs write UTF-8 where PNG asks for Latin-1. Bytes beyond ASCII are hardly ever
 * valid UTF-8 by chance.
 */
export function fromTextBytes(bytes: Uint8Array): string {
  return fromUtf8(bytes) ?? fromLatin1(bytes);
}
