/** CLIP's real vocabulary for tests, and a small one. */

import { readFileSync } from "node:fs";
import type { TokenizerFiles } from "./clipTokenizer";

const END = "<|endoftext|>";
const START = "<|startoftext|>";

/** CLIP's merges.txt, as in Stable Diffusion's `tokenizer/`. */
export function clipMerges(): string {
  return readFileSync(new URL("../../models/published/clip/merges.txt", import.meta.url), "utf8");
}

/** vocab.json for a merges.txt: bytes, bytes that end a word, one token per merge, two special tokens. */
export function vocabOf(merges: string): Record<string, number> {
  const printable = (b: number) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
  const bytes = Array.from({ length: 256 }, (_, b) => b);
  const plain = bytes.filter(printable).map((b) => String.fromCodePoint(b));
  const others = bytes.filter((b) => !printable(b)).map((_, i) => String.fromCodePoint(256 + i));
  const letters = [...plain, ...others];
  const merged = merges
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#version"))
    .map((line) => line.replace(" ", ""));
  const tokens = [...letters, ...letters.map((letter) => `${letter}</w>`), ...merged, START, END];
  return Object.fromEntries(tokens.map((token, id) => [token, id]));
}

/** The files of a tokenizer folder that pads with `pad`, as older versions of transformers save them. */
export function tokenizerFiles(merges: string, pad = END): TokenizerFiles {
  const special = { bos_token: START, eos_token: END, pad_token: pad, unk_token: END };
  return {
    vocab: vocabOf(merges),
    merges,
    tokenizer: null,
    tokenizerConfig: { tokenizer_class: "CLIPTokenizer", model_max_length: 77, ...special },
    specialTokensMap: special,
  };
}
