"""Times of day, weathers and seasons as colours: what the sky looks like and how it lights the ground."""

from dataclasses import dataclass
from functools import lru_cache

from training.world.canvas import Colour, mix

_SKIES: dict[str, tuple[Colour, ...]] = {
    "day": ((74, 162, 230), (150, 209, 244), (224, 242, 249)),
    "dawn": ((128, 146, 214), (238, 178, 196), (255, 228, 190)),
    "sunset": ((84, 58, 128), (230, 98, 94), (255, 192, 98)),
    "night": ((10, 15, 44), (22, 33, 82), (50, 66, 126)),
}
_TINTS: dict[str, tuple[float, float, float]] = {
    "day": (1.0, 1.0, 1.0),
    "dawn": (1.0, 0.9, 0.93),
    "sunset": (0.96, 0.7, 0.6),
    "night": (0.38, 0.45, 0.72),
}
_BRIGHTNESS = {"day": 1.0, "dawn": 0.95, "sunset": 0.75, "night": 0.34}
# Colour of the cloud cover by day, how much of the sky it takes, and what light it leaves.
_COVERS: dict[str | None, tuple[Colour, float, float]] = {
    None: ((255, 255, 255), 0.0, 1.0),
    "clouds": ((196, 212, 228), 0.35, 0.95),
    "rain": ((140, 158, 180), 0.75, 0.8),
    "snowfall": ((196, 208, 224), 0.7, 0.95),
    "fog": ((214, 220, 224), 0.8, 0.95),
    "storm": ((66, 70, 96), 0.82, 0.55),
    "rainbow": ((190, 214, 236), 0.3, 1.0),
}


@dataclass(frozen=True)
class Light:
    """`sky` from zenith to horizon; `haze` is the horizon's colour, into which far things fade."""

    time: str
    weather: str | None
    sky: tuple[Colour, ...]
    tint: tuple[float, float, float]
    haze: Colour
    cloud: Colour

    def lit(self, colour: Colour, far: float = 0.0) -> Colour:
        """A colour of broad daylight as it looks in this light, `far` of the way to the horizon."""
        red, green, blue = (min(255.0, c * t) for c, t in zip(colour, self.tint, strict=True))
        return mix((red, green, blue), self.haze, min(1.0, far + (0.3 if self.weather == "fog" else 0.0)))


@lru_cache(maxsize=64)
def light(time: str | None, weather: str | None) -> Light:
    """Light at `time` (None is day) in `weather`."""
    time = time or "day"
    cover, share, left = _COVERS[weather]
    dark = _BRIGHTNESS[time]
    tint = _TINTS[time]
    veil = mix((0, 0, 0), cover, dark)
    sky = tuple(mix(stop, veil, share) for stop in _SKIES[time])
    white = {"day": (255, 255, 255), "dawn": (255, 224, 226), "sunset": (252, 158, 132), "night": (84, 98, 152)}[time]
    cloud = mix(white, mix((0, 0, 0), cover, 0.9 * dark), min(1.0, share * 1.1) if weather != "clouds" else 0.0)
    red, green, blue = (t * left for t in tint)
    return Light(time, weather, sky, (red, green, blue), sky[-1], cloud)


@dataclass(frozen=True)
class Season:
    """Colours of what grows. `bare` trees have no leaves; `snow` lies on the ground and on roofs."""

    grass: Colour
    far_grass: Colour
    leaves: tuple[Colour, ...]
    pine: Colour
    flowers: tuple[Colour, ...]
    bare: bool = False
    snow: bool = False


SUMMER = Season(
    (112, 184, 78), (150, 206, 110), ((74, 154, 72), (92, 172, 80)), (44, 116, 84), ((255, 226, 92), (250, 250, 250))
)
SEASON_COLOURS: dict[str | None, Season] = {
    None: SUMMER,
    "spring": Season(
        (150, 212, 96),
        (186, 228, 136),
        ((248, 172, 198), (255, 200, 216)),
        (78, 152, 96),
        ((255, 130, 170), (255, 240, 120), (190, 130, 230)),
    ),
    "autumn": Season(
        (196, 160, 74),
        (220, 184, 104),
        ((226, 110, 40), (240, 158, 44), (196, 66, 40)),
        (92, 112, 62),
        ((214, 90, 36),),
    ),
    "winter": Season(
        (236, 243, 250), (222, 234, 246), ((214, 228, 242), (228, 238, 248)), (88, 130, 136), (), bare=True, snow=True
    ),
}
