/** The part of Markdown that model cards are written in, as data; nothing in it can become markup that was not meant. */

/** A run of text within a block. */
export interface Span {
  readonly kind: "text" | "code" | "strong" | "link";
  readonly text: string;
  /** Of a link: an https address. */
  readonly url: string;
}

export type Inline = readonly Span[];

export type Block =
  | { readonly kind: "heading"; readonly level: number; readonly text: Inline }
  | { readonly kind: "paragraph"; readonly text: Inline }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly Inline[] }
  | {
      readonly kind: "table";
      readonly head: readonly Inline[];
      readonly rows: readonly (readonly Inline[])[];
    };

const FENCE = /^```/;
const INDENTED = /^ {4}/;
const HEADING = /^(#{1,6}) +(.*)$/;
const ITEM = /^(?:[-*]|\d+\.) +/;
const ROW = /^\|/;
const RULER = /^\|[\s:|-]+$/;

/** The blocks of a text. Pictures and comments are left out; what is no block of another kind is a paragraph. */
export function blocksOf(markdown: string): readonly Block[] {
  const lines = markdown.replaceAll(/<!--[\s\S]*?-->/g, "").split(/\r?\n/);
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    if (lines[at]?.trim() === "") {
      at++;
      continue;
    }
    const { block, next } = blockAt(lines, at);
    if (block !== null) blocks.push(block);
    at = next;
  }
  return blocks;
}

interface Read {
  readonly block: Block | null;
  readonly next: number;
}

function blockAt(lines: readonly string[], at: number): Read {
  const line = lines[at] ?? "";
  const [, marks, title = ""] = line.match(HEADING) ?? [];
  if (marks !== undefined)
    return { block: { kind: "heading", level: marks.length, text: spansOf(title) }, next: at + 1 };
  if (FENCE.test(line)) return fencedAt(lines, at);
  const part = (belongs: (line: string) => boolean) => linesFrom(lines, at, belongs);
  if (INDENTED.test(line)) {
    const code = part((other) => INDENTED.test(other));
    return {
      block: { kind: "code", text: code.map((other) => other.slice(4)).join("\n") },
      next: at + code.length,
    };
  }
  if (ROW.test(line)) {
    const rows = part((other) => ROW.test(other));
    return { block: tableOf(rows), next: at + rows.length };
  }
  if (ITEM.test(line)) {
    const items = part((other) => other.trim() !== "" && (ITEM.test(other) || other.startsWith(" ")));
    return { block: { kind: "list", items: itemsOf(items) }, next: at + items.length };
  }
  const words = part(
    (other) => other.trim() !== "" && ![HEADING, FENCE, ROW, ITEM].some((kind) => kind.test(other)),
  );
  const text = spansOf(words.map((other) => other.trim()).join(" "));
  return { block: text.length > 0 ? { kind: "paragraph", text } : null, next: at + words.length };
}

function fencedAt(lines: readonly string[], at: number): Read {
  const code = linesFrom(lines, at + 1, (line) => !FENCE.test(line));
  return { block: { kind: "code", text: code.join("\n") }, next: at + code.length + 2 };
}

function linesFrom(
  lines: readonly string[],
  at: number,
  belongs: (line: string) => boolean,
): readonly string[] {
  const end = lines.findIndex((line, index) => index >= at && !belongs(line));
  return lines.slice(at, end < 0 ? lines.length : end);
}

function tableOf(lines: readonly string[]): Block {
  const cells = (line: string) =>
    line
      .replaceAll(/^\||\|\s*$/g, "")
      .split("|")
      .map((cell) => spansOf(cell.trim()));
  const [head = [], ...rows] = lines.filter((line) => !RULER.test(line)).map(cells);
  return { kind: "table", head, rows };
}

function itemsOf(lines: readonly string[]): readonly Inline[] {
  const items: string[] = [];
  for (const line of lines) {
    if (ITEM.test(line)) items.push(line.replace(ITEM, ""));
    else items.push(`${items.pop() ?? ""} ${line.trim()}`);
  }
  return items.map(spansOf);
}

/** `code`, **strong**, [text](https address) and <https address>; pictures go, and a link elsewhere is its text. */
const SPAN =
  /!\[[^\]]*\]\([^)]*\)|`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]*)\)|<(https:\/\/[^>\s]+)>/g;

function spansOf(text: string): Inline {
  const spans: Span[] = [];
  const add = (kind: Span["kind"], words: string, url = "") =>
    words !== "" && spans.push({ kind, text: words, url });
  let at = 0;
  for (const match of text.matchAll(SPAN)) {
    const [whole, code = "", strong = "", label = "", target = "", address = ""] = match;
    add("text", text.slice(at, match.index));
    add("code", code);
    add("strong", strong);
    if (target.startsWith("https://")) add("link", label, target);
    else add("text", label);
    add("link", address, address);
    at = match.index + whole.length;
  }
  add("text", text.slice(at));
  return spans;
}
