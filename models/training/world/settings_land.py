"""Painters of open country: grass, garden, forest, jungle, farm, mountains, snow, desert, canyon, volcano."""

from training.world.canvas import mix
from training.world.props import Stage, fence, flowers, house, leaf, pine, snowcap, tree
from training.world.sky import paint_sky


def grass(stage: Stage) -> None:
    """Rolling meadow."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.56)
    season, phase = stage.season, stage.random.uniform(0, 1)
    far = stage.lit(season.far_grass, 0.35)
    stage.canvas.hill(0.53, 0.045, phase, far, mix(far, stage.light.haze, 0.3), 1.1)
    tree(stage, 0.1, 0.58, 0.16, 0.2)
    tree(stage, 0.2, 0.575, 0.11, 0.3, 1)
    tree(stage, 0.9, 0.585, 0.14, 0.25, 1)
    near = stage.lit(season.grass)
    stage.canvas.hill(0.6, 0.025, phase + 0.45, stage.lit(season.far_grass), near, 0.8)
    flowers(stage, 0.68, 0.95, 12)


def garden(stage: Stage) -> None:
    """Lawn before a white fence and a hedge, flower beds left and right."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.5)
    season = stage.season
    for k in range(5):
        tree(stage, 0.08 + 0.21 * k, 0.56, 0.22 + 0.05 * (k % 2), 0.25, k)
    stage.canvas.box(0, 0.5, 1, 1, stage.lit(season.grass), stage.lit(mix(season.grass, season.far_grass, 0.6)))
    fence(stage, 0.6, 0.16, (250, 248, 242))
    bush = stage.lit(mix(season.leaves[0], (40, 110, 70), 0.5) if not season.snow else (226, 236, 246))
    for x, radius in ((0.02, 0.11), (0.14, 0.075), (0.98, 0.11), (0.86, 0.075)):
        stage.canvas.ellipse(x, 0.66, radius, radius, bush)
        if not season.snow:
            for dx, dy, tone in (
                (-0.3, -0.3, (244, 110, 140)),
                (0.35, -0.1, (255, 214, 90)),
                (0.0, 0.4, (250, 250, 250)),
            ):
                spot = stage.lit(tone)
                stage.canvas.ellipse(x + dx * radius, 0.66 + dy * radius, 0.016, 0.016, spot)
    flowers(stage, 0.78, 0.96, 6)


def forest(stage: Stage) -> None:
    """A clearing between rows of firs and leafy trees."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.6)
    shift = stage.random.uniform(-0.03, 0.03)
    for k in range(8):
        pine(stage, 0.03 + 0.135 * k + shift, 0.64, 0.36 + 0.06 * (k % 3), 0.5)
    floor = stage.lit(mix(stage.season.grass, (70, 96, 60), 0.0 if stage.season.snow else 0.5))
    for x, size in ((0.22, 0.42), (0.8, 0.4)):
        tree(stage, x + shift, 0.67, size, 0.15, 1)
    stage.canvas.hill(0.65, 0.012, shift * 9, mix(floor, stage.light.haze, 0.25), floor, 1.4)
    for x, size in ((0.04, 0.66), (0.965, 0.7)):
        pine(stage, x, 0.76, size)
    tree(stage, 0.15, 0.73, 0.42)
    tree(stage, 0.87, 0.74, 0.38)


def jungle(stage: Stage) -> None:
    """Deep green, hanging vines and great leaves from the corners."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.5)
    canvas, shift = stage.canvas, stage.random.uniform(-0.02, 0.02)
    for k in range(7):
        canvas.ellipse(0.16 * k + shift, 0.42 + 0.05 * (k % 2), 0.14, 0.2, stage.lit((112, 184, 116), 0.3))
    canvas.box(0, 0.42, 1, 1, stage.lit((86, 164, 100), 0.15), stage.lit((40, 104, 66)))
    for k in range(6):
        canvas.ellipse(0.2 * k - shift, 0.6 + 0.03 * (k % 2), 0.15, 0.1, stage.lit((58, 138, 84)))
    canvas.hill(0.66, 0.015, shift * 9, stage.lit((96, 132, 62)), stage.lit((62, 96, 52)), 1.3)
    for x, bend in ((0.1, 0.03), (0.9, -0.03)):
        canvas.shape(
            [(x - 0.035, -0.02), (x + 0.035, -0.02), (x + 0.03 + bend, 0.72), (x - 0.05 + bend, 0.72)],
            stage.lit((98, 76, 56)),
        )
    for x, depth in ((0.22, 0.3), (0.76, 0.36), (0.34, 0.16), (0.66, 0.14)):
        canvas.line([(x, -0.01), (x + 0.015, depth * 0.5), (x - 0.01, depth)], 0.012, stage.lit((48, 120, 64)))
        canvas.ellipse(x - 0.01, depth, 0.02, 0.028, stage.lit((88, 176, 84)))
    _great_leaves(stage)


def _great_leaves(stage: Stage) -> None:
    leaves = (((0, 0.0), (0.34, 0.1)), ((0, 0.0), (0.16, 0.32)), ((0, 0.75), (0.24, 0.6)), ((0, 0.95), (0.27, 0.85)))
    for k, ((x0, y0), (x1, y1)) in enumerate(leaves):
        for mirrored in (False, True):
            tone = stage.lit(((44, 128, 72), (70, 158, 80))[(k + mirrored) % 2])
            left, right = (1 - x0, 1 - x1) if mirrored else (x0, x1)
            leaf(stage.canvas, (left, y0), (right, y1), 0.3, tone)


def farm(stage: Stage) -> None:
    """A red barn and rows of crops."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.52)
    canvas, season = stage.canvas, stage.season
    phase = stage.random.uniform(0, 1)
    canvas.hill(0.5, 0.03, phase, stage.lit(season.far_grass, 0.35), stage.lit(season.far_grass, 0.1))
    side = stage.random.choice((0.17, 0.83))
    tree(stage, 1 - side, 0.58, 0.2, 0.1)
    _barn(stage, side)
    canvas.box(0, 0.585, 1, 1, stage.lit(season.far_grass), stage.lit(season.grass))
    furrow = stage.lit(mix(season.grass, (150, 104, 56), 0.15 if season.snow else 0.42))
    for k in range(-4, 5):
        x = 0.5 + 0.34 * k
        canvas.shape(
            [(0.5 + 0.13 * k - 0.008, 0.6), (0.5 + 0.13 * k + 0.008, 0.6), (x + 0.055, 1.02), (x - 0.055, 1.02)], furrow
        )
    for x in (0.03, 0.35, 0.67, 0.99):
        canvas.box(x - 0.01, 0.55, x + 0.01, 0.63, stage.lit((168, 124, 84)))
    canvas.box(0, 0.57, 1, 0.583, stage.lit((168, 124, 84)))


def _barn(stage: Stage, x: float) -> None:
    canvas, wall, white = stage.canvas, stage.lit((190, 62, 52)), stage.lit((246, 238, 226))
    gable = [(-0.13, 0.6), (-0.13, 0.4), (-0.085, 0.31), (0, 0.27), (0.085, 0.31), (0.13, 0.4), (0.13, 0.6)]
    canvas.shape([(x + dx, y) for dx, y in gable], wall)
    roof = [(-0.15, 0.41), (-0.095, 0.3), (0, 0.25), (0.095, 0.3), (0.15, 0.41)]
    canvas.line([(x + dx, y) for dx, y in roof], 0.024, white if stage.season.snow else stage.lit((96, 76, 72)))
    canvas.box(x - 0.055, 0.46, x + 0.055, 0.6, white)
    canvas.box(x - 0.043, 0.473, x + 0.043, 0.6, stage.lit((160, 48, 44)))
    canvas.line([(x - 0.043, 0.473), (x + 0.043, 0.595)], 0.012, white)
    canvas.box(x - 0.025, 0.35, x + 0.025, 0.4, white)


def mountains(stage: Stage) -> None:
    """Snow-capped peaks over a meadow with firs."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.62)
    shift = stage.random.uniform(-0.03, 0.03)
    for x, half, height in ((0.5, 0.34, 0.3), (0.02, 0.3, 0.27), (0.97, 0.3, 0.29)):
        snowcap(stage, x - shift, 0.66, half, height, (132, 150, 184), 0.5)
    snowcap(stage, 0.2 + shift, 0.67, 0.34, 0.44, (116, 128, 158), 0.12)
    snowcap(stage, 0.8 + shift, 0.67, 0.32, 0.38, (106, 118, 150), 0.12)
    near = stage.lit(stage.season.grass)
    for k in range(7):
        if k != 3:
            pine(stage, 0.02 + 0.16 * k, 0.69, 0.12 + 0.03 * (k % 2), 0.2)
    stage.canvas.hill(0.66, 0.018, shift * 9, stage.lit(stage.season.far_grass, 0.12), near, 1.2)
    flowers(stage, 0.74, 0.95, 8)


def snow(stage: Stage) -> None:
    """White hills with blue shadows, snowy firs, a far cabin."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.56)
    phase = stage.random.uniform(0, 1)
    stage.canvas.hill(0.53, 0.05, phase, stage.lit((214, 228, 246), 0.3), stage.lit((190, 210, 238), 0.2), 1.1)
    for x, size in ((0.06, 0.24), (0.17, 0.17), (0.95, 0.26), (0.84, 0.17), (0.75, 0.12)):
        pine(stage, x, 0.61, size, 0.15)
    stage.canvas.hill(0.6, 0.03, phase + 0.4, stage.lit((250, 252, 255)), stage.lit((206, 222, 244)), 0.8)
    stage.canvas.hill(0.84, 0.03, phase + 0.1, stage.lit((250, 252, 255)), stage.lit((226, 236, 250)), 0.9)


def desert(stage: Stage) -> None:
    """Dunes and cacti."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.58)
    phase = stage.random.uniform(0, 1)
    stage.canvas.hill(0.55, 0.045, phase, stage.lit((240, 208, 150), 0.25), stage.lit((226, 180, 118), 0.1), 1.3)
    stage.canvas.hill(0.6, 0.04, phase + 0.5, stage.lit((246, 206, 132)), stage.lit((228, 172, 100)), 0.9)
    stage.canvas.hill(0.8, 0.03, phase + 0.2, stage.lit((250, 216, 146)), stage.lit((236, 188, 118)), 0.8)
    for x, y, size in ((0.1, 0.72, 0.28), (0.91, 0.69, 0.22)):
        green = stage.lit((92, 150, 92))
        stage.canvas.line([(x, y), (x, y - size)], 0.2 * size, green)
        for side, low in ((-1, 0.35), (1, 0.5)):
            arm = x + side * 0.3 * size
            joint = [(x, y - low * size), (arm, y - low * size), (arm, y - (low + 0.3) * size)]
            stage.canvas.line(joint, 0.14 * size, green)


def canyon(stage: Stage) -> None:
    """Red rock tables, striped."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.6)
    shift = stage.random.uniform(-0.03, 0.03)
    tables = ((0.5, 0.62, 0.13, 0.14, 0.45), (0.13, 0.66, 0.22, 0.36, 0.1), (0.9, 0.66, 0.19, 0.3, 0.18))
    for x, y, half, height, far in tables:
        for k, tone in enumerate(((214, 116, 72), (190, 92, 60), (226, 138, 88), (180, 84, 58))):
            low, high = y - height * (1 - k / 4), y - height * (0.74 - k / 4)
            wide = half * (0.7 + 0.1 * k)
            corners = [(-wide, low), (wide, low), (1.08 * wide, high), (-1.08 * wide, high)]
            stage.canvas.shape([(x + shift + dx, dy) for dx, dy in corners], stage.lit(tone, far))
    stage.canvas.hill(0.645, 0.012, shift * 9, stage.lit((232, 152, 100)), stage.lit((206, 112, 72)), 1.5)


def volcano(stage: Stage) -> None:
    """A smoking cone, lava down its sides, black ground."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.62)
    canvas, shift = stage.canvas, stage.random.uniform(-0.02, 0.02)
    x = 0.5 + shift
    for k, (dx, y, radius) in enumerate(((0.0, 0.16, 0.07), (0.06, 0.09, 0.09), (0.17, 0.04, 0.11), (0.3, 0.01, 0.12))):
        canvas.ellipse(x + dx, y, radius, 0.8 * radius, stage.lit(mix((108, 98, 106), (150, 140, 146), k / 3)))
    canvas.glow(x, 0.22, 0.26, (255, 120, 50), 0.8)
    rock = stage.lit((104, 84, 88))
    cone = [(-0.46, 0.68), (-0.1, 0.23), (-0.04, 0.25), (0.04, 0.235), (0.1, 0.23), (0.46, 0.68)]
    canvas.shape([(x + dx, y) for dx, y in cone], rock, mix(rock, (50, 40, 50), 0.5))
    lava = [(-0.1, 0.23), (-0.04, 0.25), (0.04, 0.235), (0.1, 0.23), (0.14, 0.42), (0.1, 0.36), (0.06, 0.54)]
    lava += [(0.02, 0.36), (-0.05, 0.44), (-0.08, 0.33), (-0.15, 0.5)]
    canvas.shape([(x + dx, y) for dx, y in lava], (255, 196, 70), (240, 80, 40))
    canvas.hill(0.655, 0.012, shift * 9, stage.lit((84, 72, 78)), stage.lit((54, 46, 54)), 1.6)
    for left, y, wide in ((0.0, 0.74, 0.2), (0.82, 0.72, 0.2), (0.06, 0.93, 0.16), (0.8, 0.95, 0.2)):
        canvas.ellipse(left + wide / 2, y, wide / 2, 0.014, (252, 128, 48))


def village(stage: Stage) -> None:
    """Small gabled houses on green hills."""
    paint_sky(stage.canvas, stage.light, stage.random, 0.55)
    season, phase = stage.season, stage.random.uniform(0, 1)
    stage.canvas.hill(0.5, 0.04, phase, stage.lit(season.far_grass, 0.4), stage.lit(season.far_grass, 0.2))
    stage.canvas.box(0, 0.6, 1, 1, stage.lit(season.far_grass), stage.lit(season.grass))
    walls = ((250, 236, 208), (232, 206, 190), (240, 240, 236), (214, 226, 230))
    roofs = ((206, 96, 74), (150, 88, 76), (92, 116, 150))
    for k, (x, y, size) in enumerate(
        ((0.36, 0.6, 0.15), (0.64, 0.6, 0.16), (0.5, 0.59, 0.12), (0.13, 0.65, 0.3), (0.88, 0.65, 0.32))
    ):
        house(stage, x, y, size, walls[k % 4], roofs[k % 3], 0.3 if k < 3 else 0.05)
    path = stage.lit(mix((222, 198, 156), (255, 255, 255), 0.5 if season.snow else 0.0))
    stage.canvas.shape([(0.47, 0.6), (0.53, 0.6), (0.62, 0.72), (0.8, 1.02), (0.2, 1.02), (0.44, 0.72)], path)
