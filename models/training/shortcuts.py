"""The networks of an `AutoencoderTiny` by fewer multiplications: the same weights, the same gradients, half the time.

Three times a convolution follows another, or a repetition of pixels, with nothing between that bends; together they are
one convolution of fewer taps, whose kernel is made anew from theirs at every step (it is tiny beside a picture):

- pixels repeated to twice the size, then 3x3: a transposed 4x4 convolution of stride 2, 16 products where 36 were;
- the decoder's end, if its outermost level has no blocks, repeated pixels, then 3x3, then 3x3 to colours: one 3x3
  convolution to 12 channels at half the size and a depth-to-space (Shi et al. 2016, arXiv 1609.05158);
- the encoder's beginning, if its outermost level has no blocks, 3x3, then 3x3 of stride 2: 5x5 of stride 2.

The first is exact. The others differ from the layers in the outermost pixels, where those see zeros between the two
convolutions: what was trained so is trained last by the layers themselves (`autoencoder.refine`).
"""

import torch
from diffusers import AutoencoderTiny
from torch import Tensor, nn
from torch.nn import functional as F

_REPEATED = torch.tensor([[0.0, 0, 1], [0, 1, 1], [1, 1, 0], [1, 0, 0]])
"""Row t of a transposed kernel of 4 is the sum of these taps of a kernel of 3 on repeated pixels."""
_PHASES = torch.tensor(
    [[[1.0, 1, 0, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 0, 1]], [[1, 0, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 0, 1, 1]]]
)
"""[phase, tap, 5]: the taps of a kernel of 5 on repeated pixels that fall on one pixel before them, even and odd."""


def encode(model: AutoencoderTiny, x: Tensor) -> Tensor:
    """Unscaled latents [b, c, h/f, w/f] of pictures [b, 3, h, w] in [-1, 1]."""
    layers = list(model.encoder.layers)
    x = x.add(1).div(2)
    if isinstance(layers[1], nn.Conv2d) and layers[1].stride == (2, 2):
        first, second = layers[:2]
        bias = torch.einsum("omyx,m->o", second.weight, first.bias)
        x = F.conv2d(x, joined(first.weight, second.weight), bias, stride=2, padding=2)
        layers = layers[2:]
    for layer in layers:
        x = layer(x)
    return x


def decode(model: AutoencoderTiny, z: Tensor) -> Tensor:
    """Pictures [b, 3, h, w] in about [-1, 1] of unscaled latents."""
    layers = list(model.decoder.layers)
    x = torch.tanh(z / 3) * 3
    i = 0
    while i < len(layers):
        if not isinstance(layers[i], nn.Upsample):
            x, i = layers[i](x), i + 1
        elif i == len(layers) - 3:
            x, i = _last(x, layers[i + 1].weight, layers[i + 2]), i + 3
        else:
            x, i = repeated(x, layers[i + 1].weight), i + 2
    return x.mul(2).sub(1)


def repeated(x: Tensor, weight: Tensor) -> Tensor:
    """3x3 convolution by `weight` [o, i, 3, 3] of x [b, i, h, w] with every pixel four times, [b, o, 2h, 2w]."""
    taps = _REPEATED.to(x.device)
    return F.conv_transpose2d(x, torch.einsum("ta,oiab,sb->iots", taps, weight, taps), stride=2, padding=1)


def joined(first: Tensor, second: Tensor) -> Tensor:
    """The 5x5 kernel [o, i, 5, 5] of the 3x3 convolutions `first` [m, i, 3, 3], then `second` [o, m, 3, 3]."""
    return F.conv2d(first.transpose(0, 1), second.flip(2, 3), padding=2).transpose(0, 1)


def _last(x: Tensor, weight: Tensor, colours: nn.Conv2d) -> Tensor:
    """Repeated pixels of x [b, i, h, w], convolved by `weight`, then by `colours`: [b, 3, 2h, 2w]."""
    phases = _PHASES.to(x.device)
    kernel = torch.einsum("pta,oiab,qsb->opqits", phases, joined(weight, colours.weight), phases)
    y = F.conv2d(x, kernel.flatten(0, 2), colours.bias.repeat_interleave(4), padding=1)
    return F.pixel_shuffle(y, 2)
