"""Which polygons are zones."""

from math import cos, sin

import pytest

from vms_desktop.core.base.errors import ConfigError, Reason
from vms_desktop.core.config.zones import (
    MAX_POINTS,
    Point,
    Zone,
    ZoneKind,
    crosses_itself,
    zones_of,
)

SQUARE = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
LEFT = ((0, 0), (0.5, 0), (0.5, 1), (0, 1))
ARROW = ((0, 0), (1, 0.5), (0, 1), (0.5, 0.5))
ALL = ((0, 0), (1, 0), (1, 1), (0, 1))


def zone(points, kind=ZoneKind.WATCH):
    return Zone(name="z", kind=kind, points=tuple(Point(x, y) for x, y in points))


@pytest.mark.parametrize(
    "points, reason",
    [
        ((), Reason.TOO_FEW_POINTS),
        (((0, 0), (1, 1)), Reason.TOO_FEW_POINTS),
        (((0, 0), (1.1, 0), (1, 1)), Reason.OUT_OF_RANGE),
        (((0, 0), (1, -0.1), (1, 1)), Reason.OUT_OF_RANGE),
        (((0, 0), (float("nan"), 0), (1, 1)), Reason.OUT_OF_RANGE),
        (((0, 0), (1, 1), (1, 0), (0, 1)), Reason.CROSSES_ITSELF),
    ],
)
def test_a_polygon_that_is_none_is_refused(points, reason):
    with pytest.raises(ConfigError) as error:
        zone(points)
    assert (error.value.field, error.value.reason) == ("zones", reason)


@pytest.mark.parametrize("points", [SQUARE, LEFT, ARROW, ALL, SQUARE[:3]])
def test_simple_polygons_are_zones(points):
    assert zone(points).points == points


@pytest.mark.parametrize(
    "points, crosses",
    [
        (((0, 0), (1, 0), (1, 1), (0.5, -1)), True),
        (((0, 0), (1, 0), (1, 1), (2, 0.5)), False),  # only its closing edge would cross
        (((0, 0), (1, 0)), False),
        ((), False),
    ],
)
def test_an_open_path_has_no_last_edge_that_could_cross(points, crosses):
    assert crosses_itself(tuple(Point(*point) for point in points), closed=False) is crosses


def test_zones_are_sorted_by_kind():
    zones = (zone(LEFT), zone(SQUARE, ZoneKind.IGNORE), zone(ARROW))
    assert zones_of(ZoneKind.WATCH, zones) == (zones[0], zones[2])
    assert zones_of(ZoneKind.IGNORE, zones) == (zones[1],)


def test_a_polygon_of_more_points_than_anybody_draws_is_refused():
    circle = [(0.5 + 0.4 * cos(n / 100), 0.5 + 0.4 * sin(n / 100)) for n in range(600)]
    assert len(zone(circle[:: 600 // MAX_POINTS][:MAX_POINTS]).points) == MAX_POINTS
    with pytest.raises(ConfigError) as error:
        zone(circle * 200)
    assert error.value.reason is Reason.TOO_LONG
