"""How well a picture fits its prompt: a small contrastive model of pictures and texts (Radford et al. 2021, arXiv
2103.00020). Its text half reads what the diffusion model's own text encoder has already computed.

Both halves end in a unit vector, and their cosine is the output; 100 max(cosine, 0) is the CLIP score (Hessel et al.
2021, arXiv 2104.08718, there times 2.5 in place of 100).
"""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

MASKED = -10_000.0  # representable in float16, and exp(MASKED) is 0 in every float
FILE = "model.safetensors"
# Every key of config.json; a folder may leave out what it shares with these.
DEFAULTS = {
    "_class_name": "PromptMatch",
    "image_size": 256,
    "pool": 2,
    "widths": [24, 48, 96, 160],
    "blocks": [0, 0, 1, 1],
    "head_width": 32,
    "text_input_width": 128,
    "text_width": 128,
    "text_layers": 2,
    "text_heads": 4,
    "projection_width": 192,
}


class Convolution(nn.Module):
    """3x3 (or 1x1) convolution. While it learns, batch normalisation follows; `folded` takes that into the weights."""

    def __init__(self, inputs: int, outputs: int, side: int = 3, stride: int = 1, learns: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, side, stride, side // 2)
        if learns:
            self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return self.norm(x) if hasattr(self, "norm") else x


class Residual(nn.Module):
    """relu(x + f(x)), f two 3x3 convolutions (He et al. 2015, arXiv 1512.03385, fig. 2)."""

    def __init__(self, width: int, learns: bool) -> None:
        super().__init__()
        self.first, self.second = (Convolution(width, width, learns=learns) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(F.relu(self.first(x))))


class ImageHalf(nn.Module):
    """Pictures [batch, 3, side, side] in [-1, 1] to vectors [batch, projection_width].

    Averaged to side / pool, halved by each stage, then the whole grid at once into a vector: where things stand is part
    of what a prompt says, so nothing is averaged over positions.
    """

    def __init__(self, config: dict, learns: bool) -> None:
        super().__init__()
        self.pool = config["pool"]
        stages, inputs = [], 3
        for width, blocks in zip(config["widths"], config["blocks"], strict=True):
            down = nn.Sequential(Convolution(inputs, width, stride=2, learns=learns), nn.ReLU())
            stages.append(nn.Sequential(down, *(Residual(width, learns) for _ in range(blocks))))
            inputs = width
        self.stages = nn.Sequential(*stages)
        grid = config["image_size"] // self.pool // 2 ** len(stages)
        self.head = Convolution(inputs, config["head_width"], side=1, learns=learns)
        self.projection = nn.Linear(config["head_width"] * grid**2, config["projection_width"])

    def forward(self, pixels: Tensor) -> Tensor:
        return self.look(F.avg_pool2d(pixels, self.pool) if self.pool > 1 else pixels)

    def look(self, x: Tensor) -> Tensor:
        """The same for pictures that are averaged to side / pool already."""
        return self.projection(F.relu(self.head(self.stages(x))).flatten(1))


class TextBlock(nn.Module):
    """Attention among the words of a text, then a two-layer network; pre-norm (Xiong et al. 2020, arXiv 2002.04745)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm, self.mlp_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(width, width) for _ in range(4))
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """x [batch, tokens, width]; mask [batch, 1, 1, tokens], 0 for a word and MASKED for padding."""
        y = self.attention_norm(x)
        batch, tokens, width = x.shape

        def heads(projection: nn.Linear) -> Tensor:
            return projection(y).reshape(batch, tokens, self.heads, width // self.heads).transpose(1, 2)

        scores = heads(self.q_proj) @ heads(self.k_proj).transpose(2, 3) * (width // self.heads) ** -0.5 + mask
        mixed = (torch.softmax(scores, dim=-1) @ heads(self.v_proj)).transpose(1, 2).reshape(batch, tokens, width)
        x = x + self.out_proj(mixed)
        return x + self.fc2(F.relu(self.fc1(self.mlp_norm(x))))


class TextHalf(nn.Module):
    """Hidden states [batch, tokens, text_input_width] and the end tokens' places [batch] to [batch, projection_width].

    The vector is the end token's, as in CLIP. What follows the end is padding and is never looked at.
    """

    def __init__(self, config: dict) -> None:
        super().__init__()
        width = config["text_width"]
        self.input_proj = nn.Linear(config["text_input_width"], width)
        self.layers = nn.ModuleList(TextBlock(width, config["text_heads"]) for _ in range(config["text_layers"]))
        self.final_norm = nn.LayerNorm(width)
        self.projection = nn.Linear(width, config["projection_width"])

    def forward(self, text: Tensor, end: Tensor) -> Tensor:
        places = torch.arange(text.shape[1], dtype=torch.float32, device=text.device)
        after = places[None] - end.float()[:, None]  # [batch, tokens], 0 at the end token
        mask = (MASKED * after.clamp(0, 1))[:, None, None].to(text.dtype)
        is_end = (1 - after.abs()).clamp(min=0)[:, None].to(text.dtype)
        x = self.input_proj(text)
        for layer in self.layers:
            x = layer(x, mask)
        return self.projection(self.final_norm((is_end @ x)[:, 0]))


class PromptMatch(nn.Module):
    """Both halves. `learns` gives the form that is trained; `folded` makes of it the form that is saved."""

    def __init__(self, config: dict, learns: bool = False) -> None:
        super().__init__()
        self.config = DEFAULTS | config
        self.image, self.text = ImageHalf(self.config, learns), TextHalf(self.config)

    def forward(self, pixels: Tensor, text: Tensor, end: Tensor) -> Tensor:
        """Cosine [batch] of pictures [batch, 3, image_size, image_size] in [-1, 1] with texts, row by row."""
        return (unit(self.image(pixels)) * unit(self.text(text, end))).sum(1)


def unit(x: Tensor) -> Tensor:
    """Rows of x [n, width] at length 1, float32: squares of large numbers do not fit into float16."""
    x = x.float()
    return x / (x * x).sum(1, keepdim=True).sqrt()


def folded(trained: PromptMatch) -> PromptMatch:
    """The same function with every batch normalisation taken into the convolution before it."""
    module = PromptMatch(trained.config)
    plain, state = dict(module.named_modules()), {}
    for name, part in trained.named_modules():
        if isinstance(part, Convolution):
            fused = nn.utils.fuse_conv_bn_eval(part.conv.eval(), part.norm.eval())
            plain[name].conv.load_state_dict(fused.state_dict())
        elif not list(part.children()) and not isinstance(part, nn.BatchNorm2d | nn.Conv2d):
            state |= {f"{name}.{key}": value for key, value in part.state_dict().items()}
    module.load_state_dict(module.state_dict() | state)
    return module.eval()


def save(module: PromptMatch, folder: Path, dtype: torch.dtype) -> None:
    """Writes config.json and model.safetensors of a folded module."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(module.config, indent=2) + "\n", encoding="utf-8")
    tensors = {name: tensor.detach().to(dtype).contiguous() for name, tensor in module.state_dict().items()}
    save_file(tensors, folder / FILE, metadata={"format": "pt"})
    (folder / FILE).chmod(0o644)  # safetensors makes files that only their owner may read


def load(folder: Path) -> PromptMatch:
    """What `save` wrote, in float32."""
    module = PromptMatch(json.loads((folder / "config.json").read_text(encoding="utf-8")))
    module.load_state_dict(load_file(folder / FILE))
    return module.float().eval()
