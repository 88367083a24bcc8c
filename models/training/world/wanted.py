"""Nouns in the order in which a visitor would want them, so that a model with time for some learns the right ones.

Animals, people, food, vehicles, buildings, nature and toys that anybody would ask for, by hand; then the rest, things
of the house and tools last.
"""

from functools import cache

from training.world.nouns import NOUNS

_FIRST = """
cat, dog, rabbit, fox, owl, penguin, bear, panda, lion, tiger, elephant, frog, horse, unicorn, dragon, dinosaur,
fish, whale, butterfly, tree, sunflower, mushroom, cactus, rose, apple, strawberry, banana, cake, pizza, burger,
house, castle, car, sailboat, rocket, airplane, train, bus, robot, ghost, snowman, astronaut, wizard, princess, king,
woman, man, boy, girl, heart, star, moon, sun, balloon, crown, hat, hot air balloon, palm tree, christmas tree,
ice cream, fire truck, flying saucer, police car, mouse, squirrel, hedgehog, koala, raccoon, monkey, gorilla,
giraffe, zebra, cow, pig, sheep, deer, bat, dolphin, shark, octopus, crab, turtle, snake, bee, ladybug, snail,
spider, bird, chick, rooster, duck, swan, flamingo, parrot, eagle, seal, mermaid, fairy, superhero, ninja, elf,
santa, vampire, zombie, detective, farmer, chef, alien, baby, grandfather, grandmother, doctor, firefighter, dancer,
angel, troll, genie, pear, cherry, pineapple, lemon, watermelon, avocado, carrot, tomato, pumpkin, egg, cheese,
cupcake, donut, cookie, lollipop, croissant, pancake, taco, sandwich, teapot, cup, hot dog, bunch of grapes,
corn cob, truck, tractor, motorcycle, bicycle, helicopter, ship, submarine, scooter, race car, speedboat, lighthouse,
windmill, tent, igloo, barn, pagoda, bridge, tower, skyscraper, hut, ferris wheel, circus tent, tulip, daisy, clover,
cloud, planet, comet, globe, rock, fire, snowflake, maple leaf, cherry blossom, guitar, piano, violin, drum, trumpet,
book, lamp, umbrella, clock, key, gift, kite, cube, sphere, pyramid, basketball, diamond, ring, candle, lantern,
camera, telescope, ball, soccer ball, magic wand, bed, chair, sofa, table
"""
_LATE = ("furniture", "clothes", "object", "tool")


@cache
def order() -> tuple[str, ...]:
    """Every noun of the world once."""
    first = [noun.strip() for noun in _FIRST.split(",")]
    rest = sorted(NOUNS, key=lambda noun: NOUNS[noun].group in _LATE and 1 + _LATE.index(NOUNS[noun].group))
    return tuple(dict.fromkeys([*first, *rest]))
