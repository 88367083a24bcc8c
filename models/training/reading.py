"""Teaches the text encoder to read before anything is drawn.

From a caption alone it learns to tell what the caption says: which nouns in which colours and sizes, how many, how they
stand to each other, where, when, and in what style. Every fact is read off the row of the end token, the only one that
has seen the whole text, by one linear layer that is thrown away afterwards. Words cost a hundredth of what pictures
cost, so binding ("a red car to the left of a blue house") is learnt here, and not by looking at pictures.
"""

import json
import time
from pathlib import Path
from random import Random

import torch
from torch.nn import functional as F
from transformers import CLIPTextModel, CLIPTokenizer

from training.networks import build_text_encoder
from training.parallel import Shards
from training.progress import done, rate
from training.tokenizer import encode
from training.world import captions, scenes
from training.world.scene import World

_UNSAID = -1


class Reader(torch.nn.Module):
    """A text encoder and a linear layer to all the facts at once."""

    def __init__(self, text_encoder: CLIPTextModel, sizes: dict[str, int], end: int):
        super().__init__()
        self.text_encoder, self.sizes, self.end = text_encoder, sizes, end
        self.facts = torch.nn.Linear(text_encoder.config.hidden_size, sum(sizes.values()))

    def forward(self, ids: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Logits of each fact, [b, classes], from ids [b, tokens]."""
        hidden = self.text_encoder(ids).last_hidden_state
        rows = hidden[torch.arange(len(ids)), (ids == self.end).int().argmax(1)]
        return self.facts(rows).split(list(self.sizes.values()), 1)


def batch(config: dict, world: World, tokenizer: CLIPTokenizer, first: int, count: int):
    """Captions of the scenes `first`, `first + 1`, …: ids [count, tokens] and classes [count, facts], -1 if unsaid."""
    said = [
        captions.caption_with_facts(scenes.draw(world, seed), world, Random(f"read/{seed}"))
        for seed in range(first, first + count)
    ]
    ids = torch.tensor(encode(tokenizer, [text for text, _ in said]))
    names = scenes.fact_sizes(world)
    return ids, torch.tensor([[facts[name] for name in names] for _, facts in said])


def loss_of(reader: Reader, ids: torch.Tensor, facts: torch.Tensor) -> torch.Tensor:
    """Sum over facts of the cross-entropy where the fact was said."""
    total = 0.0
    for k, logits in enumerate(reader(ids)):
        said = facts[:, k] != _UNSAID
        losses = F.cross_entropy(logits.float(), facts[:, k].clamp(min=0), reduction="none")
        total = total + (losses * said).sum() / said.sum().clamp(min=1)
    return total


@torch.no_grad()
def accuracy(reader: Reader, ids: torch.Tensor, facts: torch.Tensor) -> dict[str, float]:
    """Share of said facts that are read rightly, by fact."""
    out = {}
    for k, (name, logits) in enumerate(zip(reader.sizes, reader(ids), strict=True)):
        said = facts[:, k] != _UNSAID
        out[name] = round((logits.argmax(1) == facts[:, k])[said].float().mean().item(), 4)
    return out


def train(config: dict, tokenizer: CLIPTokenizer, folder: Path) -> CLIPTextModel:
    """Trains to the end of `config["reading"]`, or takes `folder/reading.pt`; prints how well it reads what is new."""
    torch.manual_seed(config["seed"])
    options, device = config["reading"], config["device"]
    world = scenes.world_of(config)
    reader = Reader(build_text_encoder(config, tokenizer), scenes.fact_sizes(world), tokenizer.eos_token_id).to(device)
    path = folder / "reading.pt"
    if path.exists():
        reader.load_state_dict(torch.load(path, map_location=device, weights_only=True))
        return reader.text_encoder
    optimiser = torch.optim.AdamW(
        reader.parameters(), lr=options["learning_rate"], betas=(0.9, 0.99), weight_decay=0.01
    )
    shards = Shards(reader, config["shards"])
    state, began = {"step": 0, "seconds": 0.0}, time.monotonic()

    def one_loss(replica, ids, facts):
        with torch.autocast(device, torch.bfloat16, enabled=config["bf16"]):
            return loss_of(replica, ids, facts)

    while done(state, options) < 1:
        for group in optimiser.param_groups:
            group["lr"] = rate(state, options)
        first = 200_000_000 + state["step"] * options["batch"]
        ids, facts = batch(config, world, tokenizer, first, options["batch"])
        loss = shards.backward(one_loss, ids.to(device), facts.to(device))
        torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        state["step"] += 1
        state["seconds"] = time.monotonic() - began
        if state["step"] % config["log_every"] == 0:
            print("reading", json.dumps({"step": state["step"], "loss": round(loss.item(), 4)}), flush=True)
    ids, facts = batch(config, world, tokenizer, 190_000_000, options.get("held_out", 1000))
    print("reading", json.dumps(accuracy(reader.eval(), ids.to(device), facts.to(device))), flush=True)
    torch.save(reader.state_dict(), path)
    return reader.text_encoder
