import { CLIPTokenizer } from "@xenova/transformers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Failure, type FailureCode } from "../core/failure";
import ids from "./__fixtures__/ids.json";
import prompts from "./__fixtures__/prompts.json";
import { clipTokenizer, type TokenizerFiles } from "./clipTokenizer";
import { clipMerges, tokenizerFiles, vocabOf } from "./testing";

const merges = clipMerges();
const sd1 = clipTokenizer(tokenizerFiles(merges));
const sd2 = clipTokenizer(tokenizerFiles(merges, "!"));
const [BOS, EOS] = [49406, 49407];

/** The ids that diffusers hands to the text encoder: padded, or cut with the end token kept. */
const framed = (reference: readonly number[], pad: number) =>
  reference.length > 77
    ? [...reference.slice(0, 76), EOS]
    : [...reference, ...new Array<number>(77 - reference.length).fill(pad)];

const cases = prompts.map((prompt, i) => ({
  prompt,
  sd1: ids.sd1[i] ?? [],
  sd2: ids.sd2[i] ?? [],
}));

describe("CLIP's real vocabulary, against the references", () => {
  it("is worth the name of a proof: many prompts, some too long, all with an answer", () => {
    expect(ids.sd1.length).toBe(prompts.length);
    expect(prompts.length).toBeGreaterThanOrEqual(60);
    expect(ids.sd1.filter((row) => row.length > 77).length).toBeGreaterThanOrEqual(4);
  });

  it.each(cases)("has the ids of transformers' CLIPTokenizer: $prompt", ({ prompt, sd1: one, sd2: two }) => {
    expect([...sd1.encode(prompt).ids]).toEqual(framed(one, EOS));
    expect([...sd2.encode(prompt).ids]).toEqual(framed(two, 0));
    expect(sd1.encode(prompt).tokens).toBe(one.length - 2);
  });

  it("knows the published ids", () => {
    const words = (text: string) => [...sd1.encode(text).ids].slice(0, 8);
    expect(words("a photo of a red apple")).toEqual([BOS, 320, 1125, 539, 320, 736, 3055, EOS]);
    expect(words("An astronaut riding a horse")).toEqual([BOS, 550, 18376, 6765, 320, 4558, EOS, EOS]);
  });
});

describe("@xenova/transformers 2.17.2 as oracle", () => {
  const oracle = new CLIPTokenizer(xenovaJson(merges), {
    tokenizer_class: "CLIPTokenizer",
    model_max_length: 77,
  });
  // JavaScript's \s, which the oracle uses, is not Unicode's white space (U+0085, U+FEFF), and its lower case knows a final sigma.
  const strays = /[\u0085\uFEFF]|Σ(?!\p{L})/u;

  it.each(prompts.filter((prompt) => !strays.test(prompt)))("agrees before truncation: %s", (prompt) => {
    const reference: number[] = oracle.encode(prompt);
    expect([...sd1.encode(prompt).ids]).toEqual(framed(reference, EOS));
  });

  it("cuts the end token off long prompts, which is why the frame is ours", () => {
    const long = "a very ".repeat(60);
    const { input_ids } = oracle(long, { truncation: true, max_length: 77, return_tensor: false });
    expect(input_ids.length).toBe(77);
    expect(input_ids.at(-1)).not.toBe(EOS);
    expect(sd1.encode(long).ids.at(-1)).toBe(EOS);
  });
});

describe("the frame", () => {
  it("is exactly model_max_length ids, begins, ends and pads as the model's files say, for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        const prompt = sd2.encode(text);
        const kept = Math.min(prompt.tokens, prompt.limit);
        expect(prompt.ids.length).toBe(77);
        expect(prompt.ids[0]).toBe(BOS);
        expect(prompt.ids[kept + 1]).toBe(EOS);
        expect([...prompt.ids.slice(kept + 2)].every((id) => id === 0)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("follows the files: another length, another frame", () => {
    const files = tokenizerFiles("c a\nca t</w>\n");
    const tokenizer = clipTokenizer({
      ...files,
      tokenizerConfig: {
        bos_token: "a</w>",
        eos_token: { content: "b</w>" },
        pad_token: "c</w>",
        unk_token: "b</w>",
        model_max_length: 5,
      },
      specialTokensMap: null,
    });
    const vocab = vocabOf("c a\nca t</w>\n");
    expect([...tokenizer.encode("cat").ids]).toEqual(
      ["a</w>", "cat</w>", "b</w>", "c</w>", "c</w>"].map((token) => vocab[token]),
    );
  });

  it("lets special_tokens_map.json decide, unless the configuration lists its added tokens", () => {
    const files = tokenizerFiles(merges, "!");
    const config = { ...Object(files.tokenizerConfig), pad_token: "<|endoftext|>" };
    const padOf = (tokenizerConfig: unknown) =>
      clipTokenizer({ ...files, tokenizerConfig }).encode("").ids[76];
    expect(padOf(config)).toBe(0);
    expect(padOf({ ...config, added_tokens_decoder: {} })).toBe(EOS);
  });
});

describe("what was lost", () => {
  it("names the part of the text that did not fit, from the very character", () => {
    expect(sd1.encode(`${"cat ".repeat(75)}and a dog`).overflow).toBe("and a dog");
    expect(sd1.encode(`${"cat ".repeat(75)}  `).overflow).toBe("");
    expect(sd1.encode("1".repeat(80)).overflow).toBe("11111");
    const summer = sd1.encode("Été").tokens;
    const full = `${"Été\u3000".repeat(Math.floor(75 / summer))}${"cat ".repeat(75 % summer)}`;
    expect(sd1.encode(`${full}Ångström`).overflow).toBe("Ångström");
  });

  it("loses nothing: what fits has the same ids without the overflow", () => {
    const long = cases.filter((one) => one.sd1.length > 77);
    for (const { prompt } of long) {
      const { overflow, ids: whole } = sd1.encode(prompt);
      const composed = prompt.normalize("NFC").trimEnd();
      const end = overflow.trimEnd();
      expect(end.length).toBeGreaterThan(0);
      expect(composed.endsWith(end)).toBe(true);
      const head = sd1.encode(composed.slice(0, composed.length - end.length));
      expect(head.tokens).toBeLessThanOrEqual(76);
      expect([...head.ids.slice(0, 70)]).toEqual([...whole.slice(0, 70)]);
    }
  });

  it("names unknown words as typed, in order, once, whatever their case and punctuation", () => {
    const knownWords = ["a", "cat", "hot air balloon", "café", "don't"];
    const tokenizer = clipTokenizer(tokenizerFiles(merges), { knownWords });
    const unknown = (text: string) => tokenizer.encode(text).unknownWords;
    expect(unknown("A CAT, a (Cat)! hot balloon. DON’T")).toEqual([]);
    expect(unknown("a Zebra, a zebra and two cats 🦊")).toEqual(["Zebra", "and", "two", "cats", "🦊"]);
    expect(unknown("cafe\u0301")).toEqual([]);
    expect(sd1.encode("a zebra").unknownWords).toEqual([]);
  });
});

describe("files that cannot be right", () => {
  const files = tokenizerFiles("c a\nca t</w>\n");
  const config: Record<string, unknown> = { ...Object(files.tokenizerConfig) };
  const drop = (from: object, key: string) =>
    Object.fromEntries(Object.entries(from).filter(([name]) => name !== key));
  const vocab = vocabOf("c a\nca t</w>\n");
  const inOne = (changes: object) => ({
    vocab: null,
    tokenizer: { model: { type: "BPE", vocab, merges: ["c a"], ...changes } },
  });
  const bad: readonly [string, Partial<TokenizerFiles>, FailureCode, RegExp][] = [
    [
      "a pad that is no text",
      { tokenizerConfig: { ...config, pad_token: 7 }, specialTokensMap: null },
      "model-corrupt",
      /pad_token.*got 7/,
    ],
    ["T5", { tokenizerConfig: { ...config, tokenizer_class: "T5Tokenizer" } }, "unsupported", /T5Tokenizer/],
    ["a list", { vocab: ["a"] }, "model-corrupt", /vocab\.json/],
    ["an id that is none", { vocab: { ...vocab, x: "7" } }, "model-corrupt", /id of "x"/],
    ["no end token", { vocab: drop(vocab, "<|endoftext|>") }, "model-corrupt", /special token.*endoftext/],
    ["a byte short", { vocab: drop(vocab, "!") }, "model-corrupt", /256 bytes.*"!"/],
    ["a merge to nowhere", { merges: "c a\nd o\n" }, "model-corrupt", /line 2.*d o/],
    ["no words", { vocab: null }, "model-corrupt", /vocab\.json is missing, and so is tokenizer\.json/],
    ["half of the words", { merges: null }, "model-corrupt", /; merges\.txt is missing/],
    ["T5's tokenizer.json", inOne({ type: "Unigram" }), "unsupported", /BPE, got "Unigram"/],
    ["a list for a tokenizer", { vocab: null, tokenizer: [] }, "model-corrupt", /tokenizer\.json.*object/],
    ["a tokenizer without words", inOne({ vocab: null }), "model-corrupt", /tokenizer\.json.*got null/],
    ["no merges", inOne({ merges: {} }), "model-corrupt", /list of merges, got object/],
    ["merges of numbers", inOne({ merges: [["c", 1]] }), "model-corrupt", /tokenizer\.json, merge 1/],
    ["merges of three", inOne({ merges: [["c", "a", "t"]] }), "model-corrupt", /merge 1.*"t"/],
    ["GPT-2's words", inOne({ vocab: drop(vocab, "!</w>") }), "model-corrupt", /256 bytes.*"!<\/w>"/],
    ["a page of HTML", { merges: "<!doctype html>\n<p>not found" }, "model-corrupt", /doctype/],
  ];

  it.each(bad)("%s: refused in one sentence", (_, change, code, sentence) => {
    const open = () => clipTokenizer({ ...files, ...change });
    expect(open).toThrow(Failure);
    expect(open).toThrow(expect.objectContaining({ code, message: expect.stringMatching(sentence) }));
  });
});

/** tokenizer.json as the Hub carries it for CLIP. */
function xenovaJson(mergesText: string): object {
  const vocab = vocabOf(mergesText);
  const added = (content: string) => ({ id: vocab[content], content, special: true, normalized: true });
  return {
    added_tokens: [added("<|startoftext|>"), added("<|endoftext|>")],
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "NFC" },
        { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
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
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: true },
      ],
    },
    post_processor: {
      type: "RobertaProcessing",
      sep: ["<|endoftext|>", EOS],
      cls: ["<|startoftext|>", BOS],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: "<|endoftext|>",
      continuing_subword_prefix: "",
      end_of_word_suffix: "</w>",
      fuse_unk: false,
      vocab,
      merges: mergesText.split("\n").slice(1, -1),
    },
  };
}
