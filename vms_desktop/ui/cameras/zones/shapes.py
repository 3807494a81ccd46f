"""Areas on a picture as geometry: what lies under the pointer, and what a change makes of them.

Knows no widget. Points are shares (0…1) of the picture, places are logical
pixels of the widget that shows it.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPolygonF

from vms_desktop.core.base import ConfigError, Reason
from vms_desktop.core.config import Point, Zone, ZoneKind
from vms_desktop.ui.picture import WHOLE_PICTURE, Area

# So near the pointer takes a corner; an edge needs to be met better.
CORNER_REACH_PX = 9.0
EDGE_REACH_PX = 6.0
# A smaller polygon is a line or a slip of the hand: some 6 px at the size of the analysis.
SMALLEST_SHARE = 1e-4
# A ten-thousandth of the picture is finer than its pixels, and short in the file.
_DIGITS = 4


class View(NamedTuple):
    """The place at which a picture is seen: its area in the widget, and the part shown there."""

    area: Area
    part: Area = WHOLE_PICTURE

    def point(self, x: float, y: float) -> Point:
        """The point of the picture at a place; beside the picture the nearest one."""
        return inside(
            self.part.x + (x - self.area.x) / max(1, self.area.width) * self.part.width,
            self.part.y + (y - self.area.y) / max(1, self.area.height) * self.part.height,
        )

    def place(self, point: Point) -> Point:
        """The place where a point of the picture is seen."""
        return Point(
            self.area.x + (point.x - self.part.x) / self.part.width * self.area.width,
            self.area.y + (point.y - self.part.y) / self.part.height * self.area.height,
        )

    def places(self, points: Sequence[Point]) -> tuple[Point, ...]:
        """The places of several points."""
        return tuple(self.place(point) for point in points)


class Hit(NamedTuple):
    """The thing under the pointer: a zone, or its corner or edge (from corner `edge` on)."""

    zone: int
    corner: int | None = None
    edge: int | None = None


def inside(x: float, y: float) -> Point:
    """The nearest point that lies in the picture, with as many digits as make sense."""
    return Point(round(min(1.0, max(0.0, x)), _DIGITS), round(min(1.0, max(0.0, y)), _DIGITS))


def zone_of(name: str, kind: ZoneKind, points: tuple[Point, ...]) -> Zone:
    """A zone that can be seen.

    Raises:
        ConfigError: As `Zone` does, and for a polygon that is no more than a line.
    """
    made = Zone(name=name, kind=kind, points=points)
    if area_share(points) < SMALLEST_SHARE:
        raise ConfigError("zones", Reason.TOO_FEW_POINTS)
    return made


def area_share(points: Sequence[Point]) -> float:
    """The area of a polygon as a share of the picture (the shoelace formula)."""
    around = pairwise((*points, *points[:1]))
    return abs(sum(a.x * b.y - b.x * a.y for a, b in around)) / 2


def rectangle(a: Point, b: Point) -> tuple[Point, ...]:
    """The corners of the rectangle between two opposite ones."""
    return a, Point(b.x, a.y), b, Point(a.x, b.y)


def with_corner_at(zone: Zone, corner: int, to: Point) -> Zone:
    """The zone with one corner elsewhere; raises as `zone_of`."""
    points = (*zone.points[:corner], to, *zone.points[corner + 1 :])
    return zone_of(zone.name, zone.kind, points)


def with_corner_in(zone: Zone, edge: int, at: Point) -> Zone:
    """The zone with one more corner, after corner `edge`; raises as `zone_of`."""
    points = (*zone.points[: edge + 1], at, *zone.points[edge + 1 :])
    return zone_of(zone.name, zone.kind, points)


def without_corner(zone: Zone, corner: int) -> Zone:
    """The zone with one corner less; raises as `zone_of`."""
    return zone_of(zone.name, zone.kind, zone.points[:corner] + zone.points[corner + 1 :])


def moved(zone: Zone, right: float, down: float) -> Zone:
    """The zone elsewhere, in its shape: it stops at the edge of the picture."""
    right = _bounded(right, [point.x for point in zone.points])
    down = _bounded(down, [point.y for point in zone.points])
    return replace(zone, points=tuple(inside(x + right, y + down) for x, y in zone.points))


def _bounded(way: float, positions: Sequence[float]) -> float:
    return min(1 - max(positions), max(-min(positions), way))


def middle(zone: Zone, edge: int) -> Point:
    """The point half way along an edge."""
    a, b = zone.points[edge], zone.points[(edge + 1) % len(zone.points)]
    return inside((a.x + b.x) / 2, (a.y + b.y) / 2)


def longest_edge(zone: Zone) -> int:
    """The edge that has most room for another corner."""
    around = list(pairwise((*zone.points, zone.points[0])))
    return max(range(len(around)), key=lambda edge: math.dist(*around[edge]))


def hit(zones: Sequence[Zone], chosen: int | None, view: View, x: float, y: float) -> Hit | None:
    """The thing that a press means: a corner or edge of the chosen zone, else the smallest zone.

    The smallest, so that an area inside another one can always be reached.
    """
    at = Point(x, y)
    if chosen is not None and (found := _handle(zones[chosen], chosen, view, at)):
        return found
    under = [number for number, zone in enumerate(zones) if _covers(zone, view, at)]
    if not under:
        return None
    return Hit(min(under, key=lambda number: area_share(zones[number].points)))


def _handle(zone: Zone, number: int, view: View, at: Point) -> Hit | None:
    places = view.places(zone.points)
    corner = min(range(len(places)), key=lambda index: math.dist(places[index], at))
    if math.dist(places[corner], at) <= CORNER_REACH_PX:
        return Hit(number, corner=corner)
    ways = _ways_to_edges(places, at)
    edge = min(range(len(ways)), key=ways.__getitem__)
    return Hit(number, edge=edge) if ways[edge] <= EDGE_REACH_PX else None


def _covers(zone: Zone, view: View, at: Point) -> bool:
    places = view.places(zone.points)
    return is_within(places, at) or min(_ways_to_edges(places, at)) <= EDGE_REACH_PX


def _ways_to_edges(places: Sequence[Point], at: Point) -> list[float]:
    return [_way_to_edge(at, a, b) for a, b in pairwise((*places, places[0]))]


def _way_to_edge(at: Point, a: Point, b: Point) -> float:
    """The distance of a place from the nearest one of a line from a to b."""
    length2 = math.dist(a, b) ** 2
    if length2 == 0:
        return math.dist(at, a)
    along = ((at.x - a.x) * (b.x - a.x) + (at.y - a.y) * (b.y - a.y)) / length2
    along = min(1.0, max(0.0, along))
    return math.dist(at, (a.x + along * (b.x - a.x), a.y + along * (b.y - a.y)))


def polygon_of(places: Sequence[Point]) -> QPolygonF:
    """The polygon with these corners, as Qt paints it."""
    return QPolygonF([QPointF(*place) for place in places])


def is_within(polygon: Sequence[Point], at: Point) -> bool:
    """True if a place lies in a polygon."""
    return polygon_of(polygon).containsPoint(QPointF(*at), Qt.FillRule.OddEvenFill)
