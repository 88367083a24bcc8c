/** A model's vocabulary and merges, from either form that transformers saves: vocab.json with merges.txt, or tokenizer.json. */

import { Failure } from "../core/failure";
import { asRecord } from "./specialTokens";

/** The token lists of byte-pair encoding. */
export interface Vocabulary {
  /** Token to id, those that were added later included. */
  readonly ids: ReadonlyMap<string, number>;
  /** Two parts of a token, the best pair first. */
  readonly merges: readonly (readonly [string, string])[];
  /** The file with the tokens, for messages. */
  readonly file: string;
  /** The padding that tokenizer.json states itself; null if it states none. */
  readonly pad: string | null;
}

/** The files that may hold a vocabulary, parsed where they are JSON; null for one that is not there. */
export interface VocabularyFiles {
  /** vocab.json: token to id. */
  readonly vocab: unknown;
  /** merges.txt: a version line, then one pair a line, best first. */
  readonly merges: string | null;
  /** tokenizer.json, which newer versions of transformers save instead of both; read where one of them is missing. */
  readonly tokenizer: unknown;
}

/**
 * The vocabulary in a tokenizer's files.
 *
 * @throws {Failure} "model-corrupt" if there is none, an id is no id, or a merge makes no token; "unsupported" if it is of no byte-pair encoding.
 */
export function readVocabulary({ vocab, merges, tokenizer }: VocabularyFiles): Vocabulary {
  if (vocab !== null && merges !== null) {
    const ids = readIds("vocab.json", vocab);
    return { ids, merges: mergesOfText(merges, ids), file: "vocab.json", pad: null };
  }
  if (tokenizer !== null) return readTokenizerJson(tokenizer);
  const missing = [...(vocab === null ? ["vocab.json"] : []), ...(merges === null ? ["merges.txt"] : [])];
  throw new Failure(
    "model-corrupt",
    `tokenizer: wanted vocab.json and merges.txt, or tokenizer.json; ${missing.join(" and ")} is missing, and so is tokenizer.json.`,
  );
}

const FILE = "tokenizer.json";

function readTokenizerJson(json: unknown): Vocabulary {
  const { model: inner, added_tokens: added, padding } = asRecord(FILE, json);
  const { type = "BPE", vocab, merges } = asRecord(FILE, inner);
  if (type !== "BPE")
    throw new Failure(
      "unsupported",
      `${FILE}: wanted a model of the type BPE, got ${JSON.stringify(type)}; only CLIP's tokenizer can be run.`,
    );
  const ids = new Map([...readIds(FILE, vocab), ...readAdded(added)]);
  const { pad_token: pad } = padding == null ? {} : asRecord(FILE, padding);
  return { ids, merges: mergesOfJson(merges, ids), file: FILE, pad: typeof pad === "string" ? pad : null };
}

function readIds(file: string, json: unknown): ReadonlyMap<string, number> {
  return new Map(Object.entries(asRecord(file, json)).map(([token, id]) => [token, readId(file, token, id)]));
}

function readId(file: string, token: string, id: unknown): number {
  if (typeof id === "number" && Number.isInteger(id) && id >= 0) return id;
  throw new Failure(
    "model-corrupt",
    `${file}: wanted a whole number as the id of ${JSON.stringify(token)}, got ${id}.`,
  );
}

/** Tokens that were added to a vocabulary. The special ones are often listed nowhere else. */
function readAdded(added: unknown): ReadonlyMap<string, number> {
  if (added == null) return new Map();
  if (!Array.isArray(added))
    throw new Failure("model-corrupt", `${FILE}: wanted a list of added_tokens, got ${typeof added}.`);
  return new Map(
    added.map((entry: unknown): [string, number] => {
      const { content, id } = asRecord(FILE, entry);
      const token = String(content);
      return [token, readId(FILE, token, id)];
    }),
  );
}

type Ids = ReadonlyMap<string, number>;
type Merge = readonly [string, string];

function mergesOfText(text: string, ids: Ids): readonly Merge[] {
  const lines = text.split(/\r?\n/);
  const start = lines[0]?.startsWith("#version") ? 1 : 0;
  return lines
    .slice(start)
    .flatMap((line, i) => (line === "" ? [] : [readMerge(line, ids, `merges.txt, line ${start + i + 1}`)]));
}

/** Written as "a b", or, since tokenizers 0.20, as ["a", "b"]. */
function mergesOfJson(merges: unknown, ids: Ids): readonly Merge[] {
  if (Array.isArray(merges))
    return merges.map((merge: unknown, i) => readMerge(merge, ids, `${FILE}, merge ${i + 1}`));
  throw new Failure("model-corrupt", `${FILE}: wanted a list of merges, got ${typeof merges}.`);
}

function readMerge(merge: unknown, ids: Ids, place: string): Merge {
  const parts: readonly unknown[] = Array.isArray(merge) ? merge : String(merge).split(" ");
  const [left, right, ...rest] = parts;
  if (typeof left === "string" && typeof right === "string" && rest.length === 0 && ids.has(left + right))
    return [left, right];
  throw new Failure(
    "model-corrupt",
    `${place}: wanted two parts of a token of the vocabulary, got ${JSON.stringify(merge)?.slice(0, 80)}.`,
  );
}
