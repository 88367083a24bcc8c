"""The sky of a setting: sun, moon, stars, clouds, rain, snowflakes, lightning, rainbow."""

from random import Random

import cv2
import numpy as np

from training.world.canvas import Canvas, Colour, blend, mix
from training.world.light import Light, Season

_RAINBOW: tuple[Colour, ...] = (
    (236, 92, 92),
    (246, 160, 80),
    (252, 226, 104),
    (120, 206, 122),
    (98, 172, 236),
    (160, 118, 216),
)


def paint_sky(canvas: Canvas, light: Light, random: Random, horizon: float) -> None:
    """Everything above `horizon`, and its colour down to there."""
    canvas.fill(light.sky, 0.0, min(1.0, horizon + 0.06))
    side = random.choice((-1, 1))
    overcast = light.weather in ("rain", "snowfall", "fog", "storm")
    if light.time == "night" and not overcast:
        _stars(canvas, random, horizon)
    if not overcast:
        _sun_or_moon(canvas, light, side, horizon)
    if light.weather == "rainbow":
        _rainbow(canvas, horizon)
    if light.weather == "clouds":
        for k in range(5):
            x = 0.02 + 0.24 * k + random.uniform(-0.03, 0.03)
            paint_cloud(canvas, x, (0.14, 0.3, 0.1, 0.27, 0.16)[k], 0.17, light.cloud, light)
    elif light.weather in ("rain", "storm", "snowfall"):
        _bank(canvas, light, random)
    elif light.weather is None:
        paint_cloud(canvas, 0.5 - 0.32 * side + random.uniform(-0.05, 0.05), 0.15, 0.12, light.cloud, light)
        paint_cloud(canvas, 0.5 + 0.1 * side + random.uniform(-0.05, 0.05), 0.27, 0.08, light.cloud, light)


def paint_falling(canvas: Canvas, light: Light, random: Random) -> None:
    """Rain, lightning, snowflakes and fog, over the whole setting."""
    if light.weather in ("rain", "storm"):
        if light.weather == "storm":
            _lightning(canvas, random)
        drop = mix(light.sky[0], (235, 244, 255), 0.55)
        for k in range(30):
            x, y = (k % 6 + 0.5 * (k // 6 % 2) + random.uniform(0, 0.4)) / 6, 0.16 + (k // 6) / 5.6
            canvas.line([(x, y), (x - 0.018, y + 0.07)], 0.007, drop)
    elif light.weather == "snowfall":
        for k in range(36):
            x, y = (k % 6 + random.uniform(0.1, 0.9)) / 6, (k // 6 + random.uniform(0.1, 0.9)) / 6
            radius = (0.009, 0.013)[k % 2]
            canvas.ellipse(x, y, radius, radius, mix(light.haze, (255, 255, 255), 0.9))
    elif light.weather == "fog":
        rows = np.linspace(0, 1, canvas.side)
        drift = random.uniform(-0.03, 0.03)
        bands = sum(np.exp(-(((rows - at - drift) / 0.07) ** 2)) for at in (0.42, 0.64, 0.86))
        cover = np.rint(255 * np.clip(0.12 + 0.5 * bands, 0, 1) * (rows > 0.2)).astype(np.uint8)
        mist = np.array(mix(light.haze, (255, 255, 255), 0.2), np.uint8)
        blend(canvas.pixels, mist, cv2.GaussianBlur(cover[:, None], (1, 31), 0))


def paint_leaves(canvas: Canvas, light: Light, season: Season, random: Random) -> None:
    """Petals or dead leaves in the air."""
    tones = season.leaves
    for k in range(14):
        x, y = (k % 7 + random.uniform(0.2, 0.8)) / 7, 0.1 + 0.36 * (k // 7) + 0.2 * (k * 0.618 % 1)
        turn, long = 0.6 + 1.9 * k, 0.018
        dx, dy = long * np.cos(turn), long * np.sin(turn)
        colour = light.lit(mix(tones[k % len(tones)], (255, 120, 160) if tones[0][2] > 150 else (214, 80, 30), 0.3))
        canvas.shape(
            [(x - dx, y - dy), (x - 0.5 * dy, y + 0.5 * dx), (x + dx, y + dy), (x + 0.5 * dy, y - 0.5 * dx)], colour
        )


def paint_cloud(canvas: Canvas, x: float, y: float, size: float, colour: Colour, light: Light) -> None:
    """A flat-bottomed cloud, half as wide as `size`, shaded below."""
    shade = mix(colour, light.sky[1], 0.35)
    for tone, drop in ((shade, 0.0), (colour, -0.14)):
        base = y + drop * size
        canvas.ellipse(x, base, size, 0.26 * size, tone)
        canvas.ellipse(x - 0.3 * size, base - 0.18 * size, 0.36 * size, 0.34 * size, tone)
        canvas.ellipse(x + 0.22 * size, base - 0.26 * size, 0.46 * size, 0.44 * size, tone)


def paint_stars(canvas: Canvas, random: Random, bottom: float, count: int, colour: Colour) -> None:
    """Stars in loose columns, every fourth a little cross."""
    for k in range(count):
        x = (k + 0.5) / count + random.uniform(-0.02, 0.02)
        y = bottom * (0.06 + 0.88 * (k * 0.618 % 1))
        if k % 4 == 0:
            for across, down in ((0.014, 0.004), (0.004, 0.014)):
                canvas.shape([(x - across, y), (x, y - down), (x + across, y), (x, y + down)], colour)
        else:
            canvas.ellipse(x, y, 0.005, 0.005, colour)


def _stars(canvas: Canvas, random: Random, horizon: float) -> None:
    paint_stars(canvas, random, horizon * 0.85, 20, (236, 240, 255))


def _sun_or_moon(canvas: Canvas, light: Light, side: int, horizon: float) -> None:
    if light.time == "day":
        x, y = 0.5 + 0.34 * side, 0.15
        canvas.glow(x, y, 0.26, (255, 250, 214), 0.75)
        canvas.ellipse(x, y, 0.07, 0.07, (255, 224, 96))
    elif light.time == "night":
        x, y = 0.5 + 0.32 * side, 0.17
        canvas.glow(x, y, 0.24, (150, 166, 224), 0.55)
        turn = np.linspace(-2.2, 2.2, 24) + np.pi
        outer = np.stack([x + 0.075 * np.cos(turn), y + 0.075 * np.sin(turn)], 1)
        inner = np.stack([x - 0.012 + 0.062 * np.cos(turn[::-1]) + 0.03, y + 0.062 * np.sin(turn[::-1])], 1)
        canvas.shape([*outer, *inner], (252, 246, 214))
    else:
        dawn = light.time == "dawn"
        x, y = 0.5 + (0.27 if dawn else 0.22) * side, horizon - (0.05 if dawn else 0.09)
        canvas.glow(x, y, 0.42, (255, 240, 200) if dawn else (255, 212, 120), 0.8)
        radius = 0.085 if dawn else 0.12
        canvas.ellipse(x, y, radius, radius, (255, 250, 224) if dawn else (255, 226, 132))


def _rainbow(canvas: Canvas, horizon: float) -> None:
    turn = np.linspace(np.pi, 2 * np.pi, 40)
    for k, colour in enumerate(_RAINBOW):
        outer, inner = 0.56 - 0.024 * k, 0.56 - 0.024 * (k + 1) - 0.001
        arc = [(0.5 + outer * np.cos(t), horizon + 0.04 + 0.9 * outer * np.sin(t)) for t in turn]
        back = [(0.5 + inner * np.cos(t), horizon + 0.04 + 0.9 * inner * np.sin(t)) for t in turn[::-1]]
        canvas.shape([*arc, *back], mix(colour, (255, 255, 255), 0.15), alpha=0.7)


def _bank(canvas: Canvas, light: Light, random: Random) -> None:
    dark = light.cloud if light.weather == "snowfall" else mix(light.cloud, (40, 46, 70), 0.25)
    for row, (y, tone) in enumerate(((0.13, mix(dark, light.sky[1], 0.5)), (0.05, dark))):
        for k in range(6):
            x = (k + 0.5 * row) / 5 + random.uniform(-0.02, 0.02)
            canvas.ellipse(x, y, 0.15, 0.085, tone)
    canvas.box(0, 0, 1, 0.06, dark)


def _lightning(canvas: Canvas, random: Random) -> None:
    x = random.choice((0.2, 0.8)) + random.uniform(-0.03, 0.03)
    canvas.glow(x, 0.3, 0.28, (220, 214, 255), 0.5)
    bolt = ((0.02, 0.13), (-0.05, 0.31), (-0.005, 0.31), (-0.04, 0.47), (0.06, 0.26), (0.012, 0.26), (0.06, 0.13))
    canvas.shape([(x + dx, y) for dx, y in bolt], (255, 236, 130))
