"""Who and what crosses the scenes: a person, a car, a fox, each in its own axes.

Own axes: x to its left or right, y up, z ahead; the ground is at y = 0.
"""

from dataclasses import dataclass, replace

import numpy as np

from demo_scenes.geometry import Array, rgb, smoothstep, vector
from demo_scenes.mesh import Mesh, ball, joined, limb, loft, tube

STRIDE_M = 1.45


@dataclass(frozen=True)
class Clothes:
    """Colours of a person as web colours; `bag` is empty for empty hands."""

    coat: str
    trousers: str
    hair: str = "#3a2a20"
    skin: str = "#d9a98a"
    shoes: str = "#26221f"
    bag: str = ""
    hat: str = ""


def _leg(side: int, swing: float, bend: float, hip: Array, clothes: Clothes) -> list[Mesh]:
    """A leg whose thigh is `swing` rad ahead and whose knee is bent by `bend` rad."""
    top = hip + vector(0.09 * side, 0, 0)
    knee = top + 0.42 * vector(0, -np.cos(swing), np.sin(swing))
    ankle = knee + 0.41 * vector(0, -np.cos(swing - bend), np.sin(swing - bend))
    toes = ankle + vector(0.01 * side, -0.045, 0.17)
    cloth, leather = rgb(clothes.trousers), rgb(clothes.shoes)
    return [
        limb(top, knee, 0.088, 0.062, cloth),
        limb(knee, ankle, 0.06, 0.05, cloth),
        limb(ankle - vector(0, 0.03, 0.04), toes, 0.05, 0.038, leather),
    ]


def _arm(side: int, swing: float, shoulder: Array, clothes: Clothes) -> list[Mesh]:
    start = shoulder + vector(0.205 * side, -0.03, 0)
    elbow = start + 0.29 * vector(0.22 * side, -np.cos(swing), np.sin(swing))
    bent = swing + 0.35 + 0.25 * max(swing, 0)
    wrist = elbow + 0.25 * vector(0.03 * side, -np.cos(bent), np.sin(bent))
    sleeve = rgb(clothes.coat) * 0.92
    return [
        limb(start, elbow, 0.066, 0.054, sleeve),
        limb(elbow, wrist, 0.052, 0.042, sleeve),
        ball(wrist + vector(0, -0.05, 0.02), vector(0.036, 0.055, 0.042), rgb(clothes.skin)),
    ]


def _trunk(hip: Array, swing: float, clothes: Clothes) -> list[Mesh]:
    y, z, coat = hip[1], hip[2], rgb(clothes.coat)
    stations = [
        (y - 0.17, 0.185, 0.135, 0, z + swing * 0.05),
        (y - 0.05, 0.185, 0.14, 0, z),
        (y + 0.10, 0.17, 0.125, 0, z),
        (y + 0.28, 0.195, 0.135, 0, z + 0.005),
        (y + 0.42, 0.21, 0.135, 0, z + 0.01),
        (y + 0.49, 0.195, 0.11, 0, z + 0.01),
        (y + 0.54, 0.11, 0.085, 0, z + 0.015),
        (y + 0.57, 0.065, 0.065, 0, z + 0.02),
    ]
    belt = tube([(y + 0.03, 0.186, 0.14, 0, z), (y + 0.065, 0.18, 0.136, 0, z)], coat * 0.5)
    return [tube(stations, coat), belt]


def _head(neck: Array, turn: float, clothes: Clothes) -> list[Mesh]:
    middle = neck + vector(0, 0.128, 0.03)
    look = vector(np.sin(turn), 0, np.cos(turn))
    skin = rgb(clothes.skin)
    parts = [
        limb(neck - vector(0, 0.04, 0), neck + vector(0, 0.06, 0.015), 0.062, 0.056, skin),
        ball(middle, vector(0.078, 0.115, 0.092), skin),
        ball(middle + 0.09 * look - vector(0, 0.01, 0), vector(0.016, 0.022, 0.02), skin * 0.9),
        ball(
            middle - 0.03 * look + vector(0, 0.028, 0),
            vector(0.09, 0.102, 0.094),
            rgb(clothes.hair),
        ),
    ]
    if clothes.hat:
        hat = rgb(clothes.hat)
        parts.append(
            ball(middle + vector(0, 0.065, 0) - 0.008 * look, vector(0.093, 0.075, 0.1), hat)
        )
        parts.append(
            ball(middle + vector(0, 0.05, 0) + 0.1 * look, vector(0.06, 0.012, 0.06), hat * 0.8)
        )
    return parts


def _bag(hip: Array, swing: float, colour: Array) -> list[Mesh]:
    middle = hip + vector(0.225, -0.03, -0.05 + 0.03 * swing)
    strap = limb(
        hip + vector(-0.1, 0.5, 0.1), middle + vector(-0.02, 0.12, 0.04), 0.016, 0.016, colour
    )
    return [ball(middle, vector(0.05, 0.12, 0.145), colour), strap]


def person(clothes: Clothes, walked_m: float, pace: float, turn: float = 0) -> Mesh:
    """A grown-up, 1.78 m tall.

    Args:
        walked_m: Way made so far; it decides where the feet are.
        pace: 0 standing … 1 walking.
        turn: Angle of the head in rad.
    """
    phase = 2 * np.pi * walked_m / STRIDE_M
    bob = 0.022 * pace * np.cos(2 * phase)
    hip = vector(0, 0.905 + bob - 0.01 * pace, 0)
    neck = hip + vector(0, 0.56, 0.02 + 0.02 * pace)
    parts = _trunk(hip, pace * np.sin(phase), clothes) + _head(neck, turn, clothes)
    for side, offset in ((-1, 0.0), (1, np.pi)):
        swing = pace * 0.47 * np.sin(phase + offset)
        bend = pace * (0.12 + 0.85 * max(0.0, np.cos(phase + offset)) ** 2) + 0.04
        parts += _leg(side, swing + 0.06 * pace, bend, hip, clothes)
        parts += _arm(side, -0.8 * swing, neck - vector(0, 0.06, 0.02), clothes)
    if clothes.bag:
        parts += _bag(hip, pace * np.sin(phase), rgb(clothes.bag))
    return joined(parts)


# Stations of a family car from tail to nose: z, belt height, half width, underside (m).
_BODY = np.array(
    [
        (-2.15, 0.70, 0.72, 0.40),
        (-2.10, 0.84, 0.80, 0.32),
        (-1.95, 0.95, 0.85, 0.28),
        (-1.60, 1.00, 0.87, 0.24),
        (-1.00, 1.00, 0.89, 0.22),
        (-0.30, 0.98, 0.90, 0.22),
        (0.40, 0.96, 0.90, 0.22),
        (0.90, 0.95, 0.89, 0.22),
        (1.30, 0.90, 0.87, 0.23),
        (1.70, 0.84, 0.87, 0.25),
        (1.95, 0.76, 0.85, 0.27),
        (2.08, 0.68, 0.81, 0.30),
        (2.14, 0.60, 0.76, 0.34),
    ]
)
# The cabin's stations: z, roof height, half width at the belt, half width of the roof.
_CABIN = np.array(
    [
        (-2.02, 0.96, 0.74, 0.70),
        (-1.78, 1.18, 0.76, 0.66),
        (-1.45, 1.40, 0.78, 0.62),
        (-0.95, 1.48, 0.79, 0.61),
        (-0.30, 1.50, 0.80, 0.61),
        (0.15, 1.46, 0.80, 0.61),
        (0.50, 1.32, 0.79, 0.63),
        (0.85, 1.12, 0.78, 0.68),
        (1.15, 0.93, 0.76, 0.70),
    ]
)
_AXLES_M = (1.32, -1.28)


def _resampled(stations: Array, count: int) -> Array:
    """More stations, so that the skin looks round."""
    z = np.linspace(stations[0, 0], stations[-1, 0], count)
    columns = [np.interp(z, stations[:, 0], column) for column in stations.T]
    smooth = [
        np.convolve(np.pad(column, 1, "edge"), (0.25, 0.5, 0.25), "valid") for column in columns
    ]
    return np.stack(smooth, -1)


def _shut(ring: Array) -> Array:
    """A ring drawn together nearly to a point: an end of the body."""
    middle = ring.mean(0)
    return middle + 0.02 * (ring - middle)


def _shell(paint: Array) -> Mesh:
    angles = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    cosine, sine = np.cos(angles), np.sin(angles)
    across = np.sign(cosine) * np.abs(cosine) ** 0.36
    up = np.sign(sine) * np.abs(sine) ** 0.5
    rings = []
    for z, belt, half, under in _resampled(_BODY, 30):
        tumble = 1 - 0.07 * np.maximum(up, 0)
        rings.append(
            np.stack(
                [
                    half * across * tumble,
                    (belt + under) / 2 + (belt - under) / 2 * up,
                    np.full(28, z),
                ],
                -1,
            )
        )
    rings = [_shut(rings[0]), *rings, _shut(rings[-1])]
    shape = np.array(rings, np.float32)
    heights = shape[:-1, :, 1:2]
    colours = np.where(heights < 0.34, rgb("#202224"), np.broadcast_to(paint, (31, 28, 3)))
    return loft(shape, colours, gloss=0.22)


def _cabin(paint: Array) -> Mesh:
    share = np.array([0, 0.06, 0.5, 0.86, 0.97, 1.0])
    rings = []
    for z, roof, half, top in _resampled(_CABIN, 34):
        base = min(0.93, roof - 0.01)
        height = base + (roof - base) * share
        wide = half + (top - half) * share - np.array([0, 0, 0, 0, 0.05, 0.16])
        left = np.stack([-wide, height, np.full(6, z)], -1)
        inner = np.array([[s * wide[-1] * 0.5, roof + 0.012, z] for s in (-1, 1)])
        rings.append(np.concatenate([left, inner, left[::-1] * (-1, 1, 1)]))
    shape = np.array(rings, np.float32)
    z = shape[:-1, :, 2].mean(1)
    glass, pillar = rgb("#161c22"), paint * 0.9
    colours = np.broadcast_to(paint, (33, 14, 3)).copy()
    side = (z > -1.5) & (z < 0.72)
    post = (np.abs(z + 0.35) < 0.05) | (np.abs(z + 1.22) < 0.05)
    for column in (1, 2, 10, 11):
        colours[:, column] = np.where((side & ~post)[:, None], glass, pillar)
    for column in range(3, 10):
        slope = (z > 0.27) | (z < -1.52)
        colours[:, column] = np.where(slope[:, None], glass, paint)
    mesh = loft(shape, colours, gloss=0.3)
    dark = (mesh.colours == glass).all(1)
    return replace(mesh, gloss=np.where(dark, 0.16, 0.22).astype(np.float32))


def _disc(
    x: float, z: float, y: float, radius: float, width: float, colour: Array, lift: float
) -> list[Mesh]:
    """A wheel, or a part of it: an upright disc facing sideways."""
    angles = np.linspace(0, 2 * np.pi, 20, endpoint=False)

    def ring(at: float, size: float) -> Array:
        return np.stack([np.full(20, at), y + size * np.sin(angles), z + size * np.cos(angles)], -1)

    out = x + np.sign(x) * width
    rings = np.array(
        [ring(x, radius), ring(out, radius), ring(out + np.sign(x) * 1e-3, radius * 0.02)],
        np.float32,
    )
    mesh = loft(rings, colour)
    normals = mesh.normals.copy()
    normals[20:] = vector(np.sign(x), 0, 0)
    lifts = np.repeat([0, lift], 20).astype(np.float32)
    return [replace(mesh, normals=normals, lift_m=lifts)]


def _wheels(rolled_m: float) -> list[Mesh]:
    parts: list[Mesh] = []
    for side in (-1, 1):
        for z in _AXLES_M:
            parts += _disc(0.80 * side, z, 0.36, 0.375, 0.06, rgb("#0c0d0e"), 0.35)
            parts += _disc(0.81 * side, z, 0.32, 0.315, 0.06, rgb("#1b1c1d"), 0.4)
            parts += _disc(0.82 * side, z, 0.32, 0.2, 0.06, rgb("#a7abae"), 0.45)
            for spoke in range(5):
                angle = rolled_m / 0.32 + spoke * 2 * np.pi / 5
                at = vector(0, -0.12 * np.sin(angle), 0.12 * np.cos(angle))
                parts += _disc(
                    0.884 * side, z + at[2], 0.32 + at[1], 0.035, 0.003, rgb("#3a3d40"), 0.5
                )
    return parts


def _lights(head: float, brake: float) -> list[Mesh]:
    parts = []
    for side in (-1, 1):
        parts.append(
            ball(
                vector(0.64 * side, 0.68, 2.07),
                vector(0.14, 0.06, 0.06),
                rgb("#e4e8ea"),
                glow=head * vector(1.6, 1.5, 1.25),
            )
        )
        parts.append(
            ball(
                vector(0.64 * side, 0.80, -2.06),
                vector(0.12, 0.075, 0.06),
                rgb("#8d1512"),
                glow=brake * vector(1.3, 0.08, 0.05),
            )
        )
        for z in (-0.2, -1.05):
            grip = vector(0.885 * side, 0.84, z)
            parts.append(limb(grip, grip - vector(0, 0, 0.16), 0.016, 0.016, rgb("#1d1f21")))
        parts.append(ball(vector(0.92 * side, 1.0, 0.62), vector(0.1, 0.07, 0.06), rgb("#1d1f21")))
    plate = ball(vector(0, 0.42, 2.14), vector(0.26, 0.05, 0.02), rgb("#e9e7da"))
    grille = ball(vector(0, 0.56, 2.13), vector(0.36, 0.055, 0.03), rgb("#15171a"))
    rear = ball(vector(0, 0.62, -2.13), vector(0.26, 0.06, 0.03), rgb("#e9e7da"))
    return [*parts, plate, grille, rear]


def car(paint: str, rolled_m: float, head: float, brake: float) -> Mesh:
    """A family car, 4.3 m long; its lamps are lit by shares 0…1."""
    colour = rgb(paint)
    return joined([_shell(colour), _cabin(colour), *_wheels(rolled_m), *_lights(head, brake)])


def fox(walked_m: float, pace: float) -> Mesh:
    """A fox, 45 cm at the shoulder, trotting."""
    phase = 2 * np.pi * walked_m / 0.75
    coat, dark, pale = rgb("#b5622c"), rgb("#3a2418"), rgb("#e8dccb")
    lift = 0.42 + 0.015 * pace * np.cos(2 * phase)
    parts = [
        limb(vector(0, lift, -0.27), vector(0, lift + 0.01, 0.25), 0.105, 0.115, coat),
        limb(vector(0, lift + 0.05, 0.27), vector(0, lift + 0.14, 0.44), 0.08, 0.065, coat),
        ball(vector(0, lift + 0.17, 0.5), vector(0.075, 0.07, 0.1), coat),
        limb(vector(0, lift + 0.14, 0.56), vector(0, lift + 0.11, 0.68), 0.042, 0.02, pale),
        limb(vector(0, lift, -0.33), vector(0, lift - 0.09, -0.62), 0.06, 0.085, coat),
        limb(vector(0, lift - 0.09, -0.62), vector(0, lift - 0.1, -0.8), 0.08, 0.03, pale),
    ]
    for side in (-1, 1):
        ear = vector(0.05 * side, lift + 0.22, 0.47)
        parts.append(limb(ear, ear + vector(0.015 * side, 0.075, 0), 0.032, 0.008, dark))
        for z, offset in ((0.2, 0.0), (-0.22, np.pi)):
            swing = 0.5 * pace * np.sin(phase + offset + (side > 0) * np.pi)
            hip = vector(0.06 * side, lift - 0.03, z)
            foot = hip + (lift - 0.05) * vector(0, -np.cos(swing), np.sin(swing))
            parts.append(limb(hip, foot, 0.05, 0.024, dark if z > 0 else coat * 0.7))
    return joined(parts)


def eased(now: float, begins: float, ends: float) -> float:
    """0 before, 1 after, and a soft start and stop between."""
    return float(smoothstep(now, begins, ends))
