"""Meshes of four-cornered facets for what moves, and how they are lit and drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from demo_scenes.geometry import HEIGHT_PX, WIDTH_PX, Array, View, turned, unit, vector

_FINE = 3
_FRACTION_BITS = 4


@dataclass(frozen=True)
class Mesh:
    """Facets with one colour each.

    Attributes:
        corners: n×4×3.
        normals: n×3, out of the body.
        colours: n×3, linear RGB.
        glow: n×3, light that the facet sends out itself.
        gloss: n, share of the sky that the facet mirrors.
        lift_m: n, how much nearer than it is the facet is drawn, to lie on another body.
    """

    corners: Array
    normals: Array
    colours: Array
    glow: Array
    gloss: Array
    lift_m: Array

    def placed(self, place: Array, heading: float) -> "Mesh":
        """Turned so that z points to `heading` (rad from z towards x) and moved to a place."""
        return replace(
            self,
            corners=turned(self.corners, heading) + place,
            normals=turned(self.normals, heading),
        )


def joined(meshes: Sequence[Mesh]) -> Mesh:
    """Several meshes as one."""
    return Mesh(
        *(
            np.concatenate([getattr(mesh, name) for mesh in meshes])
            for name in ("corners", "normals", "colours", "glow", "gloss", "lift_m")
        )
    )


def loft(rings: Array, colours: Array, gloss: float = 0.0, glow: Array | None = None) -> Mesh:
    """The skin between rings (k×m×3) of equally many points.

    `colours` is one colour, or (k-1)×m×3, one for each facet.
    """
    after = np.roll(rings, -1, axis=1)
    corners = np.stack([rings[:-1], after[:-1], after[1:], rings[1:]], axis=2)
    normals = np.cross(
        corners[..., 2, :] - corners[..., 0, :], corners[..., 3, :] - corners[..., 1, :]
    )
    inside = (rings[:-1].mean(1, keepdims=True) + rings[1:].mean(1, keepdims=True)) / 2
    outward = ((corners.mean(2) - inside) * normals).sum(-1, keepdims=True)
    normals = unit(normals * np.where(outward < 0, -1, 1)).reshape(-1, 3)
    count = len(normals)
    tints = np.broadcast_to(colours, (*rings[:-1].shape[:2], 3)).reshape(-1, 3)
    shine = np.broadcast_to(vector(0, 0, 0) if glow is None else glow, (count, 3))
    return Mesh(
        corners.reshape(-1, 4, 3).astype(np.float32),
        normals,
        tints.astype(np.float32),
        shine.astype(np.float32),
        np.full(count, gloss, np.float32),
        np.zeros(count, np.float32),
    )


def _circle(count: int) -> tuple[Array, Array]:
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def limb(low: Array, high: Array, low_radius: float, high_radius: float, colour: Array) -> Mesh:
    """A round limb with rounded ends between two points."""
    axis = unit(high - low)
    side = unit(np.cross(axis, vector(0.3, 0.2, 1) if abs(axis[2]) < 0.9 else vector(1, 0.2, 0)))
    other = np.cross(axis, side)
    cosine, sine = _circle(16)
    spots = [(low, low_radius, -0.95), (low, low_radius, -0.6), (low, low_radius, 0)]
    spots += [
        (low * (1 - s) + high * s, low_radius * (1 - s) + high_radius * s, 0) for s in (0.35, 0.7)
    ]
    spots += [(high, high_radius, 0), (high, high_radius, 0.6), (high, high_radius, 0.95)]
    rings = []
    for centre, radius, cap in spots:
        around = cosine[:, None] * side + sine[:, None] * other
        rings.append(centre + radius * (cap * axis + np.sqrt(1 - cap * cap) * around))
    return loft(np.array(rings, np.float32), colour)


def tube(stations: Sequence[tuple[float, float, float, float, float]], colour: Array) -> Mesh:
    """An upright body from (height, half width, half depth, x, z of the middle) upwards."""
    cosine, sine = _circle(26)
    known = np.array(stations)
    share = np.linspace(0, len(known) - 1, 3 * len(known) - 2)
    finer = [np.interp(share, np.arange(len(known)), column) for column in known.T]
    rings = [
        np.stack([x + wide * cosine, np.full(26, height), z + deep * sine], -1)
        for height, wide, deep, x, z in zip(*finer, strict=True)
    ]
    return loft(np.array(rings, np.float32), colour)


def ball(centre: Array, radii: Array, colour: Array, glow: Array | None = None) -> Mesh:
    """An ellipsoid."""
    cosine, sine = _circle(14)
    rings = []
    for angle in np.linspace(-1.45, 1.45, 9):
        flat = np.stack(
            [np.cos(angle) * cosine, np.full(14, np.sin(angle)), np.cos(angle) * sine], -1
        )
        rings.append(centre + radii * flat)
    return loft(np.array(rings, np.float32), colour, glow=glow)


@dataclass(frozen=True)
class Drawn:
    """A mesh in the finished picture.

    Attributes:
        light: height×width×3, premultiplied linear light.
        cover: Coverage, 0…1.
        depth: Distance along the axis of view in m; meaningless where nothing covers.
    """

    light: Array
    cover: Array
    depth: Array


def _region(pixels: Array, margin: int) -> tuple[slice, slice] | None:
    low = np.floor(pixels.reshape(-1, 2).min(0)).astype(int) - margin
    high = np.ceil(pixels.reshape(-1, 2).max(0)).astype(int) + margin
    left, top = max(low[0], 0), max(low[1], 0)
    right, bottom = min(high[0], WIDTH_PX), min(high[1], HEIGHT_PX)
    if right - left < 1 or bottom - top < 1:
        return None
    return slice(top, bottom), slice(left, right)


def _fixed(pixels: Array, region: tuple[slice, slice]) -> Array:
    """Corners in the oversampled region as fixed-point numbers."""
    origin = np.array([region[1].start, region[0].start])
    return np.round(((pixels - origin) * _FINE - 0.5) * 2**_FRACTION_BITS).astype(np.int32)


def _canvas(region: tuple[slice, slice], channels: int) -> Array:
    rows, columns = region
    size = ((rows.stop - rows.start) * _FINE, (columns.stop - columns.start) * _FINE, channels)
    return np.zeros(size, np.float32)


def _shrunk(canvas: Array) -> Array:
    height, width = canvas.shape[:2]
    return cv2.resize(canvas, (width // _FINE, height // _FINE), interpolation=cv2.INTER_AREA)


def draw(view: View, mesh: Mesh, light: Array) -> Drawn | None:
    """Draw facets of these colours (n×3), nearest last; None where none is in the picture."""
    pixels, depth = view.project(mesh.corners.reshape(-1, 3))
    pixels, depth = pixels.reshape(-1, 4, 2), depth.reshape(-1, 4).mean(1)
    region = _region(pixels, margin=1)
    if region is None:
        return None
    towards = ((mesh.corners.mean(1) - view.eye) * mesh.normals).sum(-1) < 0
    shapes, canvas = _fixed(pixels, region), _canvas(region, 4)
    for index in np.argsort(mesh.lift_m - depth):
        if towards[index]:
            colour = (*light[index].tolist(), float(depth[index]))
            cv2.fillConvexPoly(canvas, shapes[index], colour, shift=_FRACTION_BITS)
    covered = (canvas[..., 3:] > 0).astype(np.float32)
    small, share = _shrunk(canvas), _shrunk(covered)
    picture = np.zeros((HEIGHT_PX, WIDTH_PX, 4), np.float32)
    cover = np.zeros((HEIGHT_PX, WIDTH_PX), np.float32)
    picture[region], cover[region] = small, share
    return Drawn(picture[..., :3], cover, picture[..., 3] / np.maximum(cover, 1e-3))


def shadow(view: View, mesh: Mesh, sun: Array, blur_px: float, floor_m: float = 0) -> Array:
    """The share of the sun (height×width) that a mesh takes from the level ground."""
    height = mesh.corners[..., 1:2] - floor_m
    flat = mesh.corners - sun * (height / sun[1])
    pixels, depth = view.project(flat.reshape(-1, 3).astype(np.float32))
    return _mask(pixels.reshape(-1, 4, 2)[depth.reshape(-1, 4).min(1) > 0.3], blur_px)


def footprint(view: View, place: Array, radii: Array, heading: float, blur_px: float) -> Array:
    """The darkness (height×width) right under something that stands at a place."""
    cosine, sine = _circle(24)
    ring = np.stack([cosine * radii[0], 0 * cosine, sine * radii[1]], -1).astype(np.float32)
    pixels, _ = view.project(turned(ring, heading) + place)
    return _mask(pixels[None], blur_px)


def _mask(shapes: Array, blur_px: float) -> Array:
    mask = np.zeros((HEIGHT_PX, WIDTH_PX), np.float32)
    region = _region(shapes, margin=int(3 * blur_px) + 2) if len(shapes) else None
    if region is None:
        return mask
    canvas = _canvas(region, 1)
    for shape in _fixed(shapes, region):
        cv2.fillConvexPoly(canvas, cv2.convexHull(shape), (1.0,), shift=_FRACTION_BITS)
    mask[region] = cv2.GaussianBlur(_shrunk(canvas), (0, 0), blur_px)
    return mask
