"""Styles of line and brush: pencil, watercolour, oil, neon, blueprint, chalk. Pictures uint8 [s, s, 3], masks [s, s]."""

from functools import lru_cache

import cv2
import numpy as np

from training.world.styles_printed import edges, outline, panes, tint, vivid


def over(under: np.ndarray, paint: np.ndarray, cover: np.ndarray) -> np.ndarray:
    """`paint` over a picture where `cover` (uint8 [s, s]) says."""
    share = cv2.merge([cover, cover, cover])
    kept = cv2.multiply(under, 255 - share, scale=1 / 255)
    return cv2.add(kept, cv2.multiply(paint, share, scale=1 / 255))


@lru_cache(maxsize=4)
def _hatching(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Slanted strokes one way and the other, 7 px apart at 256; 0 to 255, uint8 [s, s]."""
    y, x = np.mgrid[:side, :side] * (256 / side)
    strokes = [np.clip(255 * (np.cos(2 * np.pi * (x + way * y) / 10) - 0.2), 0, 255) for way in (1, -1)]
    return strokes[0].astype(np.uint8), strokes[1].astype(np.uint8)


def pencil(picture: np.ndarray, mask: np.ndarray, seed: int) -> np.ndarray:
    """Gray lines and hatching on paper; things keep a breath of coloured pencil."""
    side = picture.shape[0]
    paper = np.full_like(picture, (250, 247, 238))
    paper = over(paper, vivid(picture, 1.3), (24 + mask * 0.45).astype(np.uint8))
    gray = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (5, 5), 0)
    one, two = _hatching(side)
    dark = np.clip((170 - gray.astype(np.int16)) * 3, 0, 110).astype(np.uint8)
    darker = np.clip((100 - gray.astype(np.int16)) * 4, 0, 110).astype(np.uint8)
    hatch = cv2.max(cv2.multiply(one, dark, scale=1 / 255), cv2.multiply(two, darker, scale=1 / 255))
    lines = cv2.add(cv2.multiply(edges(picture, mask), 1.9), 0)
    lines = cv2.subtract(lines, 40)
    return tint(paper, (62, 62, 72), cv2.max(hatch, cv2.min(lines, 225)))


@lru_cache(maxsize=8)
def _wash(side: int, variant: int) -> tuple[np.ndarray, np.ndarray]:
    """Blotches of pigment, uint8 [s, s] about 20, and the painted part of the sheet with an uneven edge, 0 to 255."""
    random = np.random.default_rng(variant)
    blots = cv2.resize(random.uniform(0, 46, (10, 10)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
    wobble = cv2.resize(random.uniform(-9, 9, (14, 14)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
    at = np.minimum(np.arange(side), np.arange(side)[::-1]) * (256 / side)
    inside = np.clip((np.minimum(at[:, None], at[None]) + wobble - 11) * 60, 0, 255)
    return np.clip(blots, 0, 46).astype(np.uint8), inside.astype(np.uint8)


def watercolour(picture: np.ndarray, mask: np.ndarray, seed: int) -> np.ndarray:
    """Pale flowing colour with darker rims on a white sheet left bare at its edge."""
    blots, sheet = _wash(picture.shape[0], seed % 4)
    soft = cv2.GaussianBlur(cv2.medianBlur(picture, 11), (7, 7), 0)
    soft = over(soft, cv2.medianBlur(picture, 5), mask)
    pale = cv2.addWeighted(vivid(soft, 1.25), 0.7, np.full_like(soft, 255), 0.3, 0)
    rims = cv2.GaussianBlur(cv2.subtract(edges(soft, mask), 24), (3, 3), 0)
    pale = tint(pale, (70, 70, 110), cv2.multiply(cv2.min(rims, 120), 0.5))
    pale = tint(pale, (255, 255, 255), cv2.multiply(blots, 1.8))
    return over(np.full_like(pale, (253, 252, 247)), pale, sheet)


def oil(picture: np.ndarray, mask: np.ndarray, seed: int) -> np.ndarray:
    """Dabs of thick, saturated paint, finer on the things."""
    side = picture.shape[0]
    coarse, fine = _dabs(side, seed % 4)
    flat = vivid(cv2.blur(picture, (3, 3)), 1.45).reshape(-1, 3)
    back, things = flat[coarse[0]], flat[fine[0]]
    painted = over(back, things, mask)
    relief = cv2.addWeighted(coarse[1], 1.0, np.zeros_like(coarse[1]), 0, 0)
    relief = np.where(mask[..., None] > 127, fine[1], relief)
    return cv2.subtract(cv2.add(painted, cv2.max(relief, 0).astype(np.uint8)), cv2.max(-relief, 0).astype(np.uint8))


@lru_cache(maxsize=8)
def _dabs(side: int, variant: int) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Cells and their relief (int16 [s, s, 3], -30 to 30) for coarse and fine dabs."""
    kinds = []
    for across in (22, 40):
        index, _ = panes(side, variant + 10, across)
        y, x = np.mgrid[:side, :side]
        lean = ((x - index % side) + (y - index // side)) * (across / side)
        relief = np.clip(-34 * lean, -30, 30).astype(np.int16)
        kinds.append((index, np.repeat(relief[..., None], 3, axis=2)))
    return kinds[0], kinds[1]


def neon(picture: np.ndarray, mask: np.ndarray, seed: int) -> np.ndarray:
    """Glowing coloured tubes in the dark."""
    line = cv2.max(cv2.subtract(edges(picture, np.zeros_like(mask)), 30), cv2.min(outline(mask), 200))
    wide = cv2.dilate(picture, np.ones((5, 5), np.uint8)).astype(np.float32)
    low, high = wide.min(axis=2, keepdims=True), wide.max(axis=2, keepdims=True)
    bright = 255 * (wide - 0.75 * low) / np.maximum(high - 0.75 * low, 1)
    gain = cv2.min(line, 85)[..., None].astype(np.float32) * (3 / 255)
    tubes = np.clip(bright * gain, 0, 255).astype(np.uint8)
    halo = cv2.GaussianBlur(tubes, (0, 0), picture.shape[0] / 48)
    dark = cv2.add(cv2.multiply(picture, 0.1), np.array([10, 6, 24, 0], np.float64))
    return cv2.add(cv2.add(dark, cv2.multiply(halo, 1.1)), tubes)


@lru_cache(maxsize=4)
def _grid(side: int) -> np.ndarray:
    """Drafting paper, uint8 [s, s, 3]: lines every 32 px of 256."""
    sheet = np.full((side, side, 3), (30, 78, 158), np.uint8)
    step = side // 8
    for at in range(step // 2, side, step):
        sheet[at : at + max(1, side // 128)] = (52, 102, 182)
        sheet[:, at : at + max(1, side // 128)] = (52, 102, 182)
    return sheet


def blueprint(picture: np.ndarray, mask: np.ndarray, seed: int) -> np.ndarray:
    """White drafting lines on blue."""
    sheet = tint(_grid(picture.shape[0]), (86, 136, 206), cv2.multiply(mask, 0.6))
    inner = cv2.multiply(cv2.subtract(edges(picture, np.zeros_like(mask)), 26), 1.6)
    return tint(sheet, (244, 249, 255), cv2.max(cv2.min(inner, 190), outline(mask)))


def chalk(picture: np.ndarray, mask: np.ndarray, seed: int) -> np.ndarray:
    """Coloured chalk on a dark green board."""
    board = np.full_like(picture, (34, 62, 54))
    pale = cv2.addWeighted(vivid(picture, 1.3), 0.75, np.full_like(picture, 255), 0.25, 0)
    one, _ = _hatching(picture.shape[0])
    fill = cv2.multiply(cv2.add(cv2.multiply(one, 0.55), 50), cv2.add(cv2.multiply(mask, 0.7), 40), scale=1 / 255)
    board = over(board, pale, fill)
    line = cv2.multiply(cv2.subtract(edges(picture, np.zeros_like(mask)), 26), 1.8)
    return tint(
        board,
        (240, 240, 228),
        cv2.max(cv2.min(line, 150), cv2.min(cv2.dilate(outline(mask), np.ones((2, 2), np.uint8)), 235)),
    )
