"""Leaves, blades and boughs: many small shapes drawn into a still, or into a layer that sways."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from demo_scenes.geometry import (
    HEIGHT_PX,
    OVERSAMPLING,
    WIDTH_PX,
    Array,
    rgb,
    smoothstep,
    unit,
    vector,
)
from demo_scenes.solids import Ball, Surface
from demo_scenes.still import Stage, Still, level
from demo_scenes.textures import plain

LIT = ("sun", "sky", "lamp")
_FRACTION_BITS = 4


@dataclass
class Leaves:
    """Small flat shapes in space.

    Attributes:
        places, facing: n×3 centres, and directions that decide how they are lit.
        colours: n×3 linear RGB.
        sizes_m: Half lengths.
        inner: 0…1, how deep in the shade of the others each one hangs.
        upright: Blades of grass rather than leaves.
    """

    places: Array
    facing: Array
    colours: Array
    sizes_m: Array
    inner: Array
    upright: bool = False


def _tints(codes: Sequence[str], count: int, rng: np.random.Generator) -> Array:
    palette = np.stack([rgb(code) for code in codes])
    brightness = rng.uniform(0.75, 1.25, (count, 1)).astype(np.float32)
    return palette[rng.integers(len(codes), size=count)] * brightness


def clump(
    centre: Array,
    radii: Array,
    count: int,
    codes: Sequence[str],
    size_m: float,
    rng: np.random.Generator,
) -> Leaves:
    """Leaves around an ellipsoid: a bush, or one bough of a tree."""
    directions = unit(rng.standard_normal((count, 3), np.float32))
    reach = rng.uniform(0.45, 1.08, (count, 1)).astype(np.float32) ** 0.5
    facing = unit(directions + 0.5 * rng.standard_normal((count, 3), np.float32))
    low = 0.5 - 0.5 * directions[:, 1]
    inner = np.clip(1.15 - reach[:, 0] + 0.45 * low, 0, 1).astype(np.float32)
    sizes = size_m * rng.uniform(0.6, 1.3, count).astype(np.float32)
    places = (centre + directions * radii * reach).astype(np.float32)
    return Leaves(places, facing, _tints(codes, count, rng), sizes, inner)


def hedge(
    low: Sequence[float],
    high: Sequence[float],
    count: int,
    codes: Sequence[str],
    size_m: float,
    rng: np.random.Generator,
) -> Leaves:
    """Leaves on the faces of a clipped hedge that can be seen from the front and above."""
    low_corner, high_corner = vector(*low), vector(*high)
    share = rng.uniform(0, 1, (count, 3)).astype(np.float32)
    faces = rng.choice(4, count, p=[0.5, 0.28, 0.11, 0.11])
    axes, ends = np.array([2, 1, 0, 0])[faces], np.array([0, 1, 0, 1])[faces]
    share[np.arange(count), axes] = ends
    normals = np.zeros((count, 3), np.float32)
    normals[np.arange(count), axes] = ends * 2 - 1
    places = low_corner + share * (high_corner - low_corner)
    places += 0.07 * rng.standard_normal((count, 3), np.float32)
    facing = unit(normals + 0.6 * rng.standard_normal((count, 3), np.float32))
    height = (places[:, 1] - low[1]) / (high[1] - low[1])
    inner = np.clip(0.75 - 0.7 * height + rng.uniform(-0.2, 0.3, count), 0, 1)
    sizes = size_m * rng.uniform(0.6, 1.3, count)
    return Leaves(places, facing, _tints(codes, count, rng), sizes, inner.astype(np.float32))


def blades(places: Array, codes: Sequence[str], size_m: float, rng: np.random.Generator) -> Leaves:
    """Grass standing at points on the ground."""
    count = len(places)
    sizes = size_m * rng.uniform(0.5, 1.4, count)
    facing = unit(vector(0, 1, 0) + 0.35 * rng.standard_normal((count, 3), np.float32))
    inner = rng.uniform(0, 0.5, count).astype(np.float32)
    return Leaves(places, facing, _tints(codes, count, rng), sizes, inner, upright=True)


def strewn(
    low: Sequence[float], high: Sequence[float], count: int, rng: np.random.Generator
) -> Array:
    """Random points (n×3) of the ground between (x, z) corners, denser near the viewer."""
    x = rng.uniform(low[0], high[0], count)
    z = low[1] + (high[1] - low[1]) * rng.uniform(0, 1, count) ** 1.6
    return np.stack([x, np.zeros(count), z], -1).astype(np.float32)


def _shapes(leaves: Leaves, pixels: Array, scale: Array, rng: np.random.Generator) -> Array:
    """The corners (n×4×2) of the leaves in the oversampled picture, in pixels."""
    half = np.maximum(leaves.sizes_m * scale, 0.7)[:, None]
    if leaves.upright:
        lean = rng.uniform(-0.5, 0.5, (len(half), 1))
        tip = np.concatenate([lean * half, -2 * half], -1)
        foot = np.concatenate([0.16 * half + 0.25, 0 * half], -1)
        corners = np.stack([-foot, tip, tip, foot], 1)
    else:
        angle = rng.uniform(0, np.pi, (len(half), 1))
        long = half * np.concatenate([np.cos(angle), np.sin(angle)], -1)
        wide = 0.55 * half * np.concatenate([-np.sin(angle), np.cos(angle)], -1)
        corners = np.stack([-long, wide, long, -wide], 1)
    return pixels[:, None] + corners


def _lit(leaves: Leaves, stage: Stage) -> dict[str, Array]:
    """The light that each leaf sends to the viewer, by source."""
    slope = leaves.facing @ stage.sun
    # Leaves let a third of the light through.
    sun = np.maximum(slope, 0) + 0.35 * np.maximum(-slope, 0) + 0.12
    sun *= stage.sunlit(leaves.places + 0.25 * stage.sun) * (1 - 0.75 * leaves.inner)
    sky = (0.75 + 0.25 * leaves.facing[:, 1]) * (1 - 0.8 * leaves.inner)
    lamp = stage.lamplight(leaves.places, leaves.facing) * (1 - 0.6 * leaves.inner)
    shades = {"sun": sun, "sky": sky, "lamp": lamp}
    return {name: leaves.colours * shade[:, None] for name, shade in shades.items()}


def _fill(image: Array, corners: Array, colour: Array) -> None:
    fixed = np.round(corners * 2**_FRACTION_BITS).astype(np.int32)
    cv2.fillConvexPoly(image, fixed, colour.tolist(), shift=_FRACTION_BITS)


def plant(still: Still, stage: Stage, leaves: Leaves, rng: np.random.Generator) -> None:
    """Draw leaves into an oversampled still, hidden where something stands before them."""
    pixels, depth = stage.view.project(leaves.places)
    pixels *= OVERSAMPLING
    shapes = _shapes(leaves, pixels, OVERSAMPLING * stage.view.focal_px / depth, rng)
    lights = _lit(leaves, stage)
    air = stage.air(leaves.places)
    lights = {name: light * (1 - air[:, None]) for name, light in lights.items()}
    for name, backdrop in stage.backdrops.items():
        lights[name] = backdrop(level(leaves.places - stage.view.eye)) * air[:, None]
    height, width = still.depth.shape
    for index in np.argsort(-depth):
        column, row = pixels[index].astype(int)
        if not (0 <= column < width and 0 <= row < height):
            continue
        if depth[index] > still.depth[row, column] + 0.15:
            continue
        for name, light in lights.items():
            _fill(still.layers[name], shapes[index], light[index])
        _fill(still.depth, shapes[index], vector(depth[index] - 0.1))


@dataclass
class Tree:
    """A tree that sways: premultiplied layers of light and their coverage, finished size.

    Attributes:
        foot_px: Row of the foot; the sway grows with the height above it.
    """

    layers: dict[str, Array]
    cover: Array
    foot_px: float
    sway_px: float = 1.0

    @property
    def region(self) -> tuple[slice, slice]:
        """Rows and columns beyond which the tree never reaches."""
        margin = int(3 * self.sway_px) + 2
        rows, columns = np.flatnonzero(self.cover.any(1)), np.flatnonzero(self.cover.any(0))
        return (
            slice(max(rows[0] - margin, 0), min(rows[-1] + margin, HEIGHT_PX)),
            slice(max(columns[0] - margin, 0), min(columns[-1] + margin, WIDTH_PX)),
        )

    def moved(self, lit: Array, share: float) -> Array:
        """The lit layer and its coverage in the region (…×4) at a share 0…1 of the film."""
        rows, columns = np.mgrid[self.region].astype(np.float32)
        height = smoothstep((self.foot_px - rows) / HEIGHT_PX, 0.05, 0.6)
        turn = 2 * np.pi * share
        bend = np.sin(7 * turn) + 0.6 * np.sin(11 * turn + 1 + rows * 0.012)
        flutter = 0.5 * np.sin(23 * turn + columns * 0.07 + rows * 0.05)
        across = columns + self.sway_px * height * (bend + flutter)
        down = rows + 0.4 * self.sway_px * height * np.sin(13 * turn + columns * 0.05)
        picture = np.dstack([lit, self.cover])
        return cv2.remap(
            picture,
            across.astype(np.float32),
            down.astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )


def grow(
    stage: Stage,
    limbs: Sequence[tuple[Array, Array, float]],
    bark: str,
    leaves: Sequence[Leaves],
    sway_px: float,
    rng: np.random.Generator,
) -> Tree:
    """Draw a tree from limbs (from, to, radius in m, each tapering) and its leaves."""
    shape = (HEIGHT_PX * OVERSAMPLING, WIDTH_PX * OVERSAMPLING)
    layers = {name: np.zeros((*shape, 3), np.float32) for name in LIT}
    cover = np.zeros(shape, np.float32)
    for limb in limbs:
        _draw_limb(stage, layers, cover, limb, rgb(bark))
    for part in sorted(leaves, key=lambda part: -stage.view.project(part.places)[1].mean()):
        _draw_leaves(stage, layers, cover, part, rng)
    size = (WIDTH_PX, HEIGHT_PX)
    small = {
        name: cv2.resize(layer, size, interpolation=cv2.INTER_AREA)
        for name, layer in layers.items()
    }
    foot, _ = stage.view.project(limbs[0][0][None])
    cover = cv2.resize(cover, size, interpolation=cv2.INTER_AREA)
    return Tree(small, cover, float(foot[0, 1]), sway_px)


def _draw_leaves(
    stage: Stage, layers: dict[str, Array], cover: Array, leaves: Leaves, rng: np.random.Generator
) -> None:
    pixels, depth = stage.view.project(leaves.places)
    scale = OVERSAMPLING * stage.view.focal_px / depth
    shapes = _shapes(leaves, pixels * OVERSAMPLING, scale, rng)
    lights = _lit(leaves, stage)
    for index in np.argsort(-depth):
        for name in LIT:
            _fill(layers[name], shapes[index], lights[name][index])
        _fill(cover, shapes[index], vector(1))


def _draw_limb(
    stage: Stage,
    layers: dict[str, Array],
    cover: Array,
    limb: tuple[Array, Array, float],
    colour: Array,
) -> None:
    """A tapering bough in strips, each lit as its part of a round stem."""
    low, high, radius = limb
    pixels, depth = stage.view.project(np.stack([low, high]))
    pixels *= OVERSAMPLING
    width = OVERSAMPLING * stage.view.focal_px * radius / depth * vector(1, 0.6)
    direction = unit(pixels[1] - pixels[0])
    side = vector(-direction[1], direction[0])
    right, _, forward = stage.view.axes
    edges = np.linspace(-1, 1, 8)
    for left, next_edge in pairwise(edges):
        middle = (left + next_edge) / 2
        corners = [
            pixels[end] + side * width[end] * edge
            for end, edge in ((0, left), (1, left), (1, next_edge), (0, next_edge))
        ]
        normal = right * side[0] * middle - forward * np.sqrt(1 - middle**2)
        sun = 0.9 * max(float(normal @ stage.sun), 0.0) + 0.05
        lamp = float(stage.lamplight(low[None] + vector(0, 1, 0), normal[None])[0])
        for name, light in zip(LIT, (sun, 0.5, lamp), strict=True):
            _fill(layers[name], np.array(corners), colour * light)
        _fill(cover, np.array(corners), vector(1))


def shade_of(middle: Array, spread_m: float, count: int, rng: np.random.Generator) -> list[Ball]:
    """What throws a crown's dappled shade; it is not seen itself."""
    places = middle + spread_m * rng.standard_normal((count, 3), np.float32)
    sizes = rng.uniform(0.3, 0.75, count) * spread_m / 2
    leaf = Surface(plain("#000000"))
    return [
        Ball(leaf, place, vector(1, 0.8, 1) * size, seen=False)
        for place, size in zip(places, sizes, strict=True)
    ]


def spread_tree(
    foot: Array,
    height: float,
    radius: float,
    codes: Sequence[str],
    leaf_m: float,
    count: int,
    rng: np.random.Generator,
) -> tuple[list[tuple[Array, Array, float]], list[Leaves]]:
    """Limbs and leaves of a broad-leaved tree; `radius` is that of its crown in m."""
    fork = foot + vector(0, height * 0.42, 0)
    limbs = [(foot, fork, radius * 0.11)]
    leaves = []
    boughs = 15
    for index in range(boughs):
        angle, lift = index * 2.4, (index + 0.5) / boughs
        reach = radius * 0.72 * np.sqrt(1 - (2 * lift - 0.95) ** 2 * 0.85)
        rise = height * (0.42 + 0.5 * lift)
        end = foot + vector(reach * np.cos(angle), rise, reach * np.sin(angle))
        limbs.append((fork - vector(0, height * 0.05, 0), end, radius * 0.04))
        radii = radius * vector(0.42, 0.33, 0.42) * rng.uniform(0.85, 1.15)
        leaves.append(
            clump(
                end.astype(np.float32),
                radii.astype(np.float32),
                count // boughs,
                codes,
                leaf_m,
                rng,
            )
        )
    return limbs, leaves
