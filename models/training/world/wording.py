"""The phrases of captions. Every word of any caption comes from here or from the tables of nouns, places and styles."""

from training.world import nouns, settings, styles, wearing
from training.world.scene import Thing

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
WORN = ("wearing {w}", "with {w} on", "in {w}")
# Everyday words of the wide way to speak. Moods change nothing in the picture; so do the strange words, most of which
# are from other people's prompts: they are no words of the vocabulary, and reach the model as pieces.
MOODS = (
    "happy", "cute", "funny", "beautiful", "lovely", "pretty", "cool", "nice", "sweet", "friendly", "adorable",
    "fluffy", "very cute", "smiling", "magical", "famous", "brave", "lonely", "sleepy",
)  # fmt: skip
MORE_PLACES = {
    "kitchen": ("on the kitchen table", "on the table"), "forest": ("among trees", "under the trees"),
    "grass": ("outside", "outdoors", "in nature"), "mountains": ("on a mountain", "on the mountain"),
    "room": ("at home", "inside"), "sea": ("on the water",), "sky": ("in the air",), "snow": ("in a snowy landscape",),
    "street": ("on the road side",), "space": ("in the galaxy", "in the universe"), "garden": ("among flowers",),
    "beach": ("by the sea", "at the seaside"), "city": ("downtown", "in a big city"),
    "island": ("on a tropical island",),
}  # fmt: skip
STRANGE = (
    "masterpiece", "detailed", "highly", "quality", "cinematic", "trending", "artstation", "realistic", "render",
    "ultra", "best", "professional", "award", "winning", "sharp", "focus", "lens", "portrait", "please", "make", "show",
    "want", "would", "could", "should", "about", "because", "really", "just", "some", "many", "every", "yesterday",
    "tomorrow", "jumping", "dancing", "eating", "reading", "playing", "holding", "looking",
    "standing", "sitting", "sleeping", "walking", "mother", "friend", "brother", "neighbour", "science",
    "history", "money", "minute", "thought", "feeling", "colourful", "wonderful", "strange", "ancient",
    "modern", "futuristic", "broken", "wooden", "golden", "plastic", "giant", "angry", "hungry", "scary", "dramatic",
    "dreamy", "epic", "volumetric", "octane", "unreal", "hdr", "bokeh", "wallpaper", "screenshot", "logo",
    "poster", "banner", "hello", "thanks", "quickly", "slowly", "perhaps", "never", "always", "again", "together",
)  # fmt: skip
GRID = 16
"""Places and sizes of things are said in as many parts of the picture's side."""
_PARTS = "abcdefghijklmnop"
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


def worn_words(garment: str) -> tuple[str, ...]:
    """The ways to say something worn."""
    return wearing.WEARING[garment].words


def layout_words() -> tuple[str, ...]:
    """Every word of `laid_out`."""
    return ("mirrored", *(f"{kind}{part}" for kind in ("atx", "aty", "box") for part in _PARTS))


def laid_out(thing: Thing) -> str:
    """Where a thing is, from the left and from the top, how large its box is, and whether it is mirrored.

    Each number is one word: "atxh atyk boxf" is the eighth of sixteen columns, the eleventh row, six sixteenths.
    """
    parts = [_PARTS[min(int(value * GRID), GRID - 1)] for value in (thing.x, thing.y, thing.side)]
    placed = " ".join(f"{kind}{part}" for kind, part in zip(("atx", "aty", "box"), parts, strict=True))
    return f"{placed} mirrored" if thing.flip else placed


def colour_words(colour: str) -> tuple[str, ...]:
    """A colour and its other spellings."""
    return COLOUR_WORDS.get(colour, (colour,))


def place_words(place: str, wide: bool = False) -> tuple[str, ...]:
    """The ways to say a place in a sentence ("on the beach"), the canonical one first; more of them if `wide`."""
    entry = settings.PLACES[place]
    return (entry.where, *entry.synonyms, *(MORE_PLACES.get(place, ()) if wide else ()))


def place_item(place: str) -> str:
    """A place as an item of a list: its name, unless that would be taken for a thing ("castle")."""
    return settings.PLACES[place].where if place in nouns.NOUNS else place


def style_names(style: str) -> tuple[str, ...]:
    """A style and its synonyms, its own name first."""
    return (style, *styles.STYLES[style].synonyms)
