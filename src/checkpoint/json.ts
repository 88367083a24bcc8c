/** JSON from files that may be hostile: parsed, and refused where `JSON.parse` would quietly choose between two values. */

import { Failure } from "../core/failure";
import { parsePythonJson } from "./pythonJson";

/** An object, by key. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const BRACKETS = new Set("{}[],");
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The strings, with their quotation marks, and the brackets and commas of a JSON text. Not by a pattern: long strings overflow its stack. */
function* tokensOf(json: string): Generator<string> {
  for (let at = 0; at < json.length; at++) {
    const mark = json.charAt(at);
    if (BRACKETS.has(mark)) yield mark;
    if (mark !== '"') continue;
    const begin = at++;
    for (let code = json.charCodeAt(at); code !== QUOTE && at < json.length; code = json.charCodeAt(at))
      at += code === BACKSLASH ? 2 : 1;
    yield json.slice(begin, at + 1);
  }
}

/**
 * A key that one object has twice; null if there is none. Of two, `JSON.parse` keeps the last, other readers the first.
 *
 * @param json text that `JSON.parse` accepts.
 */
export function repeatedKey(json: string): string | null {
  const around: (Set<string> | null)[] = []; // the keys so far of each object that this place is in; null for a list
  let last = "";
  for (const token of tokensOf(json)) {
    if (BRACKETS.has(token)) step(around, token);
    else if (last === "{" || last === ",") {
      const key = token.includes("\\") ? String(JSON.parse(token)) : token.slice(1, -1);
      const keys = around.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
    last = token;
  }
  return null;
}

function step(around: (Set<string> | null)[], bracket: string): void {
  if (bracket === "{") around.push(new Set());
  else if (bracket === "[") around.push(null);
  else if (bracket !== ",") around.pop();
}

/** The object in a JSON file. @throws {Failure} "model-corrupt" naming the file. */
export function parseJson(path: string, text: string): JsonObject {
  let value: unknown;
  try {
    value = parsePythonJson(text);
  } catch (cause) {
    throw new Failure("model-corrupt", `${path} is not JSON. Fetch it again.`, { cause });
  }
  if (!isObject(value)) throw new Failure("model-corrupt", `${path} holds no JSON object. Fetch it again.`);
  return Object.fromEntries(Object.entries(value));
}
