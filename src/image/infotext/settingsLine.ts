/** The settings of an infotext: `Key: value, Key: "quoted, value"`. Read by hand in linear time; a regular expression takes quadratic. */

/** Keys are words, spaces, hyphens and slashes. */
const KEY = /^\w[\w \-/]*$/;

/** Matches values that must be quoted: without quotes they would end early, be trimmed, or be taken for a quotation or brackets. */
const NEEDS_QUOTES = /[,:"\p{Cc}\p{Cs}]|^[\s{[]|\s$|^$/u;

/** Writes settings in their order; a value is quoted, as JSON, where it has to be. */
export function settingsLine(settings: readonly (readonly [string, string])[]): string {
  return settings
    .map(([key, value]) => `${key}: ${NEEDS_QUOTES.test(value) ? quote(value) : value}`)
    .join(", ");
}

/** JSON, with the control characters escaped that JSON would let through. */
function quote(value: string): string {
  return JSON.stringify(value).replace(/[\u007f-\u009f]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * Reads settings. The first of two with the same key counts. Text that is not `key: value` is skipped.
 *
 * @param text one line, or several: a line break ends a value as a comma does, but for quoted ones.
 */
export function readSettings(text: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  const brackets = bracketPairs(text);
  let at = 0;
  while (at < text.length) {
    const colon = text.indexOf(":", at);
    if (colon < 0) break;
    const before = text.slice(at, colon);
    const key = before.slice(Math.max(before.lastIndexOf(","), before.lastIndexOf("\n")) + 1).trim();
    const open = after(/[ \t]*/y, text, colon + 1);
    const { value, end } = enclosedValue(text, open, brackets) ?? plainValue(text, open);
    if (KEY.test(key) && !settings.has(key)) settings.set(key, value);
    at = end;
  }
  return settings;
}

/** A value that begins at `open`, and the place after what ends it. */
function plainValue(text: string, open: number) {
  const end = after(/[^,\n]*/y, text, open);
  return { value: text.slice(open, end).trim(), end: end + 1 };
}

/** A value in quotation marks or brackets, if a comma, a line break or the end follows it. */
function enclosedValue(text: string, open: number, brackets: ReadonlyMap<number, number>) {
  const isQuoted = text[open] === '"';
  const close = isQuoted ? closingQuote(text, open) : (brackets.get(open) ?? -1);
  const end = close < 0 ? -1 : after(/[ \t]*(?:,|\n|$)/y, text, close + 1);
  if (end < 0) return null;
  const source = text.slice(open, close + 1);
  const value = isQuoted ? unquote(source) : source;
  return value === null ? null : { value, end };
}

/** The place after what a sticky pattern matches at `at`; -1 if it matches nothing there. */
function after(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '"') return at;
    if (text[at] === "\\") at += 1;
  }
  return -1;
}

/** Where each bracket closes that stands at a place and does close, as those of `{"lora": "a, b"}`. */
function bracketPairs(text: string): ReadonlyMap<number, number> {
  const pairs = new Map<number, number>();
  const open: number[] = [];
  for (const { 0: bracket, index } of text.matchAll(/[{}[\]]/g)) {
    if (bracket === "{" || bracket === "[") open.push(index);
    else pairs.set(open.pop() ?? -1, index);
  }
  return pairs;
}

/** The text of a JSON string, line breaks as they are allowed in it; null if it is not one. */
function unquote(source: string): string | null {
  try {
    return String(JSON.parse(source.replace(/\p{Cc}/gu, escaped)));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
