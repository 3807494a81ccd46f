"""Front door: somebody comes up the path, rings, waits and leaves."""

import numpy as np

from demo_scenes import foliage
from demo_scenes.film import Moment, Mover, Path2D, Scene
from demo_scenes.geometry import Array, View, unit, vector
from demo_scenes.mesh import Mesh
from demo_scenes.movers import Clothes, person
from demo_scenes.solids import Ball, Solid, Surface, box, gable, post
from demo_scenes.still import Stage, render
from demo_scenes.textures import boards, bricks, grass, plain, roof_tiles, slabs

SECONDS = 48
_WALL_Z = 9.0
_VISITOR = Clothes(coat="#a8453a", trousers="#2f3a52", hair="#4a3322", bag="#59422c")
_GREENS = ("#3f6b2a", "#557f33", "#2f5524", "#6d8f3d")
_TREE_FOOT = vector(-5.1, 0, 4.9)
_BEDS = ((-1.35, 5.6), (-1.3, 4.2), (1.35, 5.0), (1.3, 6.3), (1.4, 3.4))


def _sky(rays: Array) -> Array:
    rise = np.clip(rays[:, 1:2], 0, 1) ** 0.6
    return vector(0.95, 1.0, 1.05) * (1 - rise) + vector(0.3, 0.5, 0.9) * rise


def _window(low_x: float, high_x: float) -> list[Solid]:
    frame, glass = Surface(plain("#f1ede4")), Surface(plain("#1b2226"), mirror=0.35)
    z = _WALL_Z
    bars = [(low_x + high_x) / 2]
    parts: list[Solid] = [
        box(frame, (low_x - 0.1, 0.95, z - 0.06), (high_x + 0.1, 2.45, z + 0.1)),
        box(glass, (low_x, 1.05, z - 0.07), (high_x, 2.35, z + 0.1)),
        box(frame, (low_x - 0.18, 0.87, z - 0.16), (high_x + 0.18, 0.95, z + 0.1)),
        box(frame, (low_x, 1.78, z - 0.1), (high_x, 1.83, z)),
    ]
    parts += [box(frame, (x - 0.03, 1.05, z - 0.1), (x + 0.03, 2.35, z)) for x in bars]
    shutter = Surface(boards("#4f6b73", 0.09, upright=False))
    for x in (low_x - 0.62, high_x + 0.14):
        parts.append(box(shutter, (x, 0.92, z - 0.05), (x + 0.48, 2.45, z)))
    return parts


def _door() -> list[Solid]:
    z, white = _WALL_Z, Surface(plain("#f1ede4"))
    brass, wood = Surface(plain("#c9a14a"), mirror=0.2), Surface(plain("#27483f"))
    parts: list[Solid] = [
        box(white, (-0.68, 0.16, z - 0.1), (0.68, 2.42, z + 0.1)),
        box(wood, (-0.52, 0.18, z - 0.12), (0.52, 2.26, z + 0.1)),
        Ball(brass, vector(0.4, 1.2, z - 0.16), vector(0.05, 0.05, 0.05)),
    ]
    panel = Surface(plain("#315a4f"))
    for low, high in ((0.3, 0.95), (1.1, 1.62)):
        for x in (-0.42, 0.06):
            parts.append(box(panel, (x, low, z - 0.14), (x + 0.36, high, z)))
    pane = Surface(plain("#3b4a4c"), mirror=0.3)
    parts.append(box(pane, (-0.42, 1.74, z - 0.14), (0.42, 2.12, z)))
    mat = Surface(plain("#5b4a38", 0.4))
    parts.append(box(mat, (-0.5, 0.16, z - 0.75), (0.5, 0.19, z - 0.2)))
    return parts


def _porch() -> list[Solid]:
    stone, white = Surface(slabs("#a9a294", 0.7, 0.5)), Surface(plain("#f1ede4"))
    tiles = Surface(roof_tiles("#6e4a3f"))
    z = _WALL_Z
    return [
        box(stone, (-1.5, 0, z - 1.5), (1.5, 0.16, z)),
        box(stone, (-1.1, 0, z - 1.85), (1.1, 0.08, z - 1.4)),
        post(white, -1.3, z - 1.3, 0.16, 2.62, 0.09),
        post(white, 1.3, z - 1.3, 0.16, 2.62, 0.09),
        box(white, (-1.5, 2.6, z - 1.45), (1.5, 2.82, z)),
        gable(tiles, (-1.75, 2.82, z - 1.65), (1.75, 3.65, z), along="z"),
    ]


def _pot(x: float) -> list[Solid]:
    clay = Surface(plain("#a4573a", 0.2))
    return [
        post(clay, x, _WALL_Z - 1.0, 0.16, 0.58, 0.2),
        post(clay, x, _WALL_Z - 1.0, 0.5, 0.6, 0.24),
    ]


def _bushes() -> list[Solid]:
    """The dark insides of hedges and bushes, and what throws the tree's shade."""
    dark, z = Surface(plain("#2c4420")), _WALL_Z
    parts: list[Solid] = [
        box(dark, (-9, 0, z - 0.85), (-1.95, 0.68, z - 0.2)),
        box(dark, (1.95, 0, z - 0.85), (9, 0.68, z - 0.2)),
        post(Surface(plain("#6b5644")), _TREE_FOOT[0], _TREE_FOOT[2], 0, 2.4, 0.17),
    ]
    parts += [Ball(dark, vector(x, 0.1, row), vector(0.24, 0.2, 0.38)) for x, row in _BEDS]
    parts += [Ball(dark, vector(x, 0.92, z - 1), vector(0.24, 0.3, 0.24)) for x in (-1.05, 1.05)]
    crown = _TREE_FOOT + vector(0, 3.9, 0)
    return [*parts, *foliage.shade_of(crown, 0.85, 40, np.random.default_rng(4))]


def _solids() -> list[Solid]:
    wall, eaves = Surface(bricks("#a2593f")), Surface(plain("#e8e2d4"))
    path = Surface(slabs("#b9ae9b", 0.95, 0.62, joint=0.03))
    z = _WALL_Z
    parts: list[Solid] = [
        box(Surface(grass), (-60, -1, -20), (60, 0, 60)),
        box(path, (-0.85, -0.5, -6), (0.85, 0.02, z - 1.5)),
        box(wall, (-9, 0, z), (9, 3.3, z + 6)),
        box(Surface(plain("#7c7467", 0.2)), (-9.03, 0, z - 0.03), (9.03, 0.35, z + 6)),
        box(eaves, (-9.4, 3.3, z - 0.5), (9.4, 3.48, z + 6.4)),
        gable(
            Surface(roof_tiles("#6e4a3f")), (-9.5, 3.48, z - 0.6), (9.5, 6.4, z + 6.6), along="x"
        ),
        box(Surface(plain("#ddd6c6")), (6.6, 0, z - 0.14), (6.7, 3.3, z)),
    ]
    parts += _window(-5.0, -3.2) + _window(3.2, 5.0) + _door() + _porch()
    parts += _pot(-1.05) + _pot(1.05) + _bushes()
    lantern = Surface(plain("#26282a"))
    return [*parts, box(lantern, (0.9, 1.75, z - 0.18), (1.04, 2.05, z - 0.02))]


def _plants(rng: np.random.Generator) -> list[foliage.Leaves]:
    z = _WALL_Z
    tufts = foliage.strewn((-9, 0.4), (9, 8.6), 15000, rng)
    tufts = tufts[np.abs(tufts[:, 0]) > 0.9]
    plants = [
        foliage.blades(tufts, ("#5d7f33", "#6f8c3c", "#55752f", "#84984a"), 0.04, rng),
        foliage.hedge((-9, 0, z - 0.9), (-1.9, 0.72, z - 0.15), 5200, _GREENS, 0.06, rng),
        foliage.hedge((1.9, 0, z - 0.9), (9, 0.72, z - 0.15), 4600, _GREENS, 0.06, rng),
    ]
    for x in (-1.05, 1.05):
        top = vector(x, 0.95, z - 1.0)
        plants.append(foliage.clump(top, vector(0.3, 0.38, 0.3), 620, _GREENS, 0.045, rng))
    blooms = ("#d8dce8", "#c65a7c", "#e2b13c", "#b8454b")
    for x, row in _BEDS:
        bed = vector(x, 0.14, row)
        plants.append(foliage.clump(bed, vector(0.3, 0.22, 0.45), 420, _GREENS, 0.05, rng))
        plants.append(
            foliage.clump(bed + vector(0, 0.08, 0), vector(0.3, 0.2, 0.45), 60, blooms, 0.035, rng)
        )
    return plants


def _visitor() -> Mover:
    door = _WALL_Z - 2.15
    path = Path2D(
        [
            (8.4, 0.15, -1.6),
            (16.4, 0.1, door),
            (18.6, 0.1, door),
            (26.8, -0.25, -1.6),
            (27.6, -0.3, -2.2),
        ]
    )

    def mesh(now: float, moment: Moment) -> Mesh:
        look = 0.35 * np.sin(now * 1.7) * (1 - moment.pace)
        return person(_VISITOR, moment.walked_m, moment.pace, look)

    return Mover(path, mesh)


def scene() -> Scene:
    """The finished scene."""
    rng = np.random.default_rng(11)
    stage = Stage(
        view=View(vector(3.6, 3.5, -0.9), vector(-0.35, 0.75, 7.0), 58),
        solids=_solids(),
        sun=unit(vector(-0.66, 0.66, -0.38)),
        backdrops={"day": _sky},
        haze_m=160,
    )
    still = render(stage, seed=1)
    for leaves in _plants(rng):
        foliage.plant(still, stage, leaves, rng)
    limbs, leaves = foliage.spread_tree(_TREE_FOOT, 5.4, 2.1, _GREENS, 0.068, 10000, rng)
    tree = foliage.grow(stage, limbs, "#6b5644", leaves, sway_px=0.9, rng=rng)
    lights = {
        "sun": vector(2.5, 2.25, 1.85),
        "sky": vector(0.62, 0.74, 0.95),
        "day": vector(1, 1, 1),
    }
    return Scene(
        "front_door",
        stage,
        still.shrunk(),
        lambda now: lights,
        [_visitor()],
        SECONDS,
        trees=[tree],
        exposure=lambda now: 0.62,
        crf=31,
    )
