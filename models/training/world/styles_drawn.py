"""Styles of line and brush: pencil, watercolour, oil, neon and more. Pictures uint8 [s, s, 3], masks [s, s]."""

from functools import lru_cache

import cv2
import numpy as np

from training.world.styles_printed import edges, half_median, outline, over, tint, vivid


@lru_cache(maxsize=4)
def _hatching(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Slanted strokes one way and the other, 8 px apart at 256; 0 to 255, uint8 [s, s]."""
    y, x = np.mgrid[:side, :side] * (256 / side)
    strokes = [np.clip(255 * (np.cos(2 * np.pi * (x + way * y) / 12) - 0.2), 0, 255) for way in (1, -1)]
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
    soft = over(half_median(picture, 5), cv2.medianBlur(picture, 3), mask)
    pale = cv2.addWeighted(vivid(soft, 1.35), 0.74, np.full_like(soft, 255), 0.26, 0)
    rims = cv2.GaussianBlur(cv2.subtract(edges(soft, mask), 16), (3, 3), 0)
    pale = tint(pale, (64, 62, 104), cv2.multiply(cv2.min(rims, 150), 0.62))
    pale = tint(pale, (255, 255, 255), blots)
    return over(np.full_like(pale, (253, 252, 247)), pale, sheet)


def oil(picture: np.ndarray, mask: np.ndarray, seed: int) -> np.ndarray:
    """Long dabs of thick, saturated paint that follow one swirl, finer on the things."""
    (coarse, ridge), (fine, low_ridge) = _dabs(picture.shape[0], seed % 4)
    flat = vivid(cv2.blur(picture, (3, 3)), 1.45).reshape(-1, 3)
    painted = over(over(flat[coarse], flat[fine], mask), vivid(picture, 1.45), cv2.multiply(mask, 0.55))
    relief = over(ridge, low_ridge, mask)
    return cv2.subtract(cv2.add(painted, cv2.subtract(relief, 128)), cv2.subtract(128, relief))


@lru_cache(maxsize=8)
def _dabs(side: int, variant: int) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """For coarse and fine dabs: the pixel that colours each pixel, int32 [s, s], and relief about 128 [s, s, 3].

    Cells of a Voronoi diagram, stretched and bent along a wave.
    """
    y, x = np.mgrid[:side, :side].astype(np.float64) / side
    turn = 2 * np.pi * variant / 4
    along = x + 0.05 * np.sin(2 * np.pi * y + turn)
    across = y + 0.07 * np.sin(2 * np.pi * (1.2 * x + 0.3 * y) + turn)
    coarse, fine = (9, 32), (30, 68)
    kinds = []
    for columns, rows in (coarse, fine):
        random = np.random.default_rng(100 * variant + rows)
        u, v = along * columns, across * rows
        best = np.full((side, side), np.inf)
        name, lean = np.zeros((side, side), np.int64), np.zeros((side, side))
        jitter = random.uniform(-0.35, 0.35, (rows + 12, columns + 12, 2))
        for dv in (-1, 0, 1):
            row = np.floor(v).astype(int) + dv
            for du in (-1, 0, 1):
                column = np.floor(u + 0.5 * (row % 2)).astype(int) + du
                shift = jitter[row + 6, column + 6]
                right = u + 0.5 * (row % 2) - column - 0.5 - shift[..., 0]
                down = v - row - 0.5 - shift[..., 1]
                far = right**2 + down**2
                nearer = far < best
                best = np.where(nearer, far, best)
                name = np.where(nearer, (row + 6) * 1000 + column + 6, name)
                lean = np.where(nearer, down, lean)
        _, cell = np.unique(name, return_inverse=True)
        cell = cell.reshape(-1)
        many = np.bincount(cell)
        cy = np.bincount(cell, np.repeat(np.arange(side), side)) / many
        cx = np.bincount(cell, np.tile(np.arange(side), side)) / many
        centre = np.rint(cy).astype(np.int32) * side + np.rint(cx).astype(np.int32)
        relief = np.clip(128 - 40 * lean, 100, 156).astype(np.uint8)
        kinds.append((centre[cell].reshape(side, side), cv2.merge([relief, relief, relief])))
    return kinds[0], kinds[1]


def neon(picture: np.ndarray, mask: np.ndarray, seed: int) -> np.ndarray:
    """Glowing coloured tubes in the dark."""
    side = picture.shape[0]
    line = cv2.max(cv2.subtract(edges(picture, np.zeros_like(mask)), 30), cv2.min(outline(mask), 200))
    brush = np.ones((5, 5), np.uint8)
    wide = over(
        cv2.dilate(picture, brush),
        cv2.dilate(over(np.zeros_like(picture), picture, mask), brush),
        cv2.dilate(mask, brush),
    )
    red, green, blue = cv2.split(wide)
    low, high = cv2.min(cv2.min(red, green), blue), cv2.max(cv2.max(red, green), blue)
    floor = cv2.multiply(low, 0.75)
    span = cv2.max(cv2.subtract(high, floor), 1)
    gain = cv2.multiply(cv2.min(line, 85), 3)
    tubes = cv2.merge(
        [
            cv2.multiply(cv2.divide(cv2.subtract(c, floor), span, scale=255), gain, scale=1 / 255)
            for c in (red, green, blue)
        ]
    )
    small = cv2.GaussianBlur(
        cv2.resize(tubes, (side // 4, side // 4), interpolation=cv2.INTER_AREA), (0, 0), side / 192
    )
    halo = cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR)
    dark = cv2.addWeighted(picture, 0.1, np.full_like(picture, (10, 6, 24)), 1, 0)
    return cv2.add(cv2.addWeighted(halo, 1.1, dark, 1, 0), tubes)


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
    board = np.full_like(picture, (32, 58, 50))
    bright = cv2.addWeighted(vivid(picture, 1.5), 0.8, np.full_like(picture, 255), 0.2, 0)
    one, _ = _hatching(picture.shape[0])
    fill = cv2.multiply(cv2.add(cv2.multiply(one, 0.4), 150), cv2.add(cv2.multiply(mask, 0.72), 64), scale=1 / 255)
    board = over(board, bright, fill)
    line = cv2.multiply(cv2.subtract(edges(picture, np.zeros_like(mask)), 26), 1.8)
    bold = cv2.min(cv2.dilate(outline(mask), np.ones((2, 2), np.uint8)), 235)
    return over(
        board,
        cv2.addWeighted(bright, 0.45, np.full_like(picture, (240, 240, 228)), 0.55, 0),
        cv2.max(cv2.min(line, 170), bold),
    )


def woodcut(picture: np.ndarray, mask: np.ndarray, seed: int) -> np.ndarray:
    """Black ink on cream paper: the darker, the wider the carved lines; things stand out by a bright rim."""
    gray = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (5, 5), 0)
    around = cv2.boxFilter(gray, -1, (picture.shape[0] // 3 | 1,) * 2)
    gray = cv2.addWeighted(gray, 1.8, around, -1.1, 44)
    stripes = cv2.add(cv2.multiply(_stripes(picture.shape[0]), 0.6), 48)
    ink = cv2.compare(stripes, gray, cv2.CMP_GT)
    line = cv2.compare(edges(picture, np.zeros_like(mask)), 60, cv2.CMP_GT)
    halo = cv2.subtract(cv2.dilate(mask, np.ones((9, 9), np.uint8)), mask)
    rim = cv2.dilate(outline(mask), np.ones((3, 3), np.uint8))
    ink = cv2.max(cv2.subtract(cv2.max(ink, line), halo), rim)
    return tint(np.full_like(picture, (244, 236, 216)), (30, 26, 28), cv2.GaussianBlur(ink, (3, 3), 0))


@lru_cache(maxsize=4)
def _stripes(side: int) -> np.ndarray:
    """Waving level lines 10 px apart at 256, 0 to 255, uint8 [s, s]."""
    y, x = np.mgrid[:side, :side] * (256 / side)
    return np.rint(127.5 + 127.5 * np.cos(2 * np.pi * (y + 5 * np.sin(x / 30)) / 10)).astype(np.uint8)


def sepia(picture: np.ndarray, mask: np.ndarray, seed: int) -> np.ndarray:
    """A brown old photograph, dark towards its corners, in a white border."""
    side = picture.shape[0]
    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    gray = cv2.addWeighted(gray, 1.35, cv2.boxFilter(gray, -1, (side // 4 | 1,) * 2), -0.35, 0)
    tones = cv2.LUT(cv2.merge([gray, gray, gray]), _sepia_table())
    return over(tones, np.full_like(picture, (248, 240, 222)), _frame(side))


@lru_cache(maxsize=1)
def _sepia_table() -> np.ndarray:
    stops = ((44, 28, 18), (134, 96, 62), (206, 170, 122), (250, 232, 196))
    at = np.linspace(0, 255, len(stops))
    channels = [np.interp(np.arange(256), at, [stop[k] for stop in stops]) for k in range(3)]
    return np.rint(np.stack(channels, axis=1)).astype(np.uint8).reshape(1, 256, 3)


@lru_cache(maxsize=4)
def _frame(side: int) -> np.ndarray:
    """The white border of a print, uint8 [s, s]."""
    cover = np.full((side, side), 255, np.uint8)
    margin = round(side * 0.055)
    cover[margin:-margin, margin:-margin] = 0
    return cover
