/** Which ids begin, end and fill a prompt: read from the model's own tokenizer folder, never assumed. */

import { Failure } from "../core/failure";

/** The tokens that frame a prompt. */
export interface SpecialTokens {
  readonly bos: string;
  readonly eos: string;
  /** Fills a prompt up to `limit`; for Stable Diffusion 2 the word "!", whose id is 0. */
  readonly pad: string;
  /** Stands for letters outside the vocabulary. */
  readonly unk: string;
  /** Ids of a whole prompt, frame and padding included. */
  readonly limit: number;
}

type Json = Readonly<Record<string, unknown>>;

/** The defaults of transformers' CLIPTokenizer. */
const START = "<|startoftext|>";
const END = "<|endoftext|>";
/** Names of CLIP's tokenizer, and of the general ones, which leave it to tokenizer.json what they are. */
const CLASSES = /^(CLIPTokenizer|TokenizersBackend|PreTrainedTokenizer)(Fast)?$/;
/** A beginning, an end and one word. */
const LIMIT_MIN = 3;

/** Said where the two files are silent. */
interface Fallbacks {
  /** Padding that tokenizer.json states; null for CLIP's own. */
  readonly pad: string | null;
  /** Ids that the text encoder can read. */
  readonly positions: number;
}

/**
 * Reads tokenizer_config.json and special_tokens_map.json as transformers does: the map wins, unless the configuration is
 * of the newer kind that lists its `added_tokens_decoder`. (Stable Diffusion 2's two files disagree on the padding.) What both
 * leave out is CLIP's. A `model_max_length` that the text encoder has no room for counts as none: saved without one, it is 1e30.
 *
 * @throws {Failure} "model-corrupt" for a token that is no text, "unsupported" for a tokenizer of another kind.
 */
export function readSpecialTokens(
  {
    tokenizerConfig,
    specialTokensMap,
  }: { readonly tokenizerConfig: unknown; readonly specialTokensMap: unknown },
  { pad, positions }: Fallbacks,
): SpecialTokens {
  const config = given("tokenizer_config.json", tokenizerConfig);
  const map = given("special_tokens_map.json", specialTokensMap);
  const { tokenizer_class: kind = "CLIPTokenizer", model_max_length: limit } = config;
  if (typeof kind !== "string" || !CLASSES.test(kind))
    throw new Failure(
      "unsupported",
      `tokenizer_config.json: wanted the tokenizer_class CLIPTokenizer, got ${JSON.stringify(kind)}; only CLIP's tokenizer can be run.`,
    );
  const merged = "added_tokens_decoder" in config ? { ...map, ...config } : { ...config, ...map };
  const hasLimit = typeof limit === "number" && Number.isInteger(limit) && limit >= LIMIT_MIN;
  return {
    bos: readToken(merged, "bos_token", START),
    eos: readToken(merged, "eos_token", END),
    pad: readToken(merged, "pad_token", pad ?? END),
    unk: readToken(merged, "unk_token", END),
    limit: hasLimit ? Math.min(limit, positions) : positions,
  };
}

/** The keys of a file that have a value; none if there is no such file. */
function given(file: string, value: unknown): Json {
  if (value === null) return {};
  return Object.fromEntries(Object.entries(asRecord(file, value)).filter(([, one]) => one !== null));
}

/** A JSON value that must be an object. */
export function asRecord(file: string, value: unknown): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new Failure(
    "model-corrupt",
    `${file}: wanted a JSON object, got ${JSON.stringify(value)?.slice(0, 40)}.`,
  );
}

/** A token is written as its text, or as an object whose `content` is its text. */
function readToken(source: Json, key: string, otherwise: string): string {
  const value = source[key] ?? otherwise;
  const content = typeof value === "object" && "content" in value ? value.content : value;
  if (typeof content === "string") return content === "" ? otherwise : content;
  throw new Failure(
    "model-corrupt",
    `tokenizer: wanted a text as ${key} in special_tokens_map.json or tokenizer_config.json, got ${JSON.stringify(value)}.`,
  );
}
