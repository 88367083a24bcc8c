"""Where and when: places, times of day, weathers and seasons; `draw` paints them, `floor` says where things stand."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import numpy as np

from training.world import settings_inside as inside
from training.world import settings_land as land
from training.world import settings_town as town
from training.world import settings_water as water
from training.world.canvas import Canvas, mix
from training.world.colours import COLOURS
from training.world.light import SEASON_COLOURS, SUMMER, light
from training.world.props import Stage
from training.world.scene import Setting
from training.world.sky import paint_falling, paint_leaves


@dataclass(frozen=True)
class Place:
    """`where` is the canonical wording, `synonyms` others; `sky`: it has times and weathers; `seasons`: and those.

    `water`: things lie in it or float over nothing, so no shadow falls. `floor`: see `floor`.
    """

    name: str
    where: str
    synonyms: tuple[str, ...]
    paint: Callable[[Stage], None]
    floor: float
    sky: bool = True
    water: bool = False
    seasons: bool = False


_ALL = (
    Place("grass", "on the grass", ("in a meadow", "on the lawn", "in a field"), land.grass, 0.68, seasons=True),
    Place("beach", "on the beach", ("at the beach", "on the sand"), water.beach, 0.72),
    Place("snow", "in the snow", ("on the snow", "on a snowy hill"), land.snow, 0.68),
    Place("sea", "on the sea", ("in the sea", "on the ocean", "in the ocean"), water.sea, 0.66, water=True),
    Place("desert", "in the desert", ("among the dunes", "in a desert"), land.desert, 0.7),
    Place("city", "in the city", ("in a city", "in town"), town.city, 0.74, seasons=True),
    Place("forest", "in the forest", ("in a forest", "in the woods"), land.forest, 0.72, seasons=True),
    Place(
        "mountains", "in the mountains", ("among the mountains", "in the highlands"), land.mountains, 0.72, seasons=True
    ),
    Place("space", "in space", ("in outer space", "among the stars"), inside.space, 0.6, sky=False, water=True),
    Place("room", "in a room", ("in the living room", "indoors"), inside.room, 0.76, sky=False),
    Place("kitchen", "in the kitchen", ("in a kitchen", "on the worktop"), inside.kitchen, 0.7, sky=False),
    Place("underwater", "underwater", ("under water", "at the bottom of the sea"), water.underwater, 0.7, False, True),
    Place("street", "on the street", ("in the street", "in a street"), town.street, 0.74, seasons=True),
    Place("farm", "on the farm", ("on a farm", "at the farm"), land.farm, 0.7, seasons=True),
    Place("volcano", "at the volcano", ("by the volcano", "near a volcano"), land.volcano, 0.72),
    Place("jungle", "in the jungle", ("in a jungle", "in the rainforest"), land.jungle, 0.72),
    Place("lake", "by the lake", ("at the lake", "by a lake"), water.lake, 0.77, seasons=True),
    Place("river", "by the river", ("at the river", "by a river"), water.river, 0.7, seasons=True),
    Place("cave", "in a cave", ("in the cave", "inside a cave"), inside.cave, 0.73, sky=False),
    Place("moon", "on the moon", ("on the surface of the moon",), inside.moon, 0.7, sky=False),
    Place("garden", "in the garden", ("in a garden", "in the yard"), land.garden, 0.68, seasons=True),
    Place("park", "in the park", ("in a park", "at the park"), town.park, 0.7, seasons=True),
    Place("road", "on the road", ("on a road", "on the highway"), town.road, 0.68, seasons=True),
    Place("castle", "at the castle", ("by the castle", "in front of a castle"), town.castle, 0.7, seasons=True),
    Place("village", "in the village", ("in a village",), land.village, 0.7, seasons=True),
    Place("canyon", "in the canyon", ("in a canyon", "among red rocks"), land.canyon, 0.72),
    Place("island", "on an island", ("on the island", "on a desert island"), water.island, 0.8),
    Place("waterfall", "by the waterfall", ("at the waterfall", "by a waterfall"), water.waterfall, 0.84, seasons=True),
    Place("ice", "on the ice", ("in the arctic", "at the north pole"), water.ice, 0.78),
    Place("library", "in the library", ("in a library", "among books"), inside.library, 0.78, sky=False),
    Place("theatre", "on the stage", ("on a stage", "in the theatre"), inside.theatre, 0.78, sky=False),
    Place("classroom", "in the classroom", ("in a classroom", "at school"), inside.classroom, 0.74, sky=False),
    Place("sky", "in the sky", ("up in the air", "above the clouds"), town.aloft, 0.5, water=True),
)
PLACES: dict[str, Place] = {place.name: place for place in _ALL}

# The phrases that say it; the first is the one of canonical prompts.
TIMES = {
    "day": ("by day", "during the day", "in daylight"),
    "dawn": ("at dawn", "at sunrise"),
    "sunset": ("at sunset", "at dusk"),
    "night": ("at night", "by night"),
}
WEATHERS = {
    "rain": ("in the rain", "in rain"),
    "snowfall": ("in falling snow", "in snowfall"),
    "fog": ("in the fog", "in fog", "in the mist"),
    "clouds": ("under clouds", "with clouds"),
    "storm": ("in a storm", "in a thunderstorm"),
    "rainbow": ("with a rainbow", "under a rainbow"),
}
SEASONS = {
    "spring": ("in spring", "in springtime"),
    "autumn": ("in autumn", "in fall"),
    "winter": ("in winter", "in wintertime"),
}
_PLAIN_FLOOR = 0.7


def refuse_misfit(setting: Setting) -> None:
    """Raises ValueError: a setting must be a known colour, or a known place with what goes with that place."""
    for what, name, known in (
        ("colour", setting.colour, COLOURS),
        ("place", setting.place, PLACES),
        ("time", setting.time, TIMES),
        ("weather", setting.weather, WEATHERS),
        ("season", setting.season, SEASONS),
    ):
        if name is not None and name not in known:
            raise ValueError(f"unknown {what} {name!r}; known are {', '.join(known)}")
    if (setting.colour is None) == (setting.place is None):
        raise ValueError(f"a setting has either a colour or a place, got {setting}")
    place = PLACES[setting.place] if setting.place else None
    if (setting.time or setting.weather) and not (place and place.sky):
        raise ValueError(f"time and weather show only under a sky, got {setting}")
    if setting.season and not (place and place.seasons):
        raise ValueError(f"seasons show only where something grows, got {setting}")


def draw(setting: Setting, side: int, seed: int) -> np.ndarray:
    """The empty setting, uint8 RGB [side, side, 3]; `seed` moves clouds, hills and the like a little."""
    refuse_misfit(setting)
    canvas = Canvas(side)
    if setting.place is None:
        _plain(canvas, setting.colour or "white")
        return canvas.pixels
    random = Random(seed)
    stage = Stage(canvas, light(setting.time, setting.weather), SEASON_COLOURS.get(setting.season, SUMMER), random)
    PLACES[setting.place].paint(stage)
    if setting.season in ("spring", "autumn"):
        paint_leaves(canvas, stage.light, stage.season, random)
    paint_falling(canvas, stage.light, random)
    return canvas.pixels


def floor(setting: Setting, seed: int) -> float:
    """Where things stand: their lower edge lies between this fraction (from the top) and about 0.92."""
    return PLACES[setting.place].floor if setting.place else _PLAIN_FLOOR


def _plain(canvas: Canvas, colour: str) -> None:
    """A studio backdrop: a light in the middle."""
    base = COLOURS[colour]
    canvas.fill((mix(base, (255, 255, 255), 0.1), base))
    canvas.glow(0.5, 0.45, 0.6, mix(base, (255, 255, 255), 0.5), 0.5)
