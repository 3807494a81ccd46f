"""Surfaces: from points in space to colours, all procedural and repeatable."""

from collections.abc import Callable

import numpy as np

from demo_scenes.geometry import Array, rgb, smoothstep

Texture = Callable[[Array, Array], Array]

_TILE_PX = 512


def _cloud_tile(seed: int, slope: float) -> Array:
    """A square of noise that repeats without a seam, with a 1/f^`slope` spectrum; -1…1."""
    spectrum = np.fft.fft2(np.random.default_rng(seed).standard_normal((_TILE_PX, _TILE_PX)))
    step = np.fft.fftfreq(_TILE_PX) * _TILE_PX
    frequency = np.hypot(step[:, None], step[None, :])
    frequency[0, 0] = 1
    spectrum /= frequency**slope
    spectrum[0, 0] = 0
    tile = np.fft.ifft2(spectrum).real
    return np.clip(tile / tile.std() / 2.5, -1, 1).astype(np.float32)


_CLOUDS = _cloud_tile(1, 1.7)
_SPECKLES = _cloud_tile(2, 0.7)


def _sampled(tile: Array, u: Array, v: Array) -> Array:
    column, row = np.floor(u).astype(np.int64), np.floor(v).astype(np.int64)
    right, below = u - column, v - row
    column, row = column % _TILE_PX, row % _TILE_PX
    next_column, next_row = (column + 1) % _TILE_PX, (row + 1) % _TILE_PX
    upper = tile[row, column] * (1 - right) + tile[row, next_column] * right
    lower = tile[next_row, column] * (1 - right) + tile[next_row, next_column] * right
    return (upper * (1 - below) + lower * below).astype(np.float32)


def clouds(u: Array, v: Array, size: float) -> Array:
    """Soft noise, -1…1, that repeats after `size` of the caller's units."""
    return _sampled(_CLOUDS, u * (_TILE_PX / size), v * (_TILE_PX / size))


def speckles(u: Array, v: Array, size: float) -> Array:
    """Fine-grained noise, -1…1, that repeats after `size` of the caller's units."""
    return _sampled(_SPECKLES, u * (_TILE_PX / size), v * (_TILE_PX / size))


def _chance(*cells: Array) -> Array:
    """A repeatable 0…1 per cell."""
    factors = (12.9898, 78.233)
    mixed = sum(np.floor(cell) * factor for cell, factor in zip(cells, factors, strict=True))
    return np.modf(np.abs(np.sin(mixed) * 43758.5453))[0].astype(np.float32)


def _lit(colour: Array, shade: Array) -> Array:
    return np.maximum(colour * shade[:, None], 0).astype(np.float32)


def _wall_axes(points: Array, normals: Array) -> tuple[Array, Array]:
    """Coordinates along and up a surface, whichever way it faces."""
    facing_x = np.abs(normals[:, 0]) > 0.7
    lying = np.abs(normals[:, 1]) > 0.7
    along = np.where(facing_x, points[:, 2], points[:, 0])
    return along, np.where(lying, points[:, 2], points[:, 1])


def plain(code: str, roughness: float = 0.06) -> Texture:
    """One colour with faint stains."""

    def texture(points: Array, normals: Array) -> Array:
        along, up = _wall_axes(points, normals)
        return _lit(rgb(code), 1 + roughness * clouds(along, up, 7.0))

    return texture


def grass(points: Array, normals: Array) -> Array:
    """A lawn: patches of dry and dark, and blades."""
    x, z = points[:, 0], points[:, 2]
    dry = smoothstep(clouds(x, z, 17.0), -0.5, 0.9)[:, None]
    colour = rgb("#55752f") * (1 - dry) + rgb("#8d9550") * dry
    return _lit(colour, 1 + 0.25 * clouds(x, z, 3.1) + 0.2 * speckles(x, z, 4.0))


def meadow(points: Array, normals: Array) -> Array:
    """Fields to the horizon: stripes of crops over rolling patches."""
    x, z = points[:, 0], points[:, 2]
    field = _chance(x / 60 + clouds(x, z, 400.0), z / 26 + 0.2)[:, None]
    colour = rgb("#6f8a3c") * (1 - field) + rgb("#b5a45c") * field
    near = 1 - smoothstep(z, 24, 40)[:, None]
    colour = colour * (1 - near) + rgb("#6b8440") * near
    rows = 0.05 * np.sin(x * 2.4 + z * 0.3)
    return _lit(colour, 1 + rows + 0.3 * clouds(x, z, 21.0) + 0.2 * speckles(x, z, 6.0))


def asphalt(code: str = "#6d6d6c") -> Texture:
    """Tarmac with stones, stains and mended strips."""

    def texture(points: Array, normals: Array) -> Array:
        x, z = points[:, 0], points[:, 2]
        crack = 0.25 * (np.abs(clouds(x, z, 16.0) - 0.1) < 0.006)
        stains = 0.16 * clouds(x, z, 9.0) + 0.1 * speckles(x, z, 2.5)
        return _lit(rgb(code), 1 + stains - crack)

    return texture


def track(points: Array, normals: Array) -> Array:
    """A farm track: trodden earth with pebbles."""
    x, z = points[:, 0], points[:, 2]
    damp = smoothstep(clouds(x, z, 8.0), -0.3, 0.8)[:, None]
    colour = rgb("#a08a68") * (1 - damp) + rgb("#7d6a4e") * damp
    return _lit(colour, 1 + 0.2 * clouds(z, x, 3.0) + 0.28 * speckles(x, z, 3.0))


def slabs(
    code: str, length: float, width: float, joint: float = 0.02, varied: float = 0.22
) -> Texture:
    """Paving or tiles, each slab of a slightly different tint."""

    def texture(points: Array, normals: Array) -> Array:
        along, up = _wall_axes(points, normals)
        row = np.floor(up / width)
        shifted = along + (row % 2) * length / 2 * (joint > 0.015)
        edge = np.minimum(
            np.minimum(shifted % length, -shifted % length),
            np.minimum(up % width, -up % width),
        )
        tint = 1 + varied * (_chance(shifted / length, row) - 0.5) + 0.1 * clouds(along, up, 2.3)
        grain = 0.08 * speckles(along, up, 2.0)
        return _lit(rgb(code), (tint + grain) * (0.55 + 0.45 * smoothstep(edge, joint / 3, joint)))

    return texture


def bricks(code: str, mortar: str = "#b5ab9c") -> Texture:
    """A brick wall in running bond."""

    def texture(points: Array, normals: Array) -> Array:
        along, up = _wall_axes(points, normals)
        row = np.floor(up / 0.085)
        shifted = along + (row % 2) * 0.125
        edge = np.minimum(
            np.minimum(shifted % 0.25, -shifted % 0.25), np.minimum(up % 0.085, -up % 0.085)
        )
        joint = 1 - smoothstep(edge, 0.004, 0.014)[:, None]
        tint = 0.82 + 0.4 * _chance(shifted / 0.25, row) + 0.18 * clouds(along, up, 5.0)
        return _lit(rgb(code), tint) * (1 - joint) + rgb(mortar) * joint * 0.8

    return texture


def boards(code: str, width: float = 0.18, upright: bool = True) -> Texture:
    """Planks with gaps and grain; lying ones shade like weatherboard."""

    def texture(points: Array, normals: Array) -> Array:
        along, up = _wall_axes(points, normals)
        across, length = (along, up) if upright else (up, along)
        within = across % width / width
        gap = 0.45 + 0.55 * smoothstep(np.minimum(within, 1 - within), 0.02, 0.09)
        slope = 1.0 if upright else 0.86 + 0.22 * within
        tint = 0.88 + 0.24 * _chance(across / width, across * 0 + 3)
        grain = 0.12 * clouds(across * 9, length, 4.0) + 0.1 * clouds(along, up, 6.0)
        return _lit(rgb(code), gap * slope * (tint + grain))

    return texture


def roof_tiles(code: str) -> Texture:
    """Overlapping tiles, darker at their lower edges."""

    def texture(points: Array, normals: Array) -> Array:
        facing_x = np.abs(normals[:, 0]) > np.abs(normals[:, 2])
        along = np.where(facing_x, points[:, 2], points[:, 0])
        row = points[:, 1] / 0.13
        shifted = along / 0.24 + 0.5 * (np.floor(row) % 2)
        edge = 0.5 + 0.5 * smoothstep(row % 1, 0.02, 0.3)
        joint = 0.75 + 0.25 * smoothstep(np.minimum(shifted % 1, -shifted % 1), 0.02, 0.12)
        tint = 0.8 + 0.4 * _chance(shifted, row) + 0.2 * clouds(along, points[:, 1], 6.0)
        return _lit(rgb(code), edge * joint * tint)

    return texture


_LABELS = ("#c8452e", "#e0a62c", "#3c7a4c", "#2f5d92", "#e6dfcf", "#7a3f6d", "#d9772b", "#4aa0a8")
PALETTE = np.stack([rgb(code) for code in _LABELS])


def goods(shelf_m: float, pack_m: float, seed: float) -> Texture:
    """A shelf front: rows of packets with labels, standing on boards `shelf_m` apart."""

    def texture(points: Array, normals: Array) -> Array:
        along, up = _wall_axes(points, normals)
        row = np.floor(up / shelf_m)
        # Every row has its own kind of packets.
        wide = pack_m * (0.6 + 1.1 * _chance(row, row * 0 + seed))
        group = np.floor(along / (wide * (2 + np.floor(4 * _chance(row + seed, row)))))
        colour = PALETTE[(_chance(group + seed, row) * len(PALETTE)).astype(int)]
        within, height = along % wide / wide, up % shelf_m / shelf_m
        top = 0.55 + 0.35 * _chance(group, row + seed)
        middle = 0.25 + 0.3 * _chance(group + 5, row)
        label = (np.abs(height - middle) < 0.09) & (np.abs(within - 0.5) < 0.34)
        colour = np.where(label[:, None], colour * 0.3 + 0.5, colour)
        rounded = 0.45 + 0.55 * smoothstep(np.minimum(within, 1 - within), 0.0, 0.25)
        colour = _lit(colour, rounded * (0.9 + 0.2 * _chance(along / wide, row)))
        colour = np.where((height > top)[:, None], rgb("#5a5048") * 0.6, colour)
        board = (height < 0.09)[:, None]
        return np.where(board, rgb("#d8d2c6"), colour).astype(np.float32)

    return texture
