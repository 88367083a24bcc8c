/** Turns a prompt into exactly the ids that the text encoder was trained on, and reports which words were lost. */

import { byteLength, bytePairs } from "./bytePairs";
import { endPosition } from "./endPosition";
import { readSpecialTokens } from "./specialTokens";
import { readVocabulary, type VocabularyFiles } from "./vocabulary";
import { unknownWords } from "./words";

/** The files of a model's `tokenizer/` folder, parsed where they are JSON; null for one that is not there. */
export interface TokenizerFiles extends VocabularyFiles {
  /** tokenizer_config.json. */
  readonly tokenizerConfig: unknown;
  /** special_tokens_map.json. */
  readonly specialTokensMap: unknown;
}

/** Facts about the text encoder and its words that a tokenizer's own files may lack. */
export interface TokenizerOptions {
  /** Every word of a closed vocabulary; null if the model's makers did not say. */
  readonly knownWords?: readonly string[] | null;
  /** The text encoder's own `eos_token_id`; left out, the tokenizer's end token. */
  readonly eosTokenId?: number | undefined;
  /** Ids that the text encoder can read, its `max_position_embeddings`; left out, CLIP's 77. */
  readonly positions?: number | undefined;
}

/** A prompt as the text encoder takes it, and what people should know about it. */
export interface TokenizedPrompt {
  /** Beginning, at most `limit` ids of text, end, padding: always as many as the model's files say (77 for CLIP). */
  readonly ids: Int32Array;
  /** Place among them of the end token, as the text encoder finds it: see {@link endPosition}. */
  readonly end: number;
  /** Tokens that carry words, those that did not fit included; start, end and padding are not counted. */
  readonly tokens: number;
  /** How many such tokens fit. */
  readonly limit: number;
  /** Words outside the model's closed vocabulary, as typed, in order, each once; empty if it has none. */
  readonly unknownWords: readonly string[];
  /** The end of the text (in Unicode's NFC) that did not fit, or "". */
  readonly overflow: string;
}

/** Default of transformers' CLIPTextConfig. */
const CLIP_POSITIONS = 77;

/** Reads prompts for one model. Total: any text has ids. */
export interface PromptTokenizer {
  encode(text: string): TokenizedPrompt;
}

/**
 * CLIP's tokenizer from a model's own files. The frame is ours, so the end token is never truncated away.
 *
 * @throws {Failure} "model-corrupt" if the files miss something or contradict each other, "unsupported" for another tokenizer.
 */
export function clipTokenizer(files: TokenizerFiles, options: TokenizerOptions = {}): PromptTokenizer {
  const vocabulary = readVocabulary(files);
  const special = readSpecialTokens(files, {
    pad: vocabulary.pad,
    positions: options.positions ?? CLIP_POSITIONS,
  });
  const pairs = bytePairs(vocabulary, special);
  const [bos, eos, pad] = [pairs.idOf(special.bos), pairs.idOf(special.eos), pairs.idOf(special.pad)];
  const findUnknown = options.knownWords == null ? () => [] : unknownWords(options.knownWords);
  const limit = special.limit - 2;
  return {
    encode(text) {
      const { tokens, ids: words } = pairs.encode(text);
      const ids = new Int32Array(special.limit).fill(pad);
      ids.set([bos, ...words.slice(0, limit), eos]);
      return {
        ids,
        end: endPosition(ids, options.eosTokenId ?? eos),
        tokens: words.length,
        limit,
        unknownWords: findUnknown(text),
        overflow: words.length > limit ? textAfter(text, tokens.slice(0, limit)) : "",
      };
    },
  };
}

/** The text that `tokens`, its first ones, do not cover: whitespace has no tokens, every other byte has one letter in them. */
function textAfter(text: string, tokens: readonly string[]): string {
  let left = tokens.reduce((sum, token) => sum + byteLength(token), 0);
  const composed = text.normalize("NFC");
  let start = 0;
  for (const character of composed) {
    if (!/\p{White_Space}/u.test(character)) left -= utf8Length(character.toLowerCase());
    if (left < 0) break;
    start += character.length;
  }
  return composed.slice(start).trimStart();
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
