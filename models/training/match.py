"""Trains the prompt match of a finished model, as `training.run` does at its end.

By itself: `python -m training.match --model tinyworld --config configs/cpu.json`.

A contrastive model (Radford et al. 2021, arXiv 2103.00020) of renders and captions: of a batch of pictures and texts,
each picture finds its caption and each caption its picture. The text half stands on the model's own frozen text
encoder; the image half begins from nothing. A caption that is true of another picture of the batch is no negative
there, and half of the texts are captions of scenes that differ in one fact, for it is obedience that is to be judged.
It shares nothing with the judge of `training.evaluate`.

Generated pictures are softer than renders: some renders have been through the model's autoencoder, others are blurred,
noisy, shifted, paler or darker.

`runs/<name>/` keeps the pictures and what was learnt; started again, it learns on from there for another budget, on the
text encoder as it is then.
"""

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path
from random import Random

import numpy as np
import torch
from diffusers import AutoencoderTiny
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import CLIPTextModel, CLIPTokenizer

from export import prompt_match
from export.family import export_family, quiet
from export.prompt_match import PromptMatch, folded, unit
from training import alterations, data, precision
from training.progress import done, rate
from training.world import captions, scenes
from training.world.render import render
from training.world.scene import Scene, World

MODELS = Path(__file__).parent.parent
# What `config["match"]` may say otherwise; `network` is of `export.prompt_match.DEFAULTS`.
OPTIONS = {
    "renders": 6000, "decoded_share": 0.25, "captions": 2, "altered": 3, "batch": 96, "learning_rate": 0.002,
    "decay": "cosine", "minutes": 5.5, "tests": 512, "network": {},
}  # fmt: skip
SIDE = 128  # what the image half looks at; larger pictures are averaged down to it
FIRST_SEED, FIRST_TEST, FIRST_HELD_OUT = 300_000_000, 310_000_000, 320_000_000
RETRIEVED_OF, WRONG_TEXTS = 64, 3
UNSAID = -1


def options_of(config: dict) -> dict:
    """`config["match"]` over the defaults."""
    return OPTIONS | config.get("match", {})


def network_of(config: dict, text_width: int) -> dict:
    """Configuration of the network: it reads pictures of `config["picture_size"]` and texts of `text_width`."""
    size = config["picture_size"]
    sizes = {"image_size": size, "pool": max(1, size // SIDE), "text_input_width": text_width}
    return prompt_match.DEFAULTS | sizes | options_of(config)["network"]


class Texts:
    """What the frozen text encoder makes of texts: `hidden` [n, tokens, width] up to the longest, and `ends` [n]."""

    def __init__(self, model: Path, texts: list[str], config: dict):
        tokenizer = CLIPTokenizer.from_pretrained(model / "tokenizer")
        encoder = CLIPTextModel.from_pretrained(model / "text_encoder", dtype=torch.float32).eval()
        unique = {text: i for i, text in enumerate(dict.fromkeys(texts))}
        encoded = tokenizer(list(unique), padding="max_length", truncation=True, return_tensors="pt")["input_ids"]
        ends = (encoded == tokenizer.eos_token_id).int().argmax(1)
        ids = encoded[:, : int(ends.max()) + 1]  # attention is causal: what comes later changes nothing
        self.rows = torch.tensor([unique[text] for text in texts])
        self._ends = ends.int()
        self._hidden = _in_batches(encoder, lambda net, part: net(part).last_hidden_state, ids, config, 512)

    def take(self, which: Tensor) -> tuple[Tensor, Tensor]:
        """Hidden states float32 [k, tokens, width] and ends int32 [k] of the texts with these numbers."""
        rows = self.rows[which]
        return self._hidden[rows].float(), self._ends[rows]


@torch.no_grad()
def _in_batches(module: nn.Module, call, inputs: Tensor, config: dict, size: int) -> Tensor:
    """call(module, part) for parts of the inputs, on the configured device, kept in half precision on the host."""
    device, parts = config["device"], []
    module.to(device)
    with torch.autocast(device, torch.bfloat16, enabled=config["bf16"]):
        for part in inputs.split(size):
            parts.append(call(module, part.to(device)).half().cpu())
    return torch.cat(parts)


def pictures(drawn: list[Scene], config: dict, model: Path, decoded: int) -> Tensor:
    """uint8 [n, 3, side, side] at most 128 wide; the first `decoded` went through the model's autoencoder."""
    size = config["picture_size"]
    side = size // max(1, size // SIDE)
    out = torch.empty(len(drawn), 3, side, side, dtype=torch.uint8)
    for i, scene in enumerate(drawn[decoded:], decoded):
        out[i] = torch.from_numpy(render(scene, side)).permute(2, 0, 1)
    if decoded:
        vae = AutoencoderTiny.from_pretrained(model / "vae").float().eval()
        for start in range(0, decoded, 256):
            stop = min(start + 256, decoded)
            full = torch.from_numpy(np.stack([render(scene, size) for scene in drawn[start:stop]])).permute(0, 3, 1, 2)
            soft = _in_batches(
                vae, lambda net, part: net.decode(net.encode(_levels(part)).latents).sample, full, config, 16
            )
            levels = F.avg_pool2d(soft.float().clamp(-1, 1), size // side)
            out[start:stop] = levels.add(1).mul(127.5).round().byte()
    return out


def _levels(bytes_: Tensor) -> Tensor:
    """uint8 to float in [-1, 1]."""
    return bytes_.float().div(127.5).sub(1)


def softened(x: Tensor, random: torch.Generator) -> Tensor:
    """Pictures [b, 3, h, w] in [-1, 1] as a generator might have made them: nothing that a caption says is changed."""
    b, _, h, w = x.shape
    chance = lambda low, high: torch.empty(b, 1, 1, 1).uniform_(low, high, generator=random)  # noqa: E731
    y, left = torch.randint(0, 9, (2,), generator=random).tolist()
    x = F.pad(x, (4, 4, 4, 4), mode="replicate")[:, :, y : y + h, left : left + w]
    blurred = F.interpolate(F.avg_pool2d(x, 2), size=(h, w), mode="bilinear")
    x = torch.lerp(x, blurred, (chance(-1, 1) > 0) * chance(0, 1))
    x = x * chance(0.85, 1.1) + chance(-0.1, 0.1)
    noise = torch.randn(x.shape, generator=random) * chance(0, 0.12) * (chance(-1, 1) > 0)
    return (x + noise).clamp(-1, 1)


def truths(said: Tensor, shown: Tensor) -> Tensor:
    """Which captions are true of which pictures: bool [texts, pictures], from facts [texts, f] and [pictures, f].

    A fact that a caption leaves out agrees with any. Two things in no stated relation may be named in either order, and
    may stand as they like.
    """
    fact = {name: i for i, name in enumerate(scenes.FACTS)}
    said = said.clone()
    loose = said[:, fact["relation"]] <= 0
    said[loose, fact["relation"]] = UNSAID
    swapped = said.clone()
    for a, b in (("noun0", "noun1"), ("colour0", "colour1")):
        swapped[:, [fact[a], fact[b]]] = said[:, [fact[b], fact[a]]]
    paired = loose & (said[:, fact["noun1"]] > 0)

    def agree(facts: Tensor) -> Tensor:
        facts = facts[:, None]
        return ((facts == UNSAID) | (facts == shown[None])).all(2)

    return agree(said) | (agree(swapped) & paired[:, None])


def contrastive_loss(images: Tensor, texts: Tensor, true: Tensor, scale: Tensor) -> Tensor:
    """InfoNCE both ways: unit vectors of pictures [b, d] and texts [t, d], text i < b that of picture i.

    `true` [t, b] are the captions that are true of a picture; but for a picture's own, they are left out of its choice.
    Texts from b on are nobody's, and only there to be told from the right one.
    """
    b = len(images)
    own = torch.zeros_like(true)
    own[:b] = torch.eye(b, dtype=torch.bool, device=true.device)
    logits = (scale * texts @ images.T).masked_fill(true & ~own, float("-inf"))
    target = torch.arange(b, device=logits.device)
    return (F.cross_entropy(logits.T, target) + F.cross_entropy(logits[:b], target)) / 2


class Lesson:
    """Scenes with their pictures, and for each scene texts: first its captions, then those of altered scenes."""

    def __init__(self, config: dict, model: Path, world: World, work: Path):
        options = options_of(config)
        self.count, self.captions, self.altered = options["renders"], options["captions"], options["altered"]
        drawn = [scenes.draw(world, FIRST_SEED + i) for i in range(self.count)]
        said, facts = [], []
        for i, scene in enumerate(drawn):
            random = Random(f"match/{i}")
            others = alterations.alterations(scene, world, random, self.altered)
            for what in [scene] * self.captions + others:
                text, known = captions.caption_with_facts(what, world, random)
                said.append(text)
                facts.append([known[name] for name in scenes.FACTS])
        self.said = torch.tensor(facts)
        self.shown = _facts(drawn, world)
        self.texts = Texts(model, said, config)
        kept = work / f"match-pictures-{config['picture_size']}-{self.count}.pt"
        if not kept.exists():
            torch.save(pictures(drawn, config, model, round(options["decoded_share"] * self.count)), kept)
        self.pictures = torch.load(kept, weights_only=True)

    def batch(self, count: int, random: torch.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Pictures [count, 3, side, side], then one caption of each and one altered of each: hidden, ends, truths."""
        which = torch.randperm(self.count, generator=random)[:count]
        first = which * (self.captions + self.altered)
        own = first + torch.randint(self.captions, (count,), generator=random)
        other = first + self.captions + torch.randint(self.altered, (count,), generator=random)
        rows = torch.cat([own, other])
        hidden, ends = self.texts.take(rows)
        return softened(_levels(self.pictures[which]), random), hidden, ends, truths(self.said[rows], self.shown[which])


def _facts(drawn: list[Scene], world: World) -> Tensor:
    return torch.tensor([[scenes.facts(scene, world)[name] for name in scenes.FACTS] for scene in drawn])


def fit(config: dict, model: Path, world: World, work: Path) -> PromptMatch:
    """Trains to the end of the budget, pictures and hidden states not counted; from `work/match.pt` if it is there.

    Returns the folded network.
    """
    torch.manual_seed(config["seed"])
    options, device = options_of(config), config["device"]
    lesson = Lesson(config, model, world, work)
    width = json.loads((model / "text_encoder" / "config.json").read_text())["hidden_size"]
    module = PromptMatch(network_of(config, width), learns=True).to(device, memory_format=torch.channels_last).train()
    log_scale = nn.Parameter(torch.tensor(float(np.log(1 / 0.07)), device=device))
    kept = work / "match.pt"
    if kept.exists():
        learnt = torch.load(kept, map_location=device, weights_only=True)
        module.load_state_dict(learnt["module"])
        log_scale.data.copy_(learnt["log_scale"])
    groups = [{"params": list(module.parameters())}, {"params": [log_scale], "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=options["learning_rate"], betas=(0.9, 0.98), weight_decay=0.05)
    random = torch.Generator().manual_seed(config["seed"])
    state, began = {"step": 0, "seconds": 0.0}, time.monotonic()
    while done(state, options) < 1:
        for group in optimiser.param_groups:
            group["lr"] = rate(state, options)
        x, hidden, ends, true = (tensor.to(device) for tensor in lesson.batch(options["batch"], random))
        with torch.autocast(device, torch.bfloat16, enabled=config["bf16"]):
            images = module.image.look(x.contiguous(memory_format=torch.channels_last))
            texts = module.text(hidden, ends)
        loss = contrastive_loss(unit(images), unit(texts), true, log_scale.exp().clamp(max=100))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(module.parameters(), 1.0)
        optimiser.step()
        state.update(step=state["step"] + 1, seconds=time.monotonic() - began)
        if state["step"] % config["log_every"] == 0:
            print("match", json.dumps({"step": state["step"], "loss": round(loss.item(), 4)}), flush=True)
    torch.save({"module": module.state_dict(), "log_scale": log_scale.detach()}, kept)
    return folded(module.cpu())


@torch.no_grad()
def vectors(
    module: PromptMatch, drawn: list[Scene], texts: list[str], config: dict, model: Path
) -> tuple[Tensor, Tensor]:
    """Unit vectors of the pictures of scenes, and of texts."""
    shown = pictures(drawn, config, model, 0)
    images = torch.cat([unit(module.image.look(_levels(part))) for part in shown.split(64)])
    read = Texts(model, texts, config)
    parts = torch.arange(len(texts)).split(256)
    return images, torch.cat([unit(module.text(*read.take(part))) for part in parts])


def measure(module: PromptMatch, config: dict, model: Path, world: World, held_out: bool) -> dict:
    """On renders it has not seen: how often it finds the right text among others, and what scores it gives.

    `retrieval`: among the 64 texts of 64 pictures; a text equal to the own one is right. `hard`: between the own text
    and that of an altered scene, by what was altered, and `hardOfAll` against up to three at once. Scores are 100
    max(cosine, 0) of captions in any wording: `typical` their own, `mismatched` another picture's.
    """
    count = options_of(config)["tests"]
    first = FIRST_HELD_OUT if held_out else FIRST_TEST
    drawn = [scenes.draw(world, first + i, held_out) for i in range(count)]
    full = [captions.prompt(scene) for scene in drawn]
    loose = [captions.caption(scene, Random(f"said/{i}"), world.speech) for i, scene in enumerate(drawn)]
    wrong = [(i, kind, captions.prompt(other)) for i, kind, other in _wrong(drawn, world)]
    images, texts = vectors(module, drawn, [*full, *loose, *(text for *_, text in wrong)], config, model)
    own = (images * texts[:count]).sum(1)
    hard = {(i, kind): bool(own[i] > images[i] @ texts[2 * count + n]) for n, (i, kind, _) in enumerate(wrong)}
    by_kind, by_picture = defaultdict(list), defaultdict(list)
    for (i, kind), won in hard.items():
        by_kind[kind].append(won)
        by_picture[i] += [won] if len(by_picture[i]) < WRONG_TEXTS else []
    scores = 100 * (images @ texts[count : 2 * count].T).clamp(min=0)
    others = scores[~torch.eye(count, dtype=torch.bool)]
    return {
        "retrieval": _share(_found(images, texts, full)),
        "hardOfAll": _share([all(won) for won in by_picture.values()]),
        "hard": {kind: _share(by_kind[kind]) for kind in alterations.KINDS if by_kind[kind]},
        "typical": round(scores.diag().mean().item(), 1),
        "mismatched": round(others.mean().item(), 1),
    }


def _wrong(drawn: list[Scene], world: World) -> list[tuple[int, str, Scene]]:
    """For each scene and each kind that applies to it, in a shuffled order: its number, the kind, the altered scene."""
    found = []
    for i, scene in enumerate(drawn):
        random = Random(f"wrong/{i}")
        for kind in random.sample(alterations.KINDS, len(alterations.KINDS)):
            other = alterations.altered(scene, world, random, kind)
            found += [(i, kind, other)] if other is not None else []
    return found


def _found(images: Tensor, texts: Tensor, said: list[str]) -> list[bool]:
    """For each picture of every 64 (or of all, if there are fewer), whether its text is the nearest."""
    size = min(RETRIEVED_OF, len(said))
    found = []
    for start in range(0, len(said) - size + 1, size):
        best = (images[start : start + size] @ texts[start : start + size].T).argmax(1)
        found += [said[start + i] == said[start + int(j)] for i, j in enumerate(best)]
    return found


def _share(wins: list[bool]) -> float:
    return round(sum(wins) / max(1, len(wins)), 3)


def train(config: dict, model: Path, work: Path) -> dict:
    """Trains the prompt match of a model folder, keeping what it needs again in `work`; writes `prompt_match/` and the
    sidecar's `promptMatch`.

    Returns what `measure` says of scenes like those of training ("seen") and of held-out combinations ("heldOut").
    """
    torch.set_num_threads(config["threads"])
    work.mkdir(parents=True, exist_ok=True)
    world = scenes.world_of(config)
    prompt_match.save(fit(config, model, world, work), model / "prompt_match", torch.float16)
    saved = prompt_match.load(model / "prompt_match")
    numbers = {
        "seen": measure(saved, config, model, world, held_out=False),
        "heldOut": measure(saved, config, model, world, held_out=True),
    }
    path = model / "afterimage.json"
    sidecar = json.loads(path.read_text())
    sidecar["promptMatch"] = {key: numbers["seen"][key] for key in ("typical", "mismatched")}
    path.write_text(json.dumps(sidecar, indent=2) + "\n")
    return numbers


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="a diffusers folder, for instance tinyworld")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--graphs", type=Path, help="folder for the graphs; graphs/<name of the model> if left out")
    options = parser.parse_args()
    quiet()
    config = precision.settled(data.learnt(json.loads(options.config.read_text())))
    print(json.dumps(train(config, options.model, MODELS / "runs" / config["name"]), indent=2))
    name = options.model.resolve().name
    export_family(options.model, name, options.graphs or MODELS / "graphs" / name)


if __name__ == "__main__":
    main()
