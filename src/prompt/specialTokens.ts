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

/**
 * Reads tokenizer_config.json and special_tokens_map.json as transformers does: the map wins, unless the configuration is
 * of the newer kind that lists its `added_tokens_decoder`. (Stable Diffusion 2's two files disagree on the padding.)
 *
 * @throws {Failure} "model-corrupt" if a token or the length is missing, "unsupported" for a tokenizer of another kind.
 */
export function readSpecialTokens(tokenizerConfig: unknown, specialTokensMap: unknown): SpecialTokens {
  const config = asRecord("tokenizer_config.json", tokenizerConfig);
  const map = specialTokensMap === null ? {} : asRecord("special_tokens_map.json", specialTokensMap);
  const { tokenizer_class: kind = "CLIPTokenizer", model_max_length: limit } = config;
  if (kind !== "CLIPTokenizer" && kind !== "CLIPTokenizerFast")
    throw new Failure(
      "unsupported",
      `tokenizer_config.json: wanted the tokenizer_class CLIPTokenizer, got ${JSON.stringify(kind)}; only CLIP's tokenizer can be run.`,
    );
  const merged = "added_tokens_decoder" in config ? { ...map, ...config } : { ...config, ...map };
  return {
    bos: readToken(merged, "bos_token"),
    eos: readToken(merged, "eos_token"),
    pad: readToken(merged, "pad_token"),
    unk: readToken(merged, "unk_token"),
    limit: readLimit(limit),
  };
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
function readToken(source: Json, key: string): string {
  const value = source[key];
  const content = typeof value === "object" && value !== null && "content" in value ? value.content : value;
  if (typeof content === "string" && content !== "") return content;
  throw new Failure(
    "model-corrupt",
    `tokenizer: wanted ${key} in special_tokens_map.json or tokenizer_config.json, got ${JSON.stringify(value) ?? "nothing"}.`,
  );
}

function readLimit(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 3 && value <= 4096) return value;
  throw new Failure(
    "model-corrupt",
    `tokenizer_config.json: wanted model_max_length, a whole number from 3 to 4096, got ${JSON.stringify(value) ?? "nothing"}.`,
  );
}
