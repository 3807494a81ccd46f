"""What stands still: solids, and how rays meet them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo_scenes.geometry import Array, turned, unit, vector
from demo_scenes.textures import Texture

_NEAR_M = 1e-3
# Rays traced at a time: their numbers fit the processor's cache.
_BLOCK = 16_384


@dataclass(frozen=True)
class Surface:
    """How a solid looks.

    Attributes:
        glow: Light that it sends out itself while the lamps are lit; linear RGB.
        mirror: Share of the surroundings seen in it when looked at steeply.
    """

    texture: Texture
    glow: tuple[float, float, float] = (0, 0, 0)
    mirror: float = 0


@dataclass(frozen=True)
class Hull:
    """A convex solid: the points behind all of its planes.

    Attributes:
        normals: k×3 directions out of the solid.
        offsets: The k planes' distances from the origin along them.
        centre, radius: A ball around it, for rays that pass by.
        shades: Whether it throws shadows.
        seen: False for what only throws a shadow.
    """

    surface: Surface
    normals: Array
    offsets: Array
    centre: Array
    radius: float
    shades: bool = True
    seen: bool = True

    def meet(self, origins: Array, rays: Array) -> tuple[Array, NDArray[np.int64]]:
        """For each ray the distance at which it enters (inf: never) and the plane it crosses."""
        enter = np.full(len(rays), -np.inf, np.float32)
        leave = np.full(len(rays), np.inf, np.float32)
        side = np.zeros(len(rays), np.int64)
        for index, (normal, offset) in enumerate(zip(self.normals, self.offsets, strict=True)):
            slope = rays @ normal
            distance = (offset - origins @ normal) / np.where(slope == 0, 1e-12, slope)
            entering = (slope < 0) & (distance > enter)
            enter[entering] = np.broadcast_to(distance, enter.shape)[entering]
            side[entering] = index
            leave = np.where(slope >= 0, np.minimum(leave, distance), leave)
        hit = (enter < leave) & (enter > _NEAR_M)
        return np.where(hit, enter, np.inf).astype(np.float32), side

    def normals_at(self, points: Array, sides: NDArray[np.int64]) -> Array:
        """Directions out of the solid at points on it."""
        return self.normals[sides]


@dataclass(frozen=True)
class Ball:
    """An ellipsoid with its axes along x, y and z."""

    surface: Surface
    centre: Array
    radii: Array
    shades: bool = True
    seen: bool = True

    @property
    def radius(self) -> float:
        return float(self.radii.max())

    def meet(self, origins: Array, rays: Array) -> tuple[Array, NDArray[np.int64]]:
        """As `Hull.meet`; a ball has one side."""
        start, ray = (origins - self.centre) / self.radii, rays / self.radii
        a, b = (ray * ray).sum(-1), (start * ray).sum(-1)
        c = (start * start).sum(-1) - 1
        inside = b * b - a * c
        distance = (-b - np.sqrt(np.maximum(inside, 0))) / a
        hit = (inside > 0) & (distance > _NEAR_M)
        sides = np.zeros(len(rays), np.int64)
        return np.where(hit, distance, np.inf).astype(np.float32), sides

    def normals_at(self, points: Array, sides: NDArray[np.int64]) -> Array:
        """As `Hull.normals_at`."""
        return unit((points - self.centre) / self.radii**2)


Solid = Hull | Ball


def _hull(surface: Surface, corners: Array, normals: Array, shades: bool) -> Hull:
    """The hull with these face directions around the corners."""
    offsets = (corners @ normals.T).max(axis=0)
    centre = (corners.min(axis=0) + corners.max(axis=0)) / 2
    radius = float(np.linalg.norm(corners - centre, axis=1).max())
    return Hull(surface, normals, offsets.astype(np.float32), centre, radius, shades)


_FACES = np.concatenate([np.eye(3), -np.eye(3)]).astype(np.float32)


def _corners(low: Sequence[float], high: Sequence[float]) -> Array:
    return np.array(np.meshgrid(*zip(low, high, strict=True)), np.float32).reshape(3, -1).T


def box(
    surface: Surface,
    low: Sequence[float],
    high: Sequence[float],
    turn: float = 0,
    shades: bool = True,
) -> Hull:
    """A box between two corners, turned by `turn` rad about its own vertical axis."""
    corners = _corners(low, high)
    middle = corners.mean(axis=0)
    corners = turned(corners - middle, turn) + middle
    return _hull(surface, corners, turned(_FACES, turn), shades)


def gable(surface: Surface, low: Sequence[float], high: Sequence[float], along: str) -> Hull:
    """A roof's prism, ridge `along` "x" or "z" in the middle of the box."""
    middle = [(a + b) / 2 for a, b in zip(low, high, strict=True)]
    ends = (low[0], high[0]) if along == "x" else (low[2], high[2])
    ridge = [
        (end, high[1], middle[2]) if along == "x" else (middle[0], high[1], end) for end in ends
    ]
    base = [corner for corner in _corners(low, high).tolist() if corner[1] == np.float32(low[1])]
    rise = high[1] - low[1]
    half = (high[2] - low[2]) / 2 if along == "x" else (high[0] - low[0]) / 2
    across = vector(0, 0, rise) if along == "x" else vector(rise, 0, 0)
    slopes = unit(np.stack([vector(0, half, 0) + across, vector(0, half, 0) - across]))
    caps = _FACES[[0, 3]] if along == "x" else _FACES[[2, 5]]
    normals = np.concatenate([slopes, caps, _FACES[[4]]])
    return _hull(surface, np.array(base + ridge, np.float32), normals, shades=True)


def post(surface: Surface, x: float, z: float, low: float, high: float, radius: float) -> Hull:
    """An upright twelve-sided pillar."""
    angles = np.arange(12) * np.pi / 6
    sides = np.stack([np.cos(angles), 0 * angles, np.sin(angles)], -1).astype(np.float32)
    foot = turned(sides, np.pi / 12) * (radius / np.cos(np.pi / 12)) + vector(x, low, z)
    corners = np.concatenate([foot, foot + vector(0, high - low, 0)])
    return _hull(surface, corners, np.concatenate([sides, _FACES[[1, 4]]]), shades=True)


class _Beams:
    """Rays, prepared to be held against many balls."""

    def __init__(self, origins: Array, rays: Array) -> None:
        self._origins, self._rays = origins, rays
        self._start = np.einsum("ij,ij->i", np.broadcast_to(origins, rays.shape), rays)
        self._square = np.einsum("ij,ij->i", origins, origins)

    def near(self, solid: Solid, reach: float) -> NDArray[np.int64]:
        """The rays that meet the ball around a solid within `reach`."""
        along = self._rays @ solid.centre - self._start
        square = self._square - 2 * (self._origins @ solid.centre)
        square = square + np.float32(solid.centre @ solid.centre) - along * along
        # float32 leaves some cm² of doubt far away.
        close = square < (1.02 * solid.radius + 0.05) ** 2
        close &= (along > -solid.radius) & (along < reach + solid.radius)
        return np.flatnonzero(close)


def _own(origins: Array, chosen: NDArray[np.int64]) -> Array:
    return origins if len(origins) == 1 else origins[chosen]


def first_met(
    solids: Sequence[Solid], origins: Array, rays: Array
) -> tuple[Array, NDArray[np.int64], Array]:
    """For each ray the distance to what it meets (inf: the sky), the solid (-1) and its normal."""
    nearest = np.full(len(rays), np.inf, np.float32)
    which = np.full(len(rays), -1, np.int64)
    normals = np.zeros((len(rays), 3), np.float32)
    beams = _Beams(origins, rays)
    for index, solid in enumerate(solids):
        if not solid.seen:
            continue
        chosen = beams.near(solid, np.inf)
        distance, sides = solid.meet(_own(origins, chosen), rays[chosen])
        closer = distance < nearest[chosen]
        won, distance = chosen[closer], distance[closer]
        points = _own(origins, won) + distance[:, None] * rays[won]
        nearest[won], which[won] = distance, index
        normals[won] = solid.normals_at(points, sides[closer])
    return nearest, which, normals


def unhindered(
    solids: Sequence[Solid], origins: Array, rays: Array, reach: Array | float
) -> NDArray[np.bool_]:
    """Which rays go `reach` metres without meeting a solid that throws shadows."""
    limits = np.broadcast_to(np.asarray(reach, np.float32), len(rays))
    free = np.ones(len(rays), bool)
    for start in range(0, len(rays), _BLOCK):
        block = slice(start, start + _BLOCK)
        free[block] = _free(solids, origins[block], rays[block], limits[block])
    return free


def _free(solids: Sequence[Solid], origins: Array, rays: Array, limits: Array) -> NDArray[np.bool_]:
    free = np.ones(len(rays), bool)
    beams, farthest = _Beams(origins, rays), float(limits.max())
    low, high = origins.min(axis=0), origins.max(axis=0)
    for solid in solids:
        gap = np.linalg.norm(np.maximum(low - solid.centre, 0) + np.maximum(solid.centre - high, 0))
        if not solid.shades or gap > solid.radius + farthest:
            continue
        chosen = beams.near(solid, farthest)
        chosen = chosen[free[chosen]]
        if len(chosen):
            distance, _ = solid.meet(origins[chosen], rays[chosen])
            free[chosen[distance < limits[chosen]]] = False
    return free
