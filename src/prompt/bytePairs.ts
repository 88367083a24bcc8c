/** CLIP's byte-level byte-pair encoding (Radford et al. 2021, arXiv:2103.00020; Sennrich et al. 2016, arXiv:1508.07909). */

import { Tokenizer } from "@huggingface/tokenizers";
import { Failure } from "../core/failure";
import type { SpecialTokens } from "./specialTokens";
import type { Vocabulary } from "./vocabulary";

const END_OF_WORD = "</w>";

/** Text to tokens, without any frame. */
export interface BytePairs {
  /** Tokens and their ids, as many as there are. */
  encode(text: string): { readonly tokens: readonly string[]; readonly ids: readonly number[] };
  /** The id of a token of the vocabulary. */
  idOf(token: string): number;
}

/** The tokenizer of a model's vocabulary. @throws {Failure} "model-corrupt" if a special token is not there, or a byte has no letter. */
export function bytePairs(vocabulary: Vocabulary, special: SpecialTokens): BytePairs {
  checkAlphabet(vocabulary);
  const { ids, file } = vocabulary;
  const idOf = (token: string): number => {
    const id = ids.get(token);
    if (id !== undefined) return id;
    throw new Failure(
      "model-corrupt",
      `${file}: wanted the special token ${JSON.stringify(token)}; it is not there.`,
    );
  };
  const added = [...new Set([special.bos, special.eos, special.pad, special.unk])].map((content) => ({
    content,
    id: idOf(content),
    special: true,
    normalized: false,
  }));
  const core = new Tokenizer(tokenizerJson(vocabulary, added, special), {});
  return {
    encode(text) {
      const { tokens, ids: encoded } = core.encode(text, { add_special_tokens: false });
      return { tokens, ids: encoded };
    },
    idOf,
  };
}

/** How many bytes of normalised text a token stands for: each of its letters is one byte. */
export function byteLength(token: string): number {
  return [...(token.endsWith(END_OF_WORD) ? token.slice(0, -END_OF_WORD.length) : token)].length;
}

/** The input of `@huggingface/tokenizers`: the tokenizer.json that transformers would write for CLIP. */
function tokenizerJson(
  { ids, merges }: Vocabulary,
  added: readonly object[],
  special: SpecialTokens,
): object {
  return {
    added_tokens: added,
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "NFC" },
        { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
        // Letters are lowered one by one, so a capital sigma at the end of a word is no final sigma, as it is in JavaScript.
        { type: "Replace", pattern: { String: "Σ" }, content: "σ" },
        { type: "Lowercase" },
      ],
    },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        {
          type: "Split",
          pattern: { Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" },
          behavior: "Removed",
          invert: true,
        },
        { type: "ByteLevel", add_prefix_space: false, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: null,
    model: {
      type: "BPE",
      unk_token: special.unk,
      end_of_word_suffix: END_OF_WORD,
      vocab: Object.fromEntries(ids),
      merges,
    },
  };
}

/** Every byte must have its letter, so that no text is ever lost (and a token's letters can be counted as bytes). */
function checkAlphabet({ ids, file }: Vocabulary): void {
  for (const letter of byteLetters())
    for (const token of [letter, letter + END_OF_WORD])
      if (!ids.has(token))
        throw new Failure(
          "model-corrupt",
          `${file}: wanted all 256 bytes, alone and at the end of a word; ${JSON.stringify(token)} is missing.`,
        );
}

/** The 256 letters that stand for bytes: printable Latin-1 as it is, the others from U+0100 on (GPT-2's table, Radford et al. 2019). */
function byteLetters(): readonly string[] {
  const isPrintable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isPrintable(byte) ? byte : next++));
}
