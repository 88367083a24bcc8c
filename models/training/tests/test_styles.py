"""Styles: alike every time, told apart at a glance even small, calm enough for a small autoencoder."""

from itertools import combinations

import numpy as np
import pytest

from training.world import settings, styles
from training.world.scene import Setting


def subject(side: int = 256) -> tuple[np.ndarray, np.ndarray]:
    """A red ball on grass, with its mask."""
    picture = settings.draw(Setting(place="grass", time="day"), side, 3)
    y, x = np.mgrid[:side, :side] / side
    ball = (x - 0.5) ** 2 + (y - 0.6) ** 2 < 0.25**2
    picture[ball] = (216, 32, 38)
    return picture, np.where(ball, 255, 0).astype(np.uint8)


def small(picture: np.ndarray) -> np.ndarray:
    """At 64 by 64."""
    return picture.reshape(64, 4, 64, 4, 3).mean(axis=(1, 3))


@pytest.mark.parametrize("style", styles.STYLES)
def test_a_style_is_the_same_every_time_and_leaves_its_input_alone(style: str) -> None:
    picture, mask = subject()
    before, cover = picture.copy(), mask.copy()
    first, second = (styles.apply(style, picture, mask, 7) for _ in range(2))
    assert first.shape == picture.shape and first.dtype == np.uint8
    assert np.array_equal(first, second)
    assert np.array_equal(picture, before) and np.array_equal(mask, cover)


def test_every_pair_of_styles_differs_at_64_pixels() -> None:
    picture, mask = subject()
    drawn = {style: small(styles.apply(style, picture, mask, 7)) for style in styles.STYLES}
    drawn["plain"] = small(picture)
    for one, other in combinations(drawn, 2):
        assert np.abs(drawn[one] - drawn[other]).mean() > 6, (one, other)


@pytest.mark.parametrize("style", [name for name, style in styles.STYLES.items() if style.colours])
def test_a_red_thing_stays_red(style: str) -> None:
    picture, mask = subject()
    thing = styles.apply(style, picture, mask, 7)[mask > 0].astype(float)
    bright = thing[thing.max(axis=1) > 60]
    red, green, blue = bright.mean(axis=0)
    assert red > 1.3 * max(green, blue), (red, green, blue)


def test_blocks_lie_on_a_grid_of_8_pixels() -> None:
    picture, mask = subject()
    blocks = styles.apply("pixel art", picture, mask, 7).reshape(32, 8, 32, 8, 3)
    assert np.array_equal(blocks, np.broadcast_to(blocks[:, :1, :, :1], blocks.shape))


@pytest.mark.parametrize("style", styles.STYLES)
def test_a_bigger_picture_is_drawn_alike(style: str) -> None:
    one, two = (styles.apply(style, *subject(side), 7) for side in (256, 512))
    halved = two.reshape(64, 8, 64, 8, 3).mean(axis=(1, 3))
    assert np.abs(halved - small(one)).mean() < 22


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown style 'sculpture'; known are pixel art"):
        styles.apply("sculpture", *subject(), 0)
