"""Styles of flat colour: pixel art, mosaic, paper cut, comic, stained glass. Pictures uint8 [s, s, 3], masks [s, s]."""

from functools import lru_cache

import cv2
import numpy as np


def vivid(picture: np.ndarray, gain: float) -> np.ndarray:
    """More (or less) saturated: away from each pixel's own gray by `gain`."""
    gray = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return cv2.addWeighted(picture, gain, gray, 1 - gain, 0)


def levels(picture: np.ndarray, count: int) -> np.ndarray:
    """Each channel rounded to `count` values."""
    step = 255 / (count - 1)
    table = np.rint(np.rint(np.arange(256) / step) * step).astype(np.uint8)
    return cv2.LUT(picture, table)


def edges(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Where colour changes, 0 to 255, uint8 [s, s]; outlines of things count fully."""
    soft = cv2.GaussianBlur(picture, (5, 5), 0)
    change = cv2.morphologyEx(soft, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).max(axis=2)
    return cv2.max(change, outline(mask))


def outline(mask: np.ndarray) -> np.ndarray:
    """The rim of things, three pixels wide."""
    return cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))


def tint(shape: np.ndarray, colour: tuple[int, int, int], cover: np.ndarray) -> np.ndarray:
    """`colour` over a picture where `cover` (uint8 [s, s]) says."""
    return over(shape, np.full_like(shape, colour), cover)


def over(under: np.ndarray, paint: np.ndarray, cover: np.ndarray) -> np.ndarray:
    """`paint` over a picture where `cover` (uint8 [s, s]) says."""
    share = cv2.merge([cover, cover, cover])
    kept = cv2.multiply(under, 255 - share, scale=1 / 255)
    return cv2.add(kept, cv2.multiply(paint, share, scale=1 / 255))


def pixel_art(picture: np.ndarray, mask: np.ndarray, seed: int) -> np.ndarray:
    """32 by 32 blocks of few colours, things outlined in dark blocks."""
    side = picture.shape[0]
    small = cv2.resize(picture, (32, 32), interpolation=cv2.INTER_AREA)
    cover = cv2.resize(mask, (32, 32), interpolation=cv2.INTER_AREA)
    solid = np.where(cover > 110, 255, 0).astype(np.uint8)
    rim = solid - cv2.erode(solid, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)), borderValue=255)
    small = levels(vivid(small, 1.25), 7)
    small = np.where(rim[..., None] > 0, small // 3, small)
    return cv2.resize(small, (side, side), interpolation=cv2.INTER_NEAREST)


@lru_cache(maxsize=8)
def _tiles(side: int, variant: int) -> tuple[np.ndarray, np.ndarray]:
    """Brightness of each tile, float32 [32, 32, 1], and the grout between them, uint8 [s, s]."""
    bright = np.random.default_rng(variant).uniform(0.84, 1.14, (32, 32, 1)).astype(np.float32)
    cell = side // 32
    wide = max(1, cell // 5)
    at = np.arange(side) % cell
    line = (at < wide // 2) | (at >= cell - (wide - wide // 2))
    return bright, np.where(line[:, None] | line[None], 255, 0).astype(np.uint8)


def mosaic(picture: np.ndarray, mask: np.ndarray, seed: int) -> np.ndarray:
    """32 by 32 tiles of uneven brightness, pale grout between them, a dark row of tiles around things."""
    side = picture.shape[0]
    bright, grout = _tiles(side, seed % 4)
    small = cv2.resize(vivid(picture, 1.35), (32, 32), interpolation=cv2.INTER_AREA)
    cover = cv2.resize(mask, (32, 32), interpolation=cv2.INTER_AREA)
    solid = np.where(cover > 110, 255, 0).astype(np.uint8)
    rim = cv2.dilate(solid, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))) - solid
    small = np.clip(small * bright * np.where(rim > 0, 0.45, 0.96)[..., None], 0, 255).astype(np.uint8)
    tiles = cv2.resize(small, (side, side), interpolation=cv2.INTER_NEAREST)
    return tint(tiles, (236, 228, 210), cv2.multiply(grout, 0.8))


def cross_stitch(picture: np.ndarray, mask: np.ndarray, seed: int) -> np.ndarray:
    """32 by 32 crosses of thread on linen within a border of red ones; what is behind is paler."""
    side = picture.shape[0]
    small = levels(cv2.resize(vivid(picture, 1.4), (32, 32), interpolation=cv2.INTER_AREA), 9)
    cover = cv2.resize(mask, (32, 32), interpolation=cv2.INTER_AREA)
    linen = np.full_like(small, (238, 228, 206))
    share = np.where(cover > 110, 0.0, 0.25)[..., None]
    thread = np.rint(small * (1 - share) + linen * share).astype(np.uint8)
    for edge in (thread, thread[::-1], thread.swapaxes(0, 1), thread[:, ::-1].swapaxes(0, 1)):
        edge[:2] = (238, 228, 206)
        edge[1, 1:-1:2] = (196, 60, 62)
    wide = cv2.resize(thread, (side, side), interpolation=cv2.INTER_NEAREST)
    return over(np.full_like(picture, (238, 228, 206)), wide, _crosses(side))


@lru_cache(maxsize=4)
def _crosses(side: int) -> np.ndarray:
    """Where thread lies: a cross in each of 32 by 32 squares, uint8 [s, s]."""
    cell = side // 32
    y, x = np.mgrid[:side, :side] % cell - (cell - 1) / 2
    near = np.minimum(np.abs(x - y), np.abs(x + y)) * (8 / cell)
    return np.clip(255 * (2.9 - near), 130, 255).astype(np.uint8)


def paper_cut(picture: np.ndarray, mask: np.ndarray, seed: int) -> np.ndarray:
    """Sheets of card: few flat tones, each sheet casting a shadow, things cut out with a white border."""
    side = picture.shape[0]
    unit = side / 256
    flat, tone = banded(vivid(half_median(picture, 5), 1.1), 5)
    shade = np.zeros((side, side), np.uint8)
    for edge in (102, 154, 206):
        sheet = cv2.threshold(tone, edge, 255, cv2.THRESH_BINARY)[1]
        shade = cv2.max(shade, cv2.subtract(_cast(sheet, 5 * unit), sheet))
    flat = tint(flat, (40, 36, 52), cv2.multiply(shade, 0.4))
    border = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(4 * unit) + 1,) * 2))
    flat = tint(flat, (30, 26, 44), cv2.multiply(_cast(border, 8 * unit), 0.5))
    flat = tint(flat, (252, 250, 244), border)
    return over(flat, levels(cv2.medianBlur(picture, 3), 9), mask)


def banded(picture: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Lightness rounded to `count` steps while hue stays; with that lightness, uint8 [s, s]."""
    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    step = 255 / (count - 0.4)
    light = np.minimum((np.floor(np.arange(256) / step) + 0.55) * step, 255)
    gain = (128 * light / np.maximum(np.arange(256), 8)).clip(0, 255).astype(np.uint8)
    scale = cv2.LUT(gray, gain)
    bands = cv2.LUT(gray, light.astype(np.uint8))
    return cv2.multiply(picture, cv2.merge([scale, scale, scale]), scale=1 / 128), bands


def half_median(picture: np.ndarray, reach: int) -> np.ndarray:
    """A median over twice `reach` pixels, at half size for speed."""
    side = picture.shape[0]
    small = cv2.medianBlur(cv2.resize(picture, (side // 2, side // 2), interpolation=cv2.INTER_AREA), reach)
    return cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR)


def _cast(sheet: np.ndarray, drop: float) -> np.ndarray:
    """Its shadow, down to the right and soft."""
    move = np.float32([[1, 0, 0.6 * drop], [0, 1, drop]])
    moved = cv2.warpAffine(sheet, move, sheet.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    return cv2.GaussianBlur(moved, (0, 0), 0.5 * drop)


@lru_cache(maxsize=4)
def _dots(side: int) -> np.ndarray:
    """Printed dots of 8 px (at 256) in a slanted grid, uint8 [s, s]."""
    y, x = np.mgrid[:side, :side] * (256 / side)
    wave = np.cos(2 * np.pi * (x + y) / 11.3) + np.cos(2 * np.pi * (x - y) / 11.3)
    return np.clip(127 + 170 * (wave - 0.55), 0, 255).astype(np.uint8)


def comic(picture: np.ndarray, mask: np.ndarray, seed: int) -> np.ndarray:
    """Bold ink lines, loud flat colours, printed dots behind."""
    side = picture.shape[0]
    flat = over(banded(vivid(cv2.medianBlur(picture, 3), 1.5), 6)[0], levels(vivid(picture, 1.3), 9), mask)
    dots = cv2.multiply(_dots(side), 255 - mask, scale=0.3 / 255)
    flat = tint(flat, (255, 255, 255), dots)
    ink = cv2.threshold(edges(picture, np.zeros_like(mask)), 54, 255, cv2.THRESH_BINARY)[1]
    bold = cv2.dilate(outline(mask), np.ones((3, 3), np.uint8))
    return tint(flat, (20, 18, 30), cv2.max(cv2.GaussianBlur(ink, (3, 3), 0), bold))


@lru_cache(maxsize=8)
def panes(side: int, variant: int, across: int) -> tuple[np.ndarray, np.ndarray]:
    """Voronoi cells: the pixel index of each pixel's own cell centre, int32 [s, s], and the leads between, uint8."""
    random = np.random.default_rng(variant)
    grid = (np.stack(np.mgrid[:across, :across], -1).reshape(-1, 2) + 0.5) / across
    centres = np.clip((grid + random.uniform(-0.32, 0.32, grid.shape) / across) * side, 0, side - 1).astype(np.int32)
    seeds = np.full((side, side), 255, np.uint8)
    seeds[centres[:, 0], centres[:, 1]] = 0
    _, labels = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    order = np.zeros(labels.max() + 1, np.int32)
    order[labels[centres[:, 0], centres[:, 1]]] = centres[:, 0] * side + centres[:, 1]
    edge = cv2.morphologyEx(labels.astype(np.float32), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    return order[labels], np.where(edge, 255, 0).astype(np.uint8)


def stained_glass(picture: np.ndarray, mask: np.ndarray, seed: int) -> np.ndarray:
    """Panes of glowing colour in black lead."""
    side = picture.shape[0]
    index, lead = panes(side, seed % 4, 11)
    smooth = cv2.blur(picture, (9, 9)).reshape(-1, 3)
    back = vivid(smooth[index], 1.6)
    glass = over(back, vivid(picture, 1.4), mask)
    rim = cv2.dilate(outline(mask), np.ones((3, 3), np.uint8))
    return tint(glass, (16, 14, 22), cv2.max(cv2.min(lead, 255 - mask), rim))
