/** The last line of an infotext: `Key: value, Key: "quoted, value"`. Read by hand in linear time; a regular expression takes quadratic. */

/** Keys are words, spaces, hyphens and slashes. */
const KEY = /^\w[\w \-/]*$/;

/** Matches values that must be quoted: without quotes they would end early, be trimmed, or be taken for a quotation. */
const NEEDS_QUOTES = /[,:"\p{Cc}\p{Cs}]|^\s|\s$|^$/u;

/** Writes settings in their order; a value is quoted, as JSON, where it has to be. */
export function settingsLine(settings: readonly (readonly [string, string])[]): string {
  return settings
    .map(([key, value]) => `${key}: ${NEEDS_QUOTES.test(value) ? quote(value) : value}`)
    .join(", ");
}

/** JSON, with the control characters escaped that JSON would let through. */
function quote(value: string): string {
  const code = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replace(/[\u007f-\u009f]/g, code);
}

/** Reads settings. The first of two with the same key counts. Text that is not `key: value` is skipped. */
export function readSettings(line: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  let at = 0;
  while (at < line.length) {
    const colon = line.indexOf(":", at);
    if (colon < 0) break;
    const key = line.slice(Math.max(at, line.lastIndexOf(",", colon) + 1), colon).trim();
    const { value, end } = readValue(line, colon + 1);
    if (KEY.test(key) && !settings.has(key)) settings.set(key, value);
    at = end;
  }
  return settings;
}

/** The value that begins at `start` (after white space), and the place after the comma that ends it. */
function readValue(line: string, start: number): { readonly value: string; readonly end: number } {
  let open = start;
  while (line[open] === " ") open += 1;
  const close = line[open] === '"' ? closingQuote(line, open) : -1;
  const quoted = close < 0 ? null : unquote(line.slice(open, close + 1));
  const comma = line.indexOf(",", quoted === null ? open : close);
  const end = comma < 0 ? line.length : comma;
  return { value: quoted ?? line.slice(open, end).trim(), end: end + 1 };
}

function closingQuote(line: string, open: number): number {
  for (let at = open + 1; at < line.length; at++) {
    if (line[at] === '"') return at;
    if (line[at] === "\\") at += 1;
  }
  return -1;
}

/** The text of a JSON string; null if it is not one. */
function unquote(source: string): string | null {
  try {
    return String(JSON.parse(source));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
