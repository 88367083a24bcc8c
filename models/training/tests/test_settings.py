"""Places, times, weathers and seasons: alike every time, told apart at a glance, refused if they misfit."""

from itertools import combinations

import numpy as np
import pytest

from training.world import settings
from training.world.colours import COLOURS
from training.world.scene import Setting


def seen(setting: Setting, seed: int = 1) -> np.ndarray:
    """The setting as 8 by 8 mean colours."""
    return settings.draw(setting, 64, seed).reshape(8, 8, 8, 8, 3).mean(axis=(1, 3))


def apart(found: list[np.ndarray]) -> float:
    """The smallest mean difference of any two, in levels of 255."""
    return min(float(np.abs(one - other).mean()) for one, other in combinations(found, 2))


def test_a_setting_is_the_same_every_time_and_differs_by_seed() -> None:
    for place in settings.PLACES.values():
        setting = Setting(place=place.name, time="day" if place.sky else None)
        assert np.array_equal(settings.draw(setting, 64, 5), settings.draw(setting, 64, 5)), place.name
        pictures = {settings.draw(setting, 64, seed).tobytes() for seed in range(3)}
        assert len(pictures) > 1, place.name


def test_every_pair_of_places_differs() -> None:
    found = {p.name: seen(Setting(place=p.name, time="day" if p.sky else None)) for p in settings.PLACES.values()}
    for one, other in combinations(found, 2):
        assert np.abs(found[one] - found[other]).mean() > 6, (one, other)


def test_times_weathers_and_seasons_show() -> None:
    for place in settings.PLACES.values():
        if place.sky:
            times = [seen(Setting(place=place.name, time=time)) for time in settings.TIMES]
            assert apart(times) > 7, place.name
            weathers = [seen(Setting(place=place.name, time="day", weather=w)) for w in (None, *settings.WEATHERS)]
            assert apart(weathers) > 1.5, place.name
        if place.seasons:
            seasons = [seen(Setting(place=place.name, time="day", season=s)) for s in (None, *settings.SEASONS)]
            assert apart(seasons) > 1, place.name


def test_night_is_darker_than_day() -> None:
    for place in settings.PLACES.values():
        if place.sky:
            day, night = (seen(Setting(place=place.name, time=time)).mean() for time in ("day", "night"))
            assert night < 0.65 * day, place.name


def test_a_plain_background_has_its_colour() -> None:
    for name, colour in COLOURS.items():
        mean = seen(Setting(colour=name)).mean(axis=(0, 1))
        nearest = min(COLOURS, key=lambda other: float(np.abs(mean - COLOURS[other]).sum()))
        assert nearest == name, (mean, colour)


def test_the_floor_leaves_room_to_stand() -> None:
    for place in settings.PLACES.values():
        assert 0.4 < settings.floor(Setting(place=place.name), 0) < 0.9, place.name


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        (Setting(), "either a colour or a place"),
        (Setting(colour="red", place="sea"), "either a colour or a place"),
        (Setting(place="attic"), "unknown place 'attic'"),
        (Setting(place="room", time="night"), "only under a sky"),
        (Setting(colour="red", weather="rain"), "only under a sky"),
        (Setting(place="sea", season="winter"), "only where something grows"),
    ],
)
def test_what_does_not_go_together_is_refused(setting: Setting, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        settings.draw(setting, 64, 0)
