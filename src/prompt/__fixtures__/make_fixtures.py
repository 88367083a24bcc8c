"""CLIP's merges and the ids that transformers gives to prompts.json: python make_fixtures.py bpe_simple_vocab_16e6.txt.gz"""

import gzip
import json
import sys
from pathlib import Path

from transformers import CLIPTokenizer

HERE = Path(__file__).parent
PADS = {"sd1": "<|endoftext|>", "sd2": "!"}

with gzip.open(sys.argv[1], "rt", encoding="utf-8") as file:
    merges = file.read().split("\n")[1 : 49152 - 256 - 2 + 1]
printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
letters = [*map(chr, printable), *(chr(256 + i) for i in range(256 - len(printable)))]
tokens = [*letters, *(letter + "</w>" for letter in letters), *("".join(merge.split()) for merge in merges)]
vocab = {token: i for i, token in enumerate([*tokens, "<|startoftext|>", "<|endoftext|>"])}
pairs = [tuple(merge.split()) for merge in merges]

text = "#version: 0.2\n" + "\n".join(merges) + "\n"
(HERE.parents[2] / "models/published/clip/merges.txt").write_text(text, encoding="utf-8", newline="\n")
prompts = json.loads((HERE / "prompts.json").read_text(encoding="utf-8"))
tokenizers = {name: CLIPTokenizer(vocab=vocab, merges=pairs, pad_token=pad) for name, pad in PADS.items()}
ids = {name: [tokenizer(prompt)["input_ids"] for prompt in prompts] for name, tokenizer in tokenizers.items()}
rows = (
    f'  "{name}": [\n' + ",\n".join(f"    {json.dumps(row)}" for row in rows) + "\n  ]" for name, rows in ids.items()
)
(HERE / "ids.json").write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
