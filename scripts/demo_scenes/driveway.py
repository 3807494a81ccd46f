"""Driveway: a car turns in from the street, parks, and reverses out again."""

import numpy as np

from demo_scenes import foliage
from demo_scenes.film import Moment, Mover, Path2D, Scene
from demo_scenes.geometry import Array, View, unit, vector
from demo_scenes.mesh import Mesh
from demo_scenes.movers import car, eased
from demo_scenes.solids import Ball, Solid, Surface, box, gable, post
from demo_scenes.still import Stage, render
from demo_scenes.textures import asphalt, boards, bricks, grass, plain, roof_tiles, slabs

SECONDS = 52
_KERB_Z = 14.0
_GREENS = ("#4b7430", "#638a3a", "#385d28", "#7d9a48")
_TREE_FOOT = vector(-4.9, 0, 9.2)
_HEDGE = (-30.0, 21.6)


def _sky(rays: Array) -> Array:
    rise = np.clip(rays[:, 1:2], 0, 1) ** 0.5
    return vector(1.05, 1.0, 0.92) * (1 - rise) + vector(0.28, 0.46, 0.85) * rise


def _house(x: float, z: float, wall: str, roof: str) -> list[Solid]:
    """A neighbour across the street."""
    white, glass = Surface(plain("#efeae0")), Surface(plain("#222a30"), mirror=0.3)
    parts: list[Solid] = [
        box(Surface(boards(wall, 0.2, upright=False)), (x - 4.2, 0, z), (x + 4.2, 2.9, z + 7)),
        gable(
            Surface(roof_tiles(roof)), (x - 4.7, 2.85, z - 0.5), (x + 4.7, 5.3, z + 7.5), along="x"
        ),
        box(white, (x - 0.55, 0, z - 0.1), (x + 0.55, 2.2, z)),
        box(Surface(plain("#6b2f2a")), (x - 0.42, 0, z - 0.14), (x + 0.42, 2.1, z)),
        box(Surface(bricks("#8a5141")), (x + 2.2, 3, z + 2.4), (x + 3.0, 6.0, z + 3.2)),
    ]
    for offset in (-2.6, 2.4):
        low = x + offset - 0.75
        parts.append(box(white, (low - 0.1, 0.9, z - 0.08), (low + 1.6, 2.2, z)))
        parts.append(box(glass, (low, 1.0, z - 0.1), (low + 1.5, 2.1, z)))
        parts.append(box(white, (low + 0.72, 1.0, z - 0.13), (low + 0.78, 2.1, z)))
    return parts


def _garage() -> list[Solid]:
    """The side of the own garage at the right, and the bin beside it."""
    brick, white = Surface(bricks("#9c6249")), Surface(plain("#f0ece2"))
    parts: list[Solid] = [
        box(brick, (4.1, 0, 0.6), (9, 2.9, 6.6)),
        box(white, (3.85, 2.75, 0.3), (9.4, 2.98, 6.95)),
        gable(Surface(roof_tiles("#5f4a44")), (3.7, 2.95, 0.2), (9.6, 4.6, 7.1), along="z"),
        box(Surface(plain("#2f5a3c")), (3.45, 0.08, 4.6), (4.0, 1.02, 5.2)),
        box(Surface(plain("#274b32")), (3.4, 1.0, 4.55), (4.05, 1.1, 5.25)),
        box(white, (4.05, 1.2, 2.2), (4.12, 2.1, 3.4)),
        box(Surface(plain("#20282d"), mirror=0.3), (4.03, 1.28, 2.28), (4.12, 2.02, 3.32)),
    ]
    return parts


def _ground() -> list[Solid]:
    pale = Surface(slabs("#aaa79f", 2.6, 2.6, joint=0.04, varied=0.1))
    stone, line = Surface(slabs("#b3b0a8", 0.9, 0.9)), Surface(plain("#e6e3da", 0.2))
    z = _KERB_Z
    parts: list[Solid] = [
        box(Surface(grass), (-80, -1, -20), (80, 0, z)),
        box(Surface(grass), (-80, -1, z + 6.6), (80, 0.06, 120)),
        box(pale, (-1.9, -0.5, -8), (2.9, 0.012, z)),
        box(pale, (-2.6, -0.5, z - 0.9), (3.6, 0.013, z + 0.05)),
        box(Surface(asphalt()), (-80, -1, z), (80, -0.02, z + 6.6)),
        box(stone, (-80, -1, z - 1.9), (-2.6, 0.03, z)),
        box(stone, (3.6, -1, z - 1.9), (80, 0.03, z)),
        box(stone, (-80, -1, z + 6.6), (80, 0.1, z + 8.2)),
    ]
    parts += [box(line, (x, -1, z + 3.2), (x + 1.8, -0.012, z + 3.36)) for x in range(-40, 40, 5)]
    return parts


def _mailbox() -> list[Solid]:
    red, wood = Surface(plain("#a23b30")), Surface(boards("#75583f", 0.1))
    return [post(wood, -3.0, 11.6, 0, 1.0, 0.055), box(red, (-3.2, 1.0, 11.4), (-2.8, 1.28, 11.95))]


def _solids() -> list[Solid]:
    dark, z = Surface(plain("#2c4420")), _HEDGE[1]
    parts = _ground() + _garage() + _mailbox()
    parts += _house(-8.5, 27.0, "#c9d2d4", "#5b5f66") + _house(3.5, 28.5, "#d8c59c", "#7a4a3a")
    parts += _house(15.5, 27.5, "#b9c4ae", "#5d5148")
    parts += [
        box(dark, (-30, 0, z + 0.1), (2.5, 1.0, z + 0.7)),
        box(dark, (4.6, 0, z + 0.1), (30, 1.0, z + 0.7)),
        post(Surface(plain("#6b5644")), _TREE_FOOT[0], _TREE_FOOT[2], 0, 2.6, 0.2),
        post(Surface(plain("#8d9094")), -13.0, 13.2, 0, 6.2, 0.08),
    ]
    parts += [Ball(dark, vector(x, 0.2, row), vector(0.4, 0.38, 0.4)) for x, row in _SHRUBS]
    crown = _TREE_FOOT + vector(0, 4.0, 0)
    return [*parts, *foliage.shade_of(crown, 0.95, 42, np.random.default_rng(6))]


_SHRUBS = ((-2.6, 5.2), (-2.65, 6.6), (-2.6, 8.0), (3.55, 8.0), (3.6, 9.4))


def _plants(rng: np.random.Generator) -> list[foliage.Leaves]:
    tufts = foliage.strewn((-12, 0.5), (10, _KERB_Z - 2), 16000, rng)
    tufts = tufts[(tufts[:, 0] < -2.0) | (tufts[:, 0] > 3.0)]
    far, z = ("#5d7a3d", "#6f8a48", "#4e6a36"), _HEDGE[1]
    plants = [
        foliage.blades(tufts, ("#5d7f33", "#6f8c3c", "#55752f", "#84984a"), 0.04, rng),
        foliage.hedge((-30, 0, z), (2.5, 1.1, z + 0.8), 8000, far, 0.1, rng),
        foliage.hedge((4.6, 0, z), (30, 1.1, z + 0.8), 6000, far, 0.1, rng),
    ]
    for x, row in _SHRUBS:
        plants.append(
            foliage.clump(vector(x, 0.3, row), vector(0.5, 0.48, 0.5), 700, _GREENS, 0.05, rng)
        )
    for x, row, size in (
        (-16, 38, 4.0),
        (-2.5, 40, 3.6),
        (9.5, 38, 4.4),
        (24, 36, 4.0),
        (-27, 36, 4.5),
    ):
        crown = vector(x, size * 0.8, row)
        plants.append(foliage.clump(crown, vector(size, size, size), 1500, far, 0.42, rng))
    return plants


def _family_car() -> Mover:
    lane = _KERB_Z + 4.9
    points = [
        (9.0, 19.0, lane),
        (11.6, 7.2, lane),
        (12.6, 3.6, lane - 0.7),
        (13.6, 1.4, lane - 3.1),
        (14.6, 0.75, lane - 6.4),
        (17.4, 0.6, 7.3),
        (32.0, 0.6, 7.3),
        (35.4, 0.75, lane - 6.2),
        (36.6, 1.5, lane - 3.0),
        (37.8, 3.9, lane - 0.8),
        (39.0, 7.6, lane - 0.3),
        (41.6, 19.5, lane - 0.3),
    ]
    path = Path2D(points, turn_rate=1.1, backs_up_after=25.0, softness_s=0.45, full_speed=2.5)

    def mesh(now: float, moment: Moment) -> Mesh:
        lit = 1 - eased(now, 19.5, 20.1) + eased(now, 29.6, 30.2)
        braking = (1 - eased(now, 18.8, 19.4)) * eased(now, 15.0, 15.5)
        return car("#2f567f", moment.walked_m, float(lit), float(braking))

    return Mover(path, mesh, tread_m=(0.92, 2.15))


def scene() -> Scene:
    """The finished scene."""
    rng = np.random.default_rng(21)
    stage = Stage(
        view=View(vector(-3.3, 4.1, -0.6), vector(0.3, 0.35, 9.6), 64),
        solids=_solids(),
        sun=unit(vector(-0.7, 0.62, -0.2)),
        backdrops={"day": _sky},
        haze_m=240,
    )
    still = render(stage, seed=2)
    for leaves in _plants(rng):
        foliage.plant(still, stage, leaves, rng)
    limbs, leaves = foliage.spread_tree(_TREE_FOOT, 5.6, 2.2, _GREENS, 0.072, 9500, rng)
    tree = foliage.grow(stage, limbs, "#6b5644", leaves, sway_px=1.0, rng=rng)
    lights = {
        "sun": vector(2.5, 2.2, 1.75),
        "sky": vector(0.6, 0.72, 0.95),
        "day": vector(1, 1, 1),
    }
    return Scene(
        "driveway",
        stage,
        still.shrunk(),
        lambda now: lights,
        [_family_car()],
        SECONDS,
        trees=[tree],
        exposure=lambda now: 0.6,
        crf=31,
    )
