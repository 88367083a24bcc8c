"""A tokenizer in the format of CLIP's (Radford et al. 2021, arXiv 2103.00020; Sennrich et al. 2016, arXiv 1508.07909).

Lower-cased text is cut into words, words into bytes written as printable characters, the last one marked `</w>`; then
pairs are merged by rank. The vocabulary is small: 256 bytes, the same at the end of a word, the merges learnt here, and
the two special tokens. Merges are learnt until each word of the picture world is one token, so a prompt of the world
reads as words, and anything else still has ids (its bytes).
"""

import json
from collections import Counter, defaultdict
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from transformers import CLIPTokenizer

START, END = "<|startoftext|>", "<|endoftext|>"


@lru_cache
def byte_characters() -> tuple[str, ...]:
    """The printable character that stands for each byte (GPT-2's table: Latin-1 as it is, others from 256)."""
    plain = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = [byte for byte in range(256) if byte not in plain]
    return tuple(chr(byte if byte in plain else 256 + others.index(byte)) for byte in range(256))


def learn_merges(words: list[str]) -> list[tuple[str, str]]:
    """Byte-pair merges, most frequent first (ties by spelling), until each word is one symbol."""
    table = byte_characters()
    spelt = [[table[b] for b in word.encode()[:-1]] + [table[word.encode()[-1]] + "</w>"] for word in words]
    pairs = Counter(pair for word in spelt for pair in pairwise(word))
    within = defaultdict(set)
    for i, word in enumerate(spelt):
        for pair in pairwise(word):
            within[pair].add(i)
    merges = []
    while pairs:
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        for i in within.pop(best):
            pairs.subtract(pairwise(spelt[i]))
            spelt[i] = _merged(spelt[i], best)
            for pair in pairwise(spelt[i]):
                pairs[pair] += 1
                within[pair].add(i)
        pairs = +pairs  # those that are left
    return merges


def _merged(word: list[str], pair: tuple[str, str]) -> list[str]:
    out: list[str] = []
    for symbol in word:
        if out and (out[-1], symbol) == pair:
            out[-1] += symbol
        else:
            out.append(symbol)
    return out


def save(folder: Path, words: tuple[str, ...], max_length: int) -> CLIPTokenizer:
    """Writes the four files of a diffusers `tokenizer/` folder and returns them read back by transformers.

    `words` are those to be one token each (of the picture world: `captions.words`), prompts have `max_length` ids.
    """
    folder.mkdir(parents=True, exist_ok=True)
    merges = learn_merges([*words, ","])
    characters = byte_characters()
    symbols = [*characters, *(c + "</w>" for c in characters), *(a + b for a, b in merges), START, END]
    vocabulary = {symbol: i for i, symbol in enumerate(symbols)}
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    special = {"bos_token": START, "eos_token": END, "pad_token": END, "unk_token": END}
    options = {"add_prefix_space": False, "do_lower_case": True, "errors": "replace", "model_max_length": max_length}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False) + "\n")
    (folder / "merges.txt").write_text("\n".join(lines) + "\n")
    write_json(folder / "special_tokens_map.json", special)
    write_json(folder / "tokenizer_config.json", {**options, **special, "tokenizer_class": "CLIPTokenizer"})
    return CLIPTokenizer.from_pretrained(folder)


def write_json(path: Path, value: dict) -> None:
    """Readable JSON with a newline at its end."""
    path.write_text(json.dumps(value, indent=2) + "\n")


def encode(tokenizer: CLIPTokenizer, texts: list[str]) -> list[list[int]]:
    """Ids [n, tokenizer.model_max_length]: start, text, end, padded with the end token (as CLIP is)."""
    return tokenizer(texts, padding="max_length", truncation=True)["input_ids"]
