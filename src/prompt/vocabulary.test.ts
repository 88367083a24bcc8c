import { describe, expect, it } from "vitest";
import prompts from "./__fixtures__/prompts.json";
import { clipTokenizer, type TokenizerFiles } from "./clipTokenizer";
import { clipMerges, tokenizerFiles, vocabOf } from "./testing";

const MERGES = clipMerges();
const VOCAB = vocabOf(MERGES);
const PAIRS = MERGES.split("\n").slice(1, -1);
const SPECIAL = ["<|startoftext|>", "<|endoftext|>"];
const ADDED = SPECIAL.map((content) => ({ id: VOCAB[content], content, special: true, normalized: false }));
const WORDS = Object.fromEntries(Object.entries(VOCAB).filter(([token]) => !SPECIAL.includes(token)));

const CONFIG = {
  backend: "tokenizers",
  tokenizer_class: "CLIPTokenizer",
  model_max_length: 77,
  bos_token: "<|startoftext|>",
  eos_token: "<|endoftext|>",
  pad_token: "<|endoftext|>",
  unk_token: "<|endoftext|>",
};

/** A tokenizer as transformers 5 saves it: no vocab.json, no merges.txt. */
function inOneFile(model: object, tokenizerConfig: unknown = CONFIG, more: object = {}): TokenizerFiles {
  const tokenizer = { version: "1.0", padding: null, added_tokens: ADDED, model, ...more };
  return { vocab: null, merges: null, tokenizer, tokenizerConfig, specialTokensMap: null };
}

const plain = clipTokenizer(tokenizerFiles(MERGES));
const idsOf = (files: TokenizerFiles, text: string) => [...clipTokenizer(files).encode(text).ids];

describe("tokenizer.json alone", () => {
  it.each<[string, object]>([
    ["as a list of two", { type: "BPE", vocab: VOCAB, merges: PAIRS.map((pair) => pair.split(" ")) }],
    ["as one text", { type: "BPE", vocab: VOCAB, merges: PAIRS }],
    ["without a type, special tokens only added", { vocab: WORDS, merges: PAIRS }],
  ])("has the same ids as vocab.json and merges.txt, each merge %s", (_, model) => {
    const tokenizer = clipTokenizer(inOneFile(model));
    for (const prompt of prompts)
      expect([...tokenizer.encode(prompt).ids], prompt).toEqual([...plain.encode(prompt).ids]);
  });

  it("is read where only one of the two older files is there, and not where both are", () => {
    const files = inOneFile({ vocab: VOCAB, merges: PAIRS });
    const wanted = [...plain.encode("a fox").ids];
    expect(idsOf({ ...files, vocab: {} }, "a fox")).toEqual(wanted);
    expect(idsOf({ ...tokenizerFiles(MERGES), tokenizer: [] }, "a fox")).toEqual(wanted);
  });

  it("pads as the configuration says, else as tokenizer.json says, else as CLIP", () => {
    const model = { vocab: VOCAB, merges: PAIRS };
    const padding = { pad_id: 0, pad_token: "!" };
    const padOf = (config: unknown, more = {}) => idsOf(inOneFile(model, config, more), "").at(-1);
    expect(padOf({ ...CONFIG, pad_token: "!" })).toBe(0);
    expect(padOf(null, { padding })).toBe(0);
    expect(padOf(CONFIG, { padding })).toBe(49407);
    expect(padOf(null)).toBe(49407);
  });
});

describe("odd settings", () => {
  const files = tokenizerFiles(MERGES);
  const wanted = [...plain.encode("a red fox").ids];

  it.each<[string, unknown]>([
    ["there is no configuration", null],
    ["it is empty", {}],
    ["there is no length", { ...CONFIG, model_max_length: undefined }],
    ["the length is null", { ...CONFIG, model_max_length: null }],
    ["the length is that of a tokenizer saved without one", { ...CONFIG, model_max_length: 1e30 }],
    ["the length is more than the text encoder reads", { ...CONFIG, model_max_length: 512 }],
    ["the length is no number", { ...CONFIG, model_max_length: "77" }],
    ["the length is too short for a word", { ...CONFIG, model_max_length: 0 }],
    [
      "special tokens are null",
      { ...CONFIG, bos_token: null, eos_token: null, pad_token: null, unk_token: null },
    ],
    ["the class is the general one of transformers 5", { ...CONFIG, tokenizer_class: "TokenizersBackend" }],
    [
      "the class is the general one of transformers 4",
      { ...CONFIG, tokenizer_class: "PreTrainedTokenizerFast" },
    ],
    ["the class is null", { ...CONFIG, tokenizer_class: null }],
    ["tokens are objects", { ...CONFIG, pad_token: { content: "<|endoftext|>", lstrip: false } }],
  ])("%s: 77 ids, begun, ended and padded as CLIP's", (_, tokenizerConfig) => {
    expect(idsOf({ ...files, tokenizerConfig, specialTokensMap: null }, "a red fox")).toEqual(wanted);
  });

  it("without a length there are as many ids as the text encoder has positions", () => {
    const long = (model_max_length: unknown) =>
      clipTokenizer({ ...files, tokenizerConfig: { model_max_length } }, { positions: 248 });
    expect(long(undefined).encode("a fox").ids).toHaveLength(248);
    expect(long(77).encode("a fox").ids).toHaveLength(77);
    expect(long(undefined).encode("a fox").limit).toBe(246);
  });

  it("a null in one file lets the other speak", () => {
    const map = { pad_token: "!" };
    const config = { ...CONFIG, pad_token: null, added_tokens_decoder: {} };
    expect(idsOf({ ...files, tokenizerConfig: config, specialTokensMap: map }, "").at(-1)).toBe(0);
  });
});
