"""What a picture shows, as data: `scenes` draws scenes by chance, `captions` says them, `render` paints them."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Thing:
    """One object. Numbers are fractions of the picture's side."""

    noun: str
    """A key of `nouns.NOUNS`."""
    colour: str | None
    """A key of `colours.COLOURS`, or None: its own colours."""
    size: str | None
    """"small" or "big" if the caption may say so, else None."""
    x: float
    """Centre of its box, from the left."""
    y: float
    """Centre of its box, from the top."""
    side: float
    """Longest side of its box."""
    flip: bool
    """Mirrored left to right."""
    variant: int = 0
    """Which of the pictures of its noun."""
    wears: str | None = None
    """A key of `wearing.WEARING`."""


@dataclass(frozen=True)
class Setting:
    """Where and when. Either `colour`, a plain background, or `place` with what goes with it."""

    colour: str | None = None
    """A key of `colours.COLOURS`."""
    place: str | None = None
    """A key of `settings.PLACES`."""
    time: str | None = None
    """One of `settings.TIMES`; None where no sky shows (indoors, underwater, in space)."""
    weather: str | None = None
    """One of `settings.WEATHERS`; None is clear."""
    season: str | None = None
    """One of `settings.SEASONS`; None is summer, or no matter."""


@dataclass(frozen=True)
class Scene:
    """A picture: things from back to front in a setting, drawn in a style."""

    things: tuple[Thing, ...]
    """Counted things are the same noun several times; two different things stand in `relation`."""
    relation: str | None
    """`things[0]` RELATION `things[1]`, one of `scenes.RELATIONS`. None: one noun, or two side by side ("and")."""
    setting: Setting
    style: str | None
    """A key of `styles.STYLES`, or None: plain flat drawing."""
    seed: int
    """Of everything that no caption says: clouds, stars, brush strokes."""


@dataclass(frozen=True)
class World:
    """The part of the world that a model learns, from `config["world"]`; a field left out there is everything.

    Tuples are in the order of their tables. `shares` are the relative frequencies of the kinds of scene: "single",
    "coloured", "sized", "counted", "pair", "coloured pair", "empty" (a setting alone); `style_share` is the share of
    scenes in some style, `plain_share` that of plain coloured backgrounds. `speech` is how captions speak: "plain", or
    "wide" (`captions.Manner`).
    """

    nouns: tuple[str, ...]
    colours: tuple[str, ...]
    relations: tuple[str, ...]
    places: tuple[str, ...]
    times: tuple[str, ...]
    weathers: tuple[str, ...]
    seasons: tuple[str, ...]
    styles: tuple[str, ...]
    wearing: tuple[str, ...]
    max_count: int = 4
    style_share: float = 0.4
    plain_share: float = 0.35
    speech: str = "plain"
    shares: dict[str, float] = field(default_factory=dict, hash=False)
