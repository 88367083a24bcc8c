/** `text_encoder/config.json`: the configuration of transformers' CLIPTextModel. */

import * as v from "valibot";
import { check } from "../json";

const count = v.nullish(v.pipe(v.number(), v.integer(), v.minValue(3), v.maxValue(4096)));
const TEXT = v.object({
  eos_token_id: v.nullish(v.union([v.number(), v.array(v.number())])),
  max_position_embeddings: count,
});

/** Defaults of transformers' CLIPTextConfig. */
const EOS_TOKEN_ID = 49407;
const POSITIONS = 77;

/** A text encoder, as far as its tokenizer is concerned. */
export interface TextConfig {
  /** The token at which CLIP ends a text. */
  readonly eosTokenId: number;
  /** Ids of a whole prompt that it can read. */
  readonly positions: number;
}

/** @param path of the file, for messages. @throws {Failure} "model-corrupt" naming the field. */
export function parseTextConfig(path: string, json: unknown): TextConfig {
  const { eos_token_id: id, max_position_embeddings: positions } = check(path, TEXT, json);
  return { eosTokenId: typeof id === "number" ? id : EOS_TOKEN_ID, positions: positions ?? POSITIONS };
}
