/** JSON from files that may be hostile: parsed, and refused where `JSON.parse` would quietly choose between two values. */

/** An object, by key. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],]/g;

/**
 * A key that one object has twice; null if there is none. Of two, `JSON.parse` keeps the last, other readers the first.
 *
 * @param json text that `JSON.parse` accepts.
 */
export function repeatedKey(json: string): string | null {
  const open: (Set<string> | null)[] = []; // keys of each object around this place; null for a list
  let isKeyNext = false;
  for (const [token] of json.matchAll(TOKEN)) {
    if (token === "{" || token === "[") open.push(token === "{" ? new Set() : null);
    else if (token === "}" || token === "]") open.pop();
    else if (token !== "," && isKeyNext) {
      const key = token.includes("\\") ? String(JSON.parse(token)) : token.slice(1, -1);
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
    isKeyNext = token === "{" || (token === "," && open.at(-1) instanceof Set);
  }
  return null;
}
