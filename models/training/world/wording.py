"""The phrases of captions. Every word of any caption comes from here or from the tables of nouns, places and styles."""

from training.world import nouns, settings, styles

COUNTS = {2: ("two", "2"), 3: ("three", "3"), 4: ("four", "4")}
SIZES = {"small": ("small", "little", "tiny"), "big": ("big", "large", "huge")}
# The first of each is the one of canonical prompts. {a} and {b} are things with their articles.
RELATED = {
    "left of": ("{a} to the left of {b}", "{a} left of {b}", "{a} on the left of {b}",
                "{a} on the left and {b} on the right"),
    "right of": ("{a} to the right of {b}", "{a} right of {b}", "{a} on the right of {b}",
                 "{a} on the right and {b} on the left"),
    "above": ("{a} above {b}", "{a} over {b}"),
    "below": ("{a} below {b}", "{a} under {b}", "{a} beneath {b}", "{a} underneath {b}"),
    "on": ("{a} on top of {b}", "{a} on {b}"),
    None: ("{a} and {b}", "{a} with {b}", "{a} next to {b}", "{a} beside {b}"),
}  # fmt: skip
MIRRORED = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}
BACKGROUND = "{a} {c} background"
BACKGROUNDS = ("on {a} {c} background", "against {a} {c} background", "in front of {a} {c} background")
EMPTY = ("an empty scene", "an empty picture", "an empty view")
# As sentences say them, the canonical phrase first, then as items of a list.
TIMES = {
    "day": (("by day", "in daylight", "during the day"), ("day", "daytime", "daylight")),
    "dawn": (("at dawn", "at sunrise"), ("dawn", "sunrise")),
    "sunset": (("at sunset", "at dusk", "in the evening"), ("sunset", "dusk", "evening")),
    "night": (("at night", "by night"), ("night",)),
}
WEATHERS = {
    "rain": (("in the rain", "in rainy weather"), ("rain", "rainy")),
    "snowfall": (("in falling snow", "in snowfall"), ("falling snow", "snowfall")),
    "fog": (("in the fog", "in foggy weather", "in mist"), ("fog", "foggy", "mist")),
    "clouds": (("under clouds", "in cloudy weather"), ("clouds", "cloudy")),
    "storm": (("in a storm", "in a thunderstorm"), ("storm", "thunderstorm")),
    "rainbow": (("with a rainbow", "under a rainbow"), ("rainbow",)),
}
SEASONS = {
    "spring": (("in spring", "in springtime"), ("spring", "springtime")),
    "autumn": (("in autumn", "in fall"), ("autumn", "fall")),
    "winter": (("in winter", "in wintertime"), ("winter", "wintertime")),
}
STYLED = (", {s}", ", in the style of {s}", ", {s} style", " in {s} style")
COLOUR_WORDS = {"gray": ("gray", "grey")}
PREFIXES = ("a picture of", "a photo of", "an image of", "a drawing of", "a scene of")


def article(phrase: str) -> str:
    """ "a" or "an" before a phrase."""
    silent = phrase.startswith(("hour", "honest"))
    long = phrase.startswith(("uni", "use", "ufo", "uku", "one", "eu"))
    return "an" if silent or (phrase[0] in "aeiou" and not long) else "a"


def noun_words(noun: str, many: bool) -> tuple[str, ...]:
    """A noun and its synonyms, of one or of many; the noun itself first."""
    entry = nouns.NOUNS[noun]
    return tuple([entry.plural, *map(nouns.plural, entry.synonyms)] if many else [noun, *entry.synonyms])


def colour_words(colour: str) -> tuple[str, ...]:
    """A colour and its other spellings."""
    return COLOUR_WORDS.get(colour, (colour,))


def place_words(place: str) -> tuple[str, ...]:
    """The ways to say a place in a sentence ("on the beach"), the canonical one first."""
    entry = settings.PLACES[place]
    return (entry.where, *entry.synonyms)


def place_item(place: str) -> str:
    """A place as an item of a list: its name, unless that would be taken for a thing ("castle")."""
    return settings.PLACES[place].where if place in nouns.NOUNS else place


def style_names(style: str) -> tuple[str, ...]:
    """A style and its synonyms, its own name first."""
    return (style, *styles.STYLES[style].synonyms)
