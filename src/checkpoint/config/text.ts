/** `text_encoder/config.json`: the configuration of transformers' CLIPTextModel. */

import * as v from "valibot";
import { check } from "../json";

const TEXT = v.object({ eos_token_id: v.optional(v.union([v.number(), v.array(v.number())])) });

/** Default of transformers' CLIPTextConfig. */
const EOS_TOKEN_ID = 49407;

/** The token at which CLIP ends a text. @param path of the file, for messages. @throws {Failure} "model-corrupt" naming the field. */
export function eosTokenIdOf(path: string, json: unknown): number {
  const { eos_token_id: id } = check(path, TEXT, json);
  return typeof id === "number" ? id : EOS_TOKEN_ID;
}
