"""Areas of the picture that are watched or ignored: polygons in shares (0…1) of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from vms_desktop.core.base import ConfigError, Reason

# Each edge is held against every other; nobody draws as many.
MAX_POINTS = 200


class ZoneKind(StrEnum):
    """The effect of a zone on the motion inside it."""

    WATCH = "watch"
    IGNORE = "ignore"


class Point(NamedTuple):
    """A place in the picture, in shares of its width and height."""

    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A simple polygon of three to `MAX_POINTS` points.

    With watched zones only motion inside one of them counts; motion inside an
    ignored zone never does.

    Raises:
        ConfigError: Too few or too many points, a point outside the picture, or
            edges that cross.
    """

    name: str
    kind: ZoneKind
    points: tuple[Point, ...]

    def __post_init__(self) -> None:
        if len(self.points) < 3:
            raise ConfigError("zones", Reason.TOO_FEW_POINTS)
        if len(self.points) > MAX_POINTS:
            raise ConfigError("zones", Reason.TOO_LONG)
        if not all(0 <= x <= 1 and 0 <= y <= 1 for x, y in self.points):
            raise ConfigError("zones", Reason.OUT_OF_RANGE)
        if crosses_itself(self.points):
            raise ConfigError("zones", Reason.CROSSES_ITSELF)


def crosses_itself(points: tuple[Point, ...], *, closed: bool = True) -> bool:
    """True if two edges of the polygon, or of the open path, not neighbours, cross each other."""
    edges = list(pairwise(points + points[:1] if closed else points))
    return any(
        _cross(*edges[i], *edges[j])
        for i in range(len(edges))
        for j in range(i + 2, len(edges))
        if not (closed and i == 0 and j == len(edges) - 1)
    )


def zones_of(kind: ZoneKind, zones: Iterable[Zone]) -> tuple[Zone, ...]:
    """Those of the zones that are of this kind."""
    return tuple(zone for zone in zones if zone.kind is kind)


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Point, b: Point, c: Point) -> float:
    """Positive when c lies left of a→b, negative right of it, 0 on the line."""
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
