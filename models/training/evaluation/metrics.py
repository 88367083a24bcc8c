"""Distances between sets of pictures, as the papers define them, over feature vectors [n, d] of any network."""

import math

import numpy as np

NEAREST = 3
"""k of Kynkäänniemi et al. 2019."""
CONFIDENCE = 1.959964
"""Standard deviations of a two-sided 95 % interval."""


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """|m_a - m_b|² + tr(C_a + C_b - 2 (C_a C_b)^½), of the Gaussians with their moments.

    Heusel et al. 2017 (arXiv 1706.08500), eq. 6. The trace of the root is the sum of the roots of the eigenvalues of
    the symmetric C_a^½ C_b C_a^½, which has those of C_a C_b. Covariances divide by n - 1.
    """
    if min(len(a), len(b)) < 2:
        raise ValueError(f"want two pictures or more on each side, got {len(a)} and {len(b)}")
    a, b = a.astype(np.float64), b.astype(np.float64)
    first, second = np.atleast_2d(np.cov(a, rowvar=False)), np.atleast_2d(np.cov(b, rowvar=False))
    values, vectors = np.linalg.eigh(first)
    root = vectors * np.sqrt(values.clip(0)) @ vectors.T
    cross = np.sqrt(np.linalg.eigvalsh(root @ second @ root).clip(0)).sum()
    apart = np.square(a.mean(0) - b.mean(0)).sum()
    return float(max(apart + np.trace(first) + np.trace(second) - 2 * cross, 0))


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Euclidean distances [len(a), len(b)]."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    squares = np.square(a).sum(1)[:, None] + np.square(b).sum(1) - 2 * a @ b.T
    return np.sqrt(squares.clip(0))


def covered(reference: np.ndarray, queries: np.ndarray, nearest: int = NEAREST) -> float:
    """Share of the queries that lie in the manifold of `reference`: no farther from one of its points than that
    point's k-th nearest other (Kynkäänniemi et al. 2019, arXiv 1904.06991, eq. 1 and 2)."""
    if len(reference) <= nearest:
        raise ValueError(f"want more than {nearest} reference pictures, got {len(reference)}")
    within = distances(reference, reference)
    np.fill_diagonal(within, np.inf)
    radius = np.sort(within, axis=1)[:, nearest - 1]
    return float((distances(queries, reference) <= radius).any(1).mean())


def precision_recall(real: np.ndarray, made: np.ndarray, nearest: int = NEAREST) -> tuple[float, float]:
    """Precision: share of made pictures that look real. Recall: share of real pictures that could have been made."""
    return covered(real, made, nearest), covered(made, real, nearest)


def wilson(share: float, count: int) -> tuple[float, float]:
    """95 % interval of a share seen in `count` independent trials (Wilson 1927)."""
    z2 = CONFIDENCE**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = CONFIDENCE * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2)) / (1 + z2 / count)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def peak_signal_to_noise(a: np.ndarray, b: np.ndarray) -> float:
    """PSNR in dB over all pictures together, for values in [-1, 1] (peak to peak 2)."""
    return 10 * math.log10(4 / float(np.square(a.astype(np.float64) - b).mean()))


def explained(target: np.ndarray, guess: np.ndarray) -> float:
    """R²: the share of the variance of `target` [n, d] that `guess` explains."""
    target = target.astype(np.float64)
    return float(1 - np.square(target - guess).sum() / np.square(target - target.mean(0)).sum())
