/** Reads the JSON object of a safetensors header member by member, in pieces, so that a long one neither freezes its reader nor fills memory. */

import { countKeys, endOfString, isObject, type JsonObject, repeatedKey } from "../json";

/** A contradiction in a header, in words that fit after a file's name. */
export class Flaw extends Error {}

/** Between two pieces the event loop has its turn. */
const PIECE_BYTES = 2 ** 19;
/** serde_json, which the reference implementation reads headers with, goes as deep. A tensor's lists are at depth 2. */
const DEPTH_MAX = 127;
const [QUOTE, COMMA, COLON] = [0x22, 0x2c, 0x3a];
/** Brackets by their codes: 1 for one that opens, -1 for one that closes. */
const BRACKETS: ReadonlyMap<number, number> = new Map([
  [0x5b, 1],
  [0x7b, 1],
  [0x5d, -1],
  [0x7d, -1],
]);
/** JSON's. */
const SPACE = /^[ \t\n\r]*$/;

/** A key of the header's object, and its value. */
type Member = readonly [string, unknown];

/** A member's text as far as the comma or bracket behind it, and the number of keys in it. */
interface Extent {
  readonly end: number;
  readonly keys: number;
}

/**
 * The members of the header's object, in the order of the file, as many at once as a piece completes.
 *
 * @param header the header's bytes and no others.
 * @throws {Flaw} for anything but one JSON object, and for a key that one object has twice.
 */
export async function* membersOf(header: Blob): AsyncGenerator<readonly Member[]> {
  const names = new Set<string>();
  const pieces = textOf(header);
  const begin = (await pieces.next(PIECE_BYTES)).trimStart();
  if (!begin.startsWith("{")) throw new Flaw("the header is not a JSON object");
  let text = begin.slice(1);
  for (;;) {
    const { members, rest, isEnd } = takeMembers(text, names);
    yield members;
    if (isEnd) return refuseMore(rest + (await pieces.next(header.size)));
    await new Promise((resolve) => setTimeout(resolve)); // a turn for others
    // Twice as much each time, so that a long member is not looked through again and again.
    const more = await pieces.next(Math.max(PIECE_BYTES, rest.length));
    if (more === "") throw new Flaw("the header is not JSON");
    text = rest + more;
  }
}

/** The members that are whole, and the text behind their last comma, or from the bracket that ends the object. */
function takeMembers(text: string, names: Set<string>) {
  const members: Member[] = [];
  let at = 0;
  for (let extent = extentOf(text, at); extent !== null; extent = extentOf(text, at)) {
    const isEnd = text.charCodeAt(extent.end) !== COMMA;
    const isEmpty = isEnd && names.size === 0 && SPACE.test(text.slice(at, extent.end));
    if (!isEmpty) members.push(memberOf(text, at, extent, names));
    if (isEnd) return { members, rest: text.slice(extent.end), isEnd };
    at = extent.end + 1;
  }
  return { members, rest: text.slice(at), isEnd: false };
}

/** A blob's UTF-8 in pieces of so many bytes; "" at its end. */
function textOf(blob: Blob) {
  const decoder = new TextDecoder();
  let at = 0;
  return {
    async next(bytes: number): Promise<string> {
      const begin = at;
      at = Math.min(begin + bytes, blob.size);
      const piece = await blob.slice(begin, at).arrayBuffer();
      return decoder.decode(piece, { stream: at < blob.size });
    },
  };
}

/** Null if the text ends before the member does. */
function extentOf(text: string, begin: number): Extent | null {
  let depth = 0;
  let keys = 0;
  for (let at = begin; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    const change = BRACKETS.get(code) ?? 0;
    if (depth === 0 && (change < 0 || code === COMMA)) return { end: at, keys };
    if (code === COLON) keys++;
    depth = checked(depth + change);
  }
  return null;
}

function checked(depth: number): number {
  if (depth <= DEPTH_MAX) return depth;
  throw new Flaw(`the header has lists or objects in more than ${DEPTH_MAX} others`);
}

function memberOf(text: string, begin: number, { end, keys }: Extent, names: Set<string>): Member {
  const json = `{${text.slice(begin, end)}}`;
  const member = parsed(json);
  const [[name, value] = []] = Object.entries(member);
  if (name === undefined) throw new Flaw("the header is not JSON");
  // As many colons as keys: `JSON.parse` has kept them all. It is the cheapest way to know.
  const twice = names.has(name) ? name : countKeys(member) === keys ? null : repeatedKey(json);
  if (twice !== null) throw new Flaw(`the header has ${twice} twice`);
  names.add(name);
  return [name, value];
}

function parsed(json: string): JsonObject {
  try {
    const value: unknown = JSON.parse(json);
    if (isObject(value)) return value;
  } catch (cause) {
    throw new Flaw("the header is not JSON", { cause });
  }
  throw new Flaw("the header is not JSON");
}

/** Behind its closing brace a header is filled up with spaces. */
function refuseMore(rest: string): void {
  if (!rest.startsWith("}") || !SPACE.test(rest.slice(1))) throw new Flaw("the header is not JSON");
}
