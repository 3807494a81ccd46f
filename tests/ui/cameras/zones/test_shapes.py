"""Areas as geometry: where a picture lies, what the pointer meets, what is no area."""

import pytest

from vms_desktop.core.base.errors import ConfigError, Reason
from vms_desktop.core.config.zones import Point, Zone, ZoneKind
from vms_desktop.ui.cameras.zones import shapes
from vms_desktop.ui.cameras.zones.shapes import Hit, View
from vms_desktop.ui.picture.fit import Area

SQUARE = ((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6))
INNER = ((0.3, 0.3), (0.4, 0.3), (0.4, 0.4), (0.3, 0.4))
TRIANGLE = ((0.1, 0.1), (0.9, 0.1), (0.5, 0.9))
VIEW = View(Area(0, 0, 1000, 1000))


def points(*pairs) -> tuple[Point, ...]:
    return tuple(Point(*pair) for pair in pairs)


def zone(corners=SQUARE, kind=ZoneKind.WATCH) -> Zone:
    return Zone(name="Street", kind=kind, points=points(*corners))


@pytest.mark.parametrize(
    "area, part, place, point",
    [
        (Area(0, 38, 400, 225), Area(0, 0, 1, 1), (0, 38), (0, 0)),
        (Area(0, 38, 400, 225), Area(0, 0, 1, 1), (400, 263), (1, 1)),
        (Area(0, 38, 400, 225), Area(0, 0, 1, 1), (100, 150.5), (0.25, 0.5)),
        (Area(115, 0, 169, 300), Area(0, 0, 1, 1), (199.5, 75), (0.5, 0.25)),
        (Area(0, 0, 640, 360), Area(0.25, 0.25, 0.5, 0.5), (320, 180), (0.5, 0.5)),
        (Area(0, 0, 640, 360), Area(0.25, 0.25, 0.5, 0.5), (0, 360), (0.25, 0.75)),
    ],
)
def test_a_place_in_the_widget_is_a_point_of_the_picture_and_back(area, part, place, point):
    view = View(area, part)
    assert view.point(*place) == pytest.approx(point, abs=1e-4)
    assert view.place(Point(*point)) == pytest.approx(place, abs=0.1)


@pytest.mark.parametrize("x, y, point", [(-50, 100, (0, 0.1)), (2000, 999999, (1, 1))])
def test_beside_the_picture_is_its_edge(x, y, point):
    assert VIEW.point(x, y) == point


@pytest.mark.parametrize(
    "chosen, x, y, expected",
    [
        (None, 250, 250, Hit(0)),
        (None, 350, 350, Hit(1)),  # the smaller one, although it lies in the other
        (None, 900, 900, None),
        (None, 195, 400, Hit(0)),  # just beside its edge
        (0, 205, 195, Hit(0, corner=0)),
        (0, 600, 600, Hit(0, corner=2)),
        (0, 400, 603, Hit(0, edge=2)),
        (0, 203, 400, Hit(0, edge=3)),
        (1, 203, 400, Hit(0)),  # only the chosen one has handles
        (0, 400, 500, Hit(0)),
    ],
)
def test_the_pointer_meets_corners_and_edges_of_the_chosen_area_and_else_the_smallest(
    chosen, x, y, expected
):
    assert shapes.hit((zone(), zone(INNER)), chosen, VIEW, x, y) == expected


@pytest.mark.parametrize(
    "right, down, first",
    [(0.1, 0.1, (0.3, 0.3)), (-1, 0, (0, 0.2)), (9, 9, (0.6, 0.6)), (0, 0, (0.2, 0.2))],
)
def test_an_area_that_is_moved_keeps_its_shape_and_stops_at_the_edge(right, down, first):
    there = shapes.moved(zone(), right, down)
    assert there.points[0] == pytest.approx(first)
    assert there.points[2].x - there.points[0].x == pytest.approx(0.4)
    assert there.points[2].y - there.points[0].y == pytest.approx(0.4)


@pytest.mark.parametrize(
    "change, reason",
    [
        (lambda: shapes.with_corner_at(zone(), 0, Point(0.9, 0.5)), Reason.CROSSES_ITSELF),
        (lambda: shapes.with_corner_in(zone(), 0, Point(0.4, 0.8)), Reason.CROSSES_ITSELF),
        (lambda: shapes.without_corner(zone(TRIANGLE), 1), Reason.TOO_FEW_POINTS),
        (
            lambda: shapes.with_corner_at(zone(TRIANGLE), 2, Point(0.5, 0.1)),
            Reason.TOO_FEW_POINTS,
        ),
        (lambda: shapes.zone_of("", ZoneKind.WATCH, ()), Reason.TOO_FEW_POINTS),
        (
            lambda: shapes.zone_of("", ZoneKind.WATCH, points((0, 0), (1, 1))),
            Reason.TOO_FEW_POINTS,
        ),
        (
            lambda: shapes.zone_of("", ZoneKind.WATCH, points((0, 0), (1, 1), (0, 0))),
            Reason.TOO_FEW_POINTS,
        ),
    ],
)
def test_what_is_no_area_is_refused_with_the_reason(change, reason):
    with pytest.raises(ConfigError) as error:
        change()
    assert error.value.reason is reason


def test_a_changed_area_keeps_its_name_and_kind():
    for other in (
        shapes.with_corner_at(zone(), 0, Point(0.1, 0.1)),
        shapes.with_corner_in(zone(), 3, Point(0.1, 0.4)),
        shapes.without_corner(zone(), 2),
        shapes.moved(zone(), 0.1, 0),
    ):
        assert (other.name, other.kind) == ("Street", ZoneKind.WATCH)


def test_a_corner_is_added_after_the_first_end_of_its_edge():
    assert shapes.with_corner_in(zone(), 3, Point(0.1, 0.4)).points[4] == (0.1, 0.4)
    assert shapes.with_corner_in(zone(), 0, Point(0.4, 0.1)).points[1] == (0.4, 0.1)


@pytest.mark.parametrize("corners, share", [(SQUARE, 0.16), (TRIANGLE, 0.32), (INNER, 0.01)])
def test_the_area_of_a_polygon(corners, share):
    assert shapes.area_share(points(*corners)) == pytest.approx(share)
    assert shapes.area_share(points(*reversed(corners))) == pytest.approx(share)


@pytest.mark.parametrize("x, y, within", [(0.5, 0.5, True), (0.1, 0.8, False), (0.5, 0.05, False)])
def test_inside_a_polygon(x, y, within):
    assert shapes.is_within(points(*TRIANGLE), Point(x, y)) is within
