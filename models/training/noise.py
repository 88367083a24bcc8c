"""The noise of a seed, as the app makes it: Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as
1, 2, 3", section 3.3) and Box-Muller, which is `torch.randn` on CUDA. So a seed named in a model card is the same
picture in the app.
"""

import numpy as np
import torch

_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL = 0x9E3779B9, 0xBB67AE85
_LOW, _SHIFT = np.uint64(0xFFFFFFFF), np.uint64(32)


def philox4x32(counter: list[np.ndarray], key: tuple[int, int]) -> list[np.ndarray]:
    """Ten rounds over four arrays of 32-bit words, held as uint64."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        first, second = _MULTIPLIERS[0] * c0, _MULTIPLIERS[1] * c2
        c0, c1 = (second >> _SHIFT) ^ c1 ^ np.uint64(k0), second & _LOW
        c2, c3 = (first >> _SHIFT) ^ c3 ^ np.uint64(k1), first & _LOW
        k0, k1 = (k0 + _WEYL[0]) & 0xFFFFFFFF, (k1 + _WEYL[1]) & 0xFFFFFFFF
    return [c0, c1, c2, c3]


def normals(seed: int, shape: tuple[int, ...], draw: int = 0) -> torch.Tensor:
    """Standard normals [shape], float32, of a seed in [0, 2^64) and the number of the draw."""
    index = np.arange(np.prod(shape), dtype=np.uint64)
    zero = np.zeros_like(index)
    x, y, _, _ = philox4x32([zero + np.uint64(draw), zero, index, zero], (seed & 0xFFFFFFFF, seed >> 32))
    u, v = (x + 0.5) / 2**32, (y + 0.5) / 2**32
    values = np.sqrt(-2 * np.log(u)) * np.sin(float(np.float32(2 * np.pi)) * v)
    return torch.from_numpy(values.astype(np.float32).reshape(shape))
