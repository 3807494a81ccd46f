"""Farm gate: a walker by day, dusk, a fox under the lamp by night, and dawn."""

import numpy as np

from demo_scenes import foliage
from demo_scenes.film import Lights, Moment, Mover, Path2D, Scene
from demo_scenes.geometry import Array, View, smoothstep, unit, vector
from demo_scenes.mesh import Mesh
from demo_scenes.movers import Clothes, fox, person
from demo_scenes.solids import Ball, Solid, Surface, box, gable, post
from demo_scenes.still import Lamp, Stage, render
from demo_scenes.textures import boards, clouds, meadow, plain, roof_tiles, track

SECONDS = 60
_DUSK_S, _DAWN_S = (19.0, 33.0), (45.0, 59.0)
_LAMP = vector(2.35, 2.95, 8.35)
_FARMER = Clothes(
    coat="#6a6f3e", trousers="#3f4a5c", hair="#5b4a3a", hat="#8a6a42", shoes="#3b4a30"
)
_GREENS = ("#4a6f2c", "#5f8236", "#38592a", "#7c9044")
_TREE_FOOT = vector(-5.6, 0, 12.0)


def _sky_day(rays: Array) -> Array:
    rise = np.clip(rays[:, 1:2], 0, 1) ** 0.55
    clear = vector(0.98, 1.0, 1.0) * (1 - rise) + vector(0.24, 0.44, 0.85) * rise
    height = np.maximum(rays[:, 1], 0.03) + 0.05
    heap = clouds(rays[:, 0] / height, rays[:, 2] / height, 9.0)
    cover = smoothstep(heap, 0.0, 0.75)[:, None] * smoothstep(rays[:, 1:2], 0.0, 0.12)
    return clear * (1 - 0.75 * cover) + vector(1.15, 1.13, 1.1) * 0.75 * cover


def _sky_dusk(rays: Array) -> Array:
    rise = np.clip(rays[:, 1:2] * 2.2, 0, 1) ** 0.5
    side = np.clip(0.6 - 0.5 * rays[:, :1], 0, 1)
    low = vector(1.15, 0.52, 0.2) * side + vector(0.6, 0.36, 0.36) * (1 - side)
    sky = low * (1 - rise) + vector(0.16, 0.17, 0.36) * rise
    height = np.maximum(rays[:, 1], 0.03) + 0.05
    heap = clouds(rays[:, 0] / height, rays[:, 2] / height, 9.0)
    cover = smoothstep(heap, 0.0, 0.75)[:, None] * smoothstep(rays[:, 1:2], 0.0, 0.12)
    return sky * (1 - 0.5 * cover) + vector(0.62, 0.3, 0.26) * 0.5 * cover


def _sky_night(rays: Array) -> Array:
    rise = np.clip(rays[:, 1:2], 0, 1) ** 0.5
    sky = vector(0.030, 0.040, 0.062) * (1 - rise) + vector(0.008, 0.012, 0.028) * rise
    return sky.astype(np.float32)


def _barn() -> list[Solid]:
    red, white = Surface(boards("#8e3a2e", 0.2)), Surface(plain("#e4ddcf"))
    roof, dark = Surface(roof_tiles("#565354")), Surface(boards("#6f2b23", 0.16))
    x, z = 2.6, 8.2
    parts: list[Solid] = [
        box(red, (x, 0, z), (x + 6.4, 3.4, z + 7.5)),
        box(Surface(plain("#8c867a", 0.25)), (x - 0.04, 0, z - 0.04), (x + 6.44, 0.4, z + 7.54)),
        gable(red, (x, 3.4, z), (x + 6.4, 6.0, z + 7.5), along="z"),
        gable(roof, (x - 0.5, 3.44, z + 0.02), (x + 6.9, 6.42, z + 8.0), along="z"),
        box(white, (x + 1.5, 0, z - 0.07), (x + 4.9, 3.0, z)),
        box(dark, (x + 1.65, 0, z - 0.1), (x + 3.15, 2.86, z)),
        box(dark, (x + 3.25, 0, z - 0.1), (x + 4.75, 2.86, z)),
        box(white, (x - 0.02, 0, z - 0.05), (x + 0.14, 3.4, z)),
    ]
    for low in (1.65, 3.25):
        for y in (0.15, 1.4, 2.66):
            parts.append(box(white, (x + low, y, z - 0.13), (x + low + 1.5, y + 0.14, z)))
    pane = Surface(plain("#2a2a26"), glow=(0.85, 0.5, 0.2))
    for row in (10.2, 12.6):
        parts.append(box(white, (x - 0.06, 1.15, row - 0.1), (x, 2.25, row + 1.0)))
        parts.append(box(pane, (x - 0.08, 1.25, row), (x, 2.15, row + 0.9)))
    bracket = Surface(plain("#2b2b2b"))
    bulb = Surface(plain("#d8d2c0"), glow=(2.6, 2.1, 1.3))
    parts.append(
        box(bracket, (_LAMP[0] - 0.02, _LAMP[1] + 0.16, 8.3), (x + 0.3, _LAMP[1] + 0.2, 8.4))
    )
    parts.append(Ball(bracket, _LAMP + vector(0, 0.13, 0), vector(0.19, 0.09, 0.19), shades=False))
    return [*parts, Ball(bulb, _LAMP, vector(0.085, 0.1, 0.085), shades=False)]


def _fence() -> list[Solid]:
    """Posts and rails, with the gate standing between its own posts."""
    wood, pale = Surface(plain("#9b8467", 0.25)), Surface(plain("#d3cdbf", 0.15))
    z, parts = 16.5, []
    for low, high in ((-30.0, -3.2), (0.4, 2.6)):
        for x in np.arange(low, high + 0.1, 2.2):
            parts.append(post(wood, float(x), z, 0, 1.25, 0.075))
        parts += [
            box(wood, (low, y, z - 0.03), (high, y + 0.11, z + 0.03)) for y in (0.4, 0.75, 1.08)
        ]
    for x in (-3.2, 0.4):
        parts.append(post(wood, x, z, 0, 1.55, 0.11))
    for y in (0.22, 0.5, 0.78, 1.1):
        parts.append(box(pale, (-3.05, y, z - 0.035), (0.25, y + 0.075, z + 0.035)))
    for x in (-3.05, -1.45, 0.18):
        parts.append(box(pale, (x, 0.22, z - 0.045), (x + 0.08, 1.2, z + 0.045)))
    return parts


def _trodden(points: Array) -> Array:
    """How much of the ground at points is bare earth, 0…1: the lane and the yard."""
    x, z = points[:, 0], points[:, 2]
    ragged = 0.35 * clouds(x, z, 6.0) + 0.15 * clouds(z, x, 1.7)
    off_lane = np.abs(x + 1.35 + 0.5 * np.sin(z * 0.13)) + ragged
    lane = 1 - smoothstep(off_lane, 1.25, 1.6)
    ridge = 1 - smoothstep(np.abs(x + 1.35 + 0.5 * np.sin(z * 0.13)) + ragged, 0.05, 0.3)
    lane = lane * (1 - 0.75 * ridge * smoothstep(z, 8.0, 10.5))
    yard = smoothstep(x + ragged, -1.8, -1.0) * (1 - smoothstep(np.abs(z - 5.6) + ragged, 2.2, 2.8))
    return np.maximum(lane, yard)


def _ground(points: Array, normals: Array) -> Array:
    bare = _trodden(points)[:, None]
    return (meadow(points, normals) * (1 - bare) + track(points, normals) * bare).astype(np.float32)


def _land() -> list[Solid]:
    hill = Surface(_ground)
    parts: list[Solid] = [
        box(hill, (-900, -1, -30), (900, 0, 900)),
    ]
    for x, z, wide, high in (
        (-160, 330, 190, 34),
        (60, 420, 260, 46),
        (250, 300, 170, 30),
        (-20, 260, 120, 13),
    ):
        parts.append(Ball(hill, vector(x, -2, z), vector(wide, high, 90)))
    hay = Surface(plain("#b79a52", 0.3))
    for x, z in ((-9.5, 24), (-13, 30), (4.5, 33)):
        parts.append(Ball(hay, vector(x, 0.6, z), vector(0.85, 0.75, 0.75)))
    return parts


def _solids() -> list[Solid]:
    bark = Surface(plain("#6b5644"))
    parts = _land() + _barn() + _fence()
    parts.append(post(bark, _TREE_FOOT[0], _TREE_FOOT[2], 0, 2.8, 0.24))
    crown = _TREE_FOOT + vector(0, 4.6, 0)
    return [*parts, *foliage.shade_of(crown, 1.15, 42, np.random.default_rng(8))]


def _plants(rng: np.random.Generator) -> list[foliage.Leaves]:
    tufts = foliage.strewn((-13, 0.5), (4, 16), 15000, rng)
    tufts = tufts[_trodden(tufts) < rng.uniform(0.1, 0.9, len(tufts))]
    verge = foliage.strewn((-14, 16.2), (2.4, 17.0), 2600, rng)
    verge = verge[_trodden(verge) < 0.4]
    grasses = ("#64813a", "#77914a", "#587330", "#93994f")
    plants = [foliage.blades(tufts, grasses, 0.045, rng), foliage.blades(verge, grasses, 0.14, rng)]
    plants.append(
        foliage.clump(vector(2.3, 0.3, 9.6), vector(0.3, 0.4, 0.8), 500, _GREENS, 0.06, rng)
    )
    far = ("#4f6d3a", "#5d7a45", "#456034")
    for x, z, size in (
        (-46, 95, 6),
        (-38, 97, 5),
        (-26, 110, 6),
        (-8, 120, 6),
        (-3, 122, 5),
        (10, 105, 6),
        (-60, 80, 6),
        (-70, 84, 7),
        (18, 110, 7),
    ):
        crown = vector(x, size * 0.42, z)
        plants.append(foliage.clump(crown, vector(size, size * 0.75, size), 500, far, 0.9, rng))
    return plants


def _walker() -> Mover:
    path = Path2D(
        [
            (8.0, -1.2, -0.6),
            (8.8, -1.2, 0.2),
            (16.2, -1.35, 9.0),
            (17.4, -2.2, 10.2),
            (21.5, -8.4, 11.2),
            (23.4, -12.0, 11.4),
        ]
    )
    return Mover(path, lambda now, moment: person(_FARMER, moment.walked_m, moment.pace))


def _night_fox() -> Mover:
    path = Path2D(
        [
            (35.6, 4.6, 2.4),
            (37.6, 1.6, 5.0),
            (39.4, -1.2, 6.4),
            (40.0, -2.0, 6.9),
            (43.2, -7.6, 8.2),
            (44.4, -10.5, 8.6),
        ]
    )

    def mesh(now: float, moment: Moment) -> Mesh:
        return fox(moment.walked_m, moment.pace)

    return Mover(path, mesh, tread_m=(0.12, 0.36))


def _daylight(now: float) -> float:
    """1 by day, 0 by night."""
    return float(1 - smoothstep(now, *_DUSK_S) + smoothstep(now, *_DAWN_S))


def _lights(now: float) -> Lights:
    day = _daylight(now)
    glow = float(np.clip(1 - abs(day - 0.42) / 0.42, 0, 1)) ** 1.5
    bright = float(smoothstep(day, 0.3, 1.0))
    dark = float(1 - smoothstep(day, 0.0, 0.5))
    lamps = float(1 - smoothstep(day, 0.08, 0.62))
    return {
        "sun": bright * vector(2.4, 2.15, 1.8) + 0.35 * glow * vector(1.5, 0.7, 0.3),
        "sky": bright * vector(0.6, 0.72, 0.95)
        + glow * vector(0.2, 0.18, 0.26)
        + dark * vector(0.032, 0.043, 0.070),
        "lamp": lamps * vector(5.0, 3.8, 2.1),
        "glow": lamps * vector(1, 1, 1),
        "day": vector(1, 1, 1) * bright,
        "dusk": vector(1, 1, 1) * glow * 0.8,
        "night": vector(1, 1, 1) * (1 - bright),
    }


def scene() -> Scene:
    """The finished scene."""
    rng = np.random.default_rng(41)
    stage = Stage(
        view=View(vector(-2.9, 3.3, -1.4), vector(-0.55, 1.7, 8.0), 66),
        solids=_solids(),
        sun=unit(vector(-0.72, 0.6, -0.3)),
        backdrops={"day": _sky_day, "dusk": _sky_dusk, "night": _sky_night},
        lamps=(Lamp(_LAMP - vector(0.05, 0.08, 0.1), 0.09),),
        haze_m=520,
    )
    still = render(stage, seed=4)
    for leaves in _plants(rng):
        foliage.plant(still, stage, leaves, rng)
    limbs, leaves = foliage.spread_tree(_TREE_FOOT, 7.0, 2.7, _GREENS, 0.095, 9500, rng)
    tree = foliage.grow(stage, limbs, "#6b5644", leaves, sway_px=1.0, rng=rng)
    return Scene(
        "farm_gate",
        stage,
        still.shrunk(),
        _lights,
        [_walker(), _night_fox()],
        SECONDS,
        trees=[tree],
        exposure=lambda now: 0.62 + 0.75 * (1 - _daylight(now)),
    )
