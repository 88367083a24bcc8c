/** JSON from files that may be hostile: parsed, and refused where `JSON.parse` would quietly choose between two values. */

import * as v from "valibot";
import { Failure } from "../core/failure";
import { impostorOf, impostorRefusal } from "./layout/impostors";
import { parsePythonJson } from "./pythonJson";

/** An object, by key. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The place of the quotation mark that ends a string; the length of the text if there is none.
 *
 * @param begin place of the one that begins it.
 */
export function endOfString(json: string, begin: number): number {
  let end = json.indexOf('"', begin + 1);
  while (end >= 0 && isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end < 0 ? json.length : end;
}

/** True after an odd number of backslashes. */
function isEscaped(json: string, at: number): boolean {
  let first = at;
  while (json[first - 1] === "\\") first--;
  return (at - first) % 2 === 1;
}

/**
 * A key that one object has twice; null if there is none. Of two, `JSON.parse` keeps the last, other readers the first.
 *
 * @param json text that `JSON.parse` accepts.
 */
export function repeatedKey(json: string): string | null {
  const around: (Set<string> | null)[] = []; // the keys so far of each object around this place; null for a list
  let last = "";
  const marks = /["{}[\],]/g;
  for (let match = marks.exec(json); match; match = marks.exec(json)) {
    const [mark] = match;
    if (mark === '"') {
      const end = endOfString(json, match.index);
      if (last === "{" || last === ",") {
        const key = keyOf(json.slice(match.index, end + 1));
        const keys = around.at(-1);
        if (keys?.has(key)) return key;
        keys?.add(key);
      }
      marks.lastIndex = end + 1;
    } else step(around, mark);
    last = mark;
  }
  return null;
}

function keyOf(token: string): string {
  return token.includes("\\") ? String(JSON.parse(token)) : token.slice(1, -1);
}

function step(around: (Set<string> | null)[], bracket: string): void {
  if (bracket === "{") around.push(new Set());
  else if (bracket === "[") around.push(null);
  else if (bracket !== ",") around.pop();
}

/** The number of keys of all objects in a value that `JSON.parse` gave. */
export function countKeys(value: unknown): number {
  const left = [value];
  let keys = 0;
  while (left.length > 0) {
    const next: unknown = left.pop();
    if (typeof next !== "object" || next === null) continue;
    const inner: unknown[] = Object.values(next);
    if (!Array.isArray(next)) keys += inner.length;
    for (const one of inner) if (typeof one === "object") left.push(one);
  }
  return keys;
}

/** The value in a JSON file, as Python may write it. @throws {Failure} "model-corrupt" naming the file. */
export function parseJsonText(path: string, text: string): unknown {
  try {
    return parsePythonJson(text);
  } catch (cause) {
    const impostor = impostorOf(text);
    if (impostor !== null) throw impostorRefusal(path, impostor, cause);
    throw new Failure(
      "model-corrupt",
      `${path} is not JSON: the file is damaged, or is not what its name says.`,
      { cause },
    );
  }
}

/** The object in a JSON file. @throws {Failure} "model-corrupt" naming the file. */
export function parseJson(path: string, text: string): JsonObject {
  const value = parseJsonText(path, text);
  if (isObject(value)) return value;
  throw new Failure("model-corrupt", `${path} holds no JSON object. Fetch it again.`);
}

/** A value of a certain form. @param path of the file, for messages. @throws {Failure} "model-corrupt" naming the file and the field. */
export function check<S extends v.GenericSchema>(path: string, schema: S, value: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Failure(
    "model-corrupt",
    `${path}: ${v.getDotPath(issue) ?? "the whole file"}: ${issue.message}.`,
  );
}
