"""The standing picture of a scene, ray traced once and kept apart by source of light.

A film multiplies the layers with the lights of the moment and adds them up;
so the day can turn into night, and whoever walks by can take the sun away.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np

from demo_scenes.geometry import HEIGHT_PX, OVERSAMPLING, WIDTH_PX, Array, View, unit, vector
from demo_scenes.solids import Solid, first_met, unhindered

_SUN_RAYS, _SKY_RAYS, _LAMP_RAYS = 3, 6, 2
_LIFT_M = 0.004
_FAR_M = 1e4
_SHAPE = (HEIGHT_PX * OVERSAMPLING, WIDTH_PX * OVERSAMPLING)

Backdrop = Callable[[Array], Array]


@dataclass(frozen=True)
class Lamp:
    """A lamp or a window: light from a point, at full strength 1 m away."""

    place: Array
    size_m: float = 0.1
    facing: Array | None = None


@dataclass(frozen=True)
class Stage:
    """All that stands still.

    Attributes:
        sun: Direction towards the sun, or towards the ceiling of a lit room.
        sun_size: How far its light scatters, as a share of 1 m at 1 m.
        sky_reach_m: Distance beyond which nothing darkens a corner.
        backdrops: By name, the colour of the sky in a direction, for one hour each.
        haze_m: Distance at which the air hides two thirds of what stands there.
        patience: Factor to the number of rays; wide lights need more of them.
    """

    view: View
    solids: Sequence[Solid]
    sun: Array
    backdrops: Mapping[str, Backdrop]
    sun_size: float = 0.02
    sky_reach_m: float = 2.5
    lamps: Sequence[Lamp] = ()
    haze_m: float = 400.0
    patience: int = 1

    def sunlit(self, points: Array, rays: Array | None = None) -> Array:
        """Which points (n×3) the sun reaches: 1 or 0."""
        if rays is None:
            rays = np.broadcast_to(self.sun, points.shape)
        return unhindered(self.solids, points, rays, _FAR_M).astype(np.float32)

    def air(self, points: Array) -> Array:
        """How much of points (n×3) the air hides, 0…1."""
        distance = np.linalg.norm(points - self.view.eye, axis=-1)
        return (1 - np.exp(-distance / self.haze_m)).astype(np.float32)

    def lamplight(self, points: Array, normals: Array) -> Array:
        """Light of all lamps on unshaded surfaces at points (n×3)."""
        total = np.zeros(len(points), np.float32)
        for lamp in self.lamps:
            total += _from_lamp(lamp, points, normals)[0]
        return total


@dataclass
class Still:
    """The standing picture: its layers, what is how far away, and where its ground is.

    Attributes:
        layers: Linear light (height×width×3) by source: `sun`, `sky`, `lamp`,
            `glow` and the names of the backdrops.
        depth: Distance along the axis of view in m.
        ground: 1 where shadows of what moves may fall.
    """

    layers: dict[str, Array]
    depth: Array
    ground: Array

    def shrunk(self) -> "Still":
        """The picture at its finished size."""
        layers = {name: _shrink(layer) for name, layer in self.layers.items()}
        depth = self.depth[::OVERSAMPLING, ::OVERSAMPLING].copy()
        return Still(layers, depth, _shrink(self.ground))


def _shrink(image: Array) -> Array:
    return cv2.resize(image, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA)


def _from_lamp(lamp: Lamp, points: Array, normals: Array) -> tuple[Array, Array, Array]:
    """Light at points, with the directions and distances to the lamp."""
    offset = lamp.place - points
    distance = np.linalg.norm(offset, axis=-1)
    rays = (offset / np.maximum(distance, 0.05)[:, None]).astype(np.float32)
    light = np.maximum((rays * normals).sum(-1), 0) / (0.15 + distance**2)
    if lamp.facing is not None:
        light = light * np.maximum(-(rays @ lamp.facing), 0)
    return light.astype(np.float32), rays, distance.astype(np.float32)


def _scattered(rays: Array, size: float, rng: np.random.Generator) -> Array:
    return unit(rays + size * rng.standard_normal(rays.shape, np.float32))


def _smooth(values: Array, depth: Array, normals: Array) -> Array:
    """Averages sampled light over neighbours that lie in the same plane."""
    total, weight = np.zeros(_SHAPE, np.float32), np.zeros(_SHAPE, np.float32)
    image, far = values.reshape(_SHAPE), np.minimum(depth, 500).reshape(_SHAPE)
    facing = normals.reshape(*_SHAPE, 3)
    for step in product(range(-2, 3), repeat=2):
        alike = np.abs(np.roll(far, step, (0, 1)) - far) < 0.03 * far
        alike &= (np.roll(facing, step, (0, 1)) * facing).sum(-1) > 0.9
        total += np.roll(image, step, (0, 1)) * alike
        weight += alike
    return (total / np.maximum(weight, 1)).reshape(-1)


@dataclass
class _Hits:
    """What the rays of the picture meet."""

    points: Array
    normals: Array
    seen: Array
    rng: np.random.Generator

    def share_free(
        self, stage: Stage, rays_of: Callable[[], Array], count: int, reach: float
    ) -> Array:
        """The share of `count` scattered rays per hit that goes `reach` metres unhindered."""
        free = np.zeros(len(self.seen), np.float32)
        for _ in range(count):
            ways = unhindered(stage.solids, self.points, rays_of(), reach)
            free[self.seen] += ways / np.float32(count)
        return free


def render(stage: Stage, seed: int) -> Still:
    """Trace the standing picture, oversampled; `shrunk` gives the finished size."""
    rays = stage.view.rays()
    eye = stage.view.eye[None]
    depth, which, normals = first_met(stage.solids, eye, rays)
    seen = which >= 0
    points = eye + depth[seen][:, None] * rays[seen] + _LIFT_M * normals[seen]
    hits = _Hits(points, normals[seen], seen, np.random.default_rng(seed))
    depth = np.where(seen, depth, _FAR_M).astype(np.float32)
    layers = _lights(stage, hits, depth, normals)
    _colour(stage, layers, hits, which, rays)
    _add_haze(stage, layers, depth, rays)
    along = depth * (rays @ stage.view.axes[2])
    ground = np.zeros(len(seen), np.float32)
    ground[seen] = (normals[seen][:, 1] > 0.9) & (points[:, 1] < 0.1)
    shaped = {name: layer.reshape(*_SHAPE, 3) for name, layer in layers.items()}
    return Still(shaped, along.reshape(_SHAPE), ground.reshape(_SHAPE))


def _lights(stage: Stage, hits: _Hits, depth: Array, normals: Array) -> dict[str, Array]:
    """White light from each source on every pixel."""
    slope = np.maximum(normals @ stage.sun, 0)
    ways = hits.share_free(
        stage,
        lambda: _scattered(np.broadcast_to(stage.sun, hits.points.shape), stage.sun_size, hits.rng),
        _SUN_RAYS * stage.patience,
        _FAR_M,
    )
    sun = slope * _smooth(ways, depth, normals)
    ways = hits.share_free(
        stage,
        lambda: unit(hits.normals + unit(hits.rng.standard_normal(hits.points.shape, np.float32))),
        _SKY_RAYS * stage.patience,
        stage.sky_reach_m,
    )
    sky = _smooth(ways, depth, normals) * (0.75 + 0.25 * normals[:, 1])
    lamp = _smooth(_lamps(stage, hits), depth, normals)
    sources = {"sun": sun, "sky": sky, "lamp": lamp, "glow": np.zeros_like(sun)}
    return {name: np.repeat(light[:, None], 3, axis=1) for name, light in sources.items()}


def _lamps(stage: Stage, hits: _Hits) -> Array:
    total = np.zeros(len(hits.seen), np.float32)
    count = _LAMP_RAYS * stage.patience
    for lamp in stage.lamps:
        light, rays, distance = _from_lamp(lamp, hits.points, hits.normals)
        for _ in range(count):
            ways = _scattered(rays, lamp.size_m / 3, hits.rng)
            free = unhindered(stage.solids, hits.points, ways, distance - 3 * lamp.size_m)
            total[hits.seen] += light * free / count
    return total


def _colour(stage: Stage, layers: dict[str, Array], hits: _Hits, which: Array, rays: Array) -> None:
    """Multiply the light with the surfaces' colours; add what they mirror and send out."""
    found = which[hits.seen]
    colours = np.zeros((len(which), 3), np.float32)
    for index in np.unique(found):
        chosen = found == index
        pixels = np.flatnonzero(hits.seen)[chosen]
        surface = stage.solids[index].surface
        colours[pixels] = surface.texture(hits.points[chosen], hits.normals[chosen])
        layers["glow"][pixels] = surface.glow
    for name in ("sun", "sky", "lamp"):
        layers[name] *= colours
    for index in np.unique(found):
        if (mirror := stage.solids[index].surface.mirror) > 0:
            chosen = found == index
            pixels = np.flatnonzero(hits.seen)[chosen]
            _add_mirrored(
                stage,
                layers,
                hits.points[chosen],
                hits.normals[chosen],
                rays[pixels],
                pixels,
                mirror,
            )


def _add_mirrored(
    stage: Stage,
    layers: dict[str, Array],
    points: Array,
    normals: Array,
    rays: Array,
    pixels: Array,
    mirror: float,
) -> None:
    """What a polished surface shows of its surroundings, lit plainly."""
    slope = -(rays * normals).sum(-1, keepdims=True)
    share = mirror + (1 - mirror) * (1 - np.clip(slope, 0, 1)) ** 5 * 0.6
    away = unit(rays + 2 * slope * normals)
    distance, which, sides = first_met(stage.solids, points, away)
    for index in np.unique(which):
        chosen = which == index
        if index < 0:
            for name, backdrop in stage.backdrops.items():
                layers.setdefault(name, np.zeros_like(layers["sky"]))
                layers[name][pixels[chosen]] += share[chosen] * backdrop(away[chosen])
            continue
        surface = stage.solids[index].surface
        met = points[chosen] + distance[chosen][:, None] * away[chosen]
        layers["sky"][pixels[chosen]] += 0.9 * share[chosen] * surface.texture(met, sides[chosen])
        layers["glow"][pixels[chosen]] += share[chosen] * vector(*surface.glow)


def level(rays: Array) -> Array:
    """Directions to the horizon, where the colour of the air comes from."""
    return unit(unit(rays) * vector(1, 0, 1) + vector(0, 0.02, 0))


def _add_haze(stage: Stage, layers: dict[str, Array], depth: Array, rays: Array) -> None:
    """Let the air take over with distance, and the sky where nothing stands."""
    clear = np.exp(-depth / stage.haze_m)[:, None]
    clear[depth >= _FAR_M] = 0
    towards = np.where(depth[:, None] >= _FAR_M, rays, level(rays))
    for name in ("sun", "sky", "lamp", "glow"):
        layers[name] *= clear
    for name, backdrop in stage.backdrops.items():
        air = backdrop(towards) * (1 - clear)
        layers[name] = layers.get(name, np.zeros_like(air)) * clear + air
