"""Shop: a customer comes in, looks at a shelf and leaves; daylight falls through the window."""

import numpy as np

from demo_scenes import foliage
from demo_scenes.film import Moment, Mover, Path2D, Scene
from demo_scenes.geometry import Array, View, rgb, unit, vector
from demo_scenes.mesh import Mesh
from demo_scenes.movers import Clothes, person
from demo_scenes.solids import Ball, Solid, Surface, box, post
from demo_scenes.still import Lamp, Stage, render
from demo_scenes.textures import PALETTE, boards, goods, plain, slabs

SECONDS = 44
_BACK_Z, _LEFT_X, _RIGHT_X, _CEILING = 10.0, -4.6, 4.8, 3.0
_CUSTOMER = Clothes(coat="#c08f3c", trousers="#54493d", hair="#241a14", bag="#a8672f")
_GREENS = ("#3f6b2a", "#557f33", "#2f5524")


def _street(rays: Array) -> Array:
    """What the window shows: houses in the sun under a bright sky."""
    rise = rays[:, 1:2]
    sky = np.clip((rise + 0.01) * 30, 0, 1)
    wall = rgb("#c9b79b") * (0.9 + 0.25 * np.sign(np.sin(rays[:, :1] * 60)))
    kerb = np.clip((rise + 0.13) * 40, 0, 1)
    low = vector(0.55, 0.54, 0.52) * (1 - kerb) + wall * kerb
    return (low * (1 - sky) + vector(0.95, 1.05, 1.2) * sky).astype(np.float32)


def _shell() -> list[Solid]:
    """Floor, walls with a window and a door, ceiling with its lights."""
    wall, trim = Surface(plain("#dcd5c6")), Surface(plain("#45423e"))
    floor = Surface(slabs("#b9ad9a", 0.6, 0.6, joint=0.012, varied=0.08), mirror=0.09)
    z, left, right, top = _BACK_Z, _LEFT_X, _RIGHT_X, _CEILING
    parts: list[Solid] = [
        box(floor, (left - 1, -1, -4), (right + 1, 0, z + 0.5)),
        box(
            Surface(plain("#e6e2d8"), glow=(0.12, 0.115, 0.105)),
            (left - 1, top, -4),
            (right + 1, top + 0.5, z + 0.5),
            shades=False,
        ),
        box(wall, (left - 0.5, 0, -4), (left, top, z), shades=False),
        box(wall, (right, 0, -4), (right + 0.5, top, z), shades=False),
        box(wall, (left, 0, z), (-4.2, top, z + 0.3)),
        box(wall, (-4.2, 0, z), (-1.4, 0.75, z + 0.3)),
        box(wall, (-4.2, 2.55, z), (0.7, top, z + 0.3)),
        box(wall, (-1.4, 0, z), (-0.75, 2.55, z + 0.3)),
        box(wall, (0.7, 0, z), (right, top, z + 0.3)),
        box(Surface(goods(0.42, 0.1, 5.0)), (1.75, 1.26, z - 0.2), (4.1, 2.52, z)),
        box(Surface(boards("#8a6240", 0.2)), (1.7, 1.2, z - 0.24), (4.15, 1.27, z)),
        box(Surface(boards("#8a6240", 0.2)), (1.7, 2.52, z - 0.24), (4.15, 2.58, z)),
    ]
    parts += [box(trim, (x - 0.04, 0.75, z), (x + 0.04, 2.55, z + 0.2)) for x in (-4.2, -2.8, -1.4)]
    parts += [box(trim, (-4.2, y - 0.04, z), (-1.4, y + 0.04, z + 0.2)) for y in (0.78, 2.5)]
    parts += [box(trim, (x - 0.05, 0, z), (x + 0.05, 2.5, z + 0.2)) for x in (-0.7, 0.65)]
    parts += [box(trim, (-0.7, y, z), (0.7, y + 0.1, z + 0.2)) for y in (-0.09, 2.42)]
    parts.append(box(Surface(plain("#4b4038", 0.3)), (-0.8, 0, z - 1.2), (0.8, 0.012, z - 0.2)))
    panel = Surface(plain("#ffffff"), glow=(1.25, 1.25, 1.18))
    for x in (-2.6, 1.6):
        for row in (2.2, 5.0, 7.8):
            parts.append(
                box(
                    panel,
                    (x - 0.16, top - 0.03, row - 0.7),
                    (x + 0.16, top + 0.1, row + 0.7),
                    shades=False,
                )
            )
    return parts


def _shelf(
    low_x: float, high_x: float, low_z: float, high_z: float, height: float, seed: float
) -> list[Solid]:
    """A gondola full of goods, with its plinth, ends and top board."""
    wood = Surface(boards("#a17c55", 0.2))
    stock = Surface(goods(0.42, 0.13, seed))
    return [
        box(Surface(plain("#4a443e")), (low_x, 0, low_z), (high_x, 0.1, high_z)),
        box(stock, (low_x + 0.03, 0.1, low_z + 0.03), (high_x - 0.03, height, high_z - 0.03)),
        box(wood, (low_x - 0.01, 0, low_z - 0.04), (high_x + 0.01, height + 0.05, low_z)),
        box(wood, (low_x - 0.01, 0, high_z), (high_x + 0.01, height + 0.05, high_z + 0.04)),
        box(
            wood,
            (low_x - 0.02, height, low_z - 0.04),
            (high_x + 0.02, height + 0.05, high_z + 0.04),
        ),
    ]


def _counter() -> list[Solid]:
    oak, top = Surface(boards("#9a7047", 0.14)), Surface(plain("#3a3633"), mirror=0.06)
    dark, screen = Surface(plain("#25282b")), Surface(plain("#10181c"), glow=(0.10, 0.22, 0.28))
    parts: list[Solid] = [
        box(oak, (2.0, 0, 3.7), (2.9, 0.92, 6.6)),
        box(top, (1.92, 0.92, 3.62), (2.98, 0.98, 6.68)),
        box(dark, (2.3, 0.98, 5.4), (2.75, 1.1, 5.9)),
        box(dark, (2.42, 1.1, 5.55), (2.48, 1.45, 5.95), turn=0.25),
        box(screen, (2.36, 1.16, 5.5), (2.42, 1.44, 5.94), turn=0.25),
    ]
    jar = Surface(plain("#c4d3cf"), mirror=0.25)
    for index in range(3):
        parts.append(post(jar, 2.2, 4.05 + 0.3 * index, 0.98, 1.24, 0.1))
        sweet = Surface(
            lambda points, normals, index=index: PALETTE[[index]].repeat(len(points), 0)
        )
        parts.append(post(sweet, 2.2, 4.05 + 0.3 * index, 0.98, 1.15, 0.105))
    return parts


def _crates() -> list[Solid]:
    """Fruit in crates before the window."""
    wood = Surface(boards("#b58a5a", 0.07, upright=False))
    rng = np.random.default_rng(3)
    parts: list[Solid] = []
    for crate, code in enumerate(("#d9772b", "#b8352c", "#86a83c")):
        x = -3.95 + 0.88 * crate
        parts.append(box(wood, (x, 0, 8.7), (x + 0.8, 0.55, 9.5)))
        fruit = Surface(plain(code, 0.2))
        for place in rng.uniform((x + 0.08, 0.55, 8.78), (x + 0.72, 0.62, 9.42), (30, 3)):
            parts.append(
                Ball(fruit, place.astype(np.float32), vector(0.08, 0.075, 0.08), shades=False)
            )
    return parts


def _solids() -> list[Solid]:
    parts = _shell() + _counter() + _crates()
    parts += _shelf(-4.6, -4.05, 1.4, 7.6, 2.0, 0.0)
    parts += _shelf(-1.75, -0.75, 2.9, 6.9, 1.36, 3.0)
    parts += _shelf(4.25, 4.8, 2.8, 9.4, 2.1, 7.0)
    clay = Surface(plain("#8d5a44", 0.2))
    return [*parts, post(clay, 1.25, 9.5, 0, 0.45, 0.22)]


def _customer() -> Mover:
    path = Path2D(
        [
            (10.0, 0.0, 11.6),
            (11.6, 0.0, 9.7),
            (13.4, -0.1, 7.8),
            (17.0, 0.35, 4.4),
            (17.4, 0.3, 4.2),
            (19.4, 0.28, 4.15),
            (20.6, 0.4, 3.2),
            (24.6, 0.5, -1.6),
        ]
    )

    def mesh(now: float, moment: Moment) -> Mesh:
        looking = 0.9 * np.exp(-(((now - 18.6) / 1.2) ** 2))
        return person(_CUSTOMER, moment.walked_m, moment.pace, -looking)

    return Mover(path, mesh)


def scene() -> Scene:
    """The finished scene."""
    rng = np.random.default_rng(31)
    stage = Stage(
        view=View(vector(3.3, 2.75, -0.9), vector(-0.9, 0.8, 6.0), 66),
        solids=_solids(),
        sun=unit(vector(0.12, 1, -0.05)),
        backdrops={"street": _street},
        sun_size=0.3,
        sky_reach_m=1.6,
        lamps=(Lamp(vector(-2.4, 1.9, 10.6), 0.5), Lamp(vector(0.0, 1.6, 10.8), 0.4)),
        haze_m=3000,
        patience=2,
    )
    still = render(stage, seed=3)
    plant = foliage.clump(vector(1.25, 1.0, 9.5), vector(0.42, 0.6, 0.3), 500, _GREENS, 0.09, rng)
    foliage.plant(still, stage, plant, rng)
    lights = {
        "sun": vector(0.62, 0.6, 0.54),
        "sky": vector(0.6, 0.57, 0.5),
        "lamp": vector(4.2, 4.4, 4.8),
        "glow": vector(1, 1, 1),
        "street": vector(1.1, 1.1, 1.1),
    }
    return Scene(
        "shop",
        stage,
        still.shrunk(),
        lambda now: lights,
        [_customer()],
        SECONDS,
        exposure=lambda now: 0.98,
        crf=27,
    )
