import pytest

from vms_desktop.core.base.picture import Box, Size
from vms_desktop.ui.picture.fit import Area, PillPlaces, crop, fitted, pill_places, placed, seen
from vms_desktop.ui.picture.zoom import MAX_SCALE, NO_ZOOM, Zoom


@pytest.mark.parametrize(
    "picture, room, area",
    [
        (Size(640, 360), Size(640, 360), (0, 0, 640, 360)),
        (Size(640, 360), Size(640, 400), (0, 20, 640, 360)),
        (Size(638, 360), Size(640, 400), (1, 20, 638, 360)),  # rounded by the worker: still 1:1
        (Size(320, 180), Size(640, 400), (0, 20, 640, 360)),
        (Size(1280, 720), Size(640, 400), (0, 20, 640, 360)),
        (Size(480, 640), Size(640, 320), (200, 0, 240, 320)),
    ],
)
def test_a_picture_is_letterboxed_and_one_made_for_the_room_keeps_its_size(picture, room, area):
    assert fitted(picture, room) == area


@pytest.mark.parametrize(
    "source, picture, part",
    [
        (Size(640, 360), Size(320, 180), (0, 0, 1, 1)),
        (Size(400, 200), Size(100, 100), (0.25, 0, 0.5, 1)),
        (Size(200, 400), Size(100, 100), (0, 0.25, 1, 0.5)),
    ],
)
def test_a_filled_tile_shows_the_middle_of_the_source(source, picture, part):
    assert crop(source, picture) == part


def test_a_box_follows_crop_zoom_and_letterbox():
    box = Box(0.5, 0.5, 0.25, 0.25)
    in_crop = seen(box, Area(0.25, 0, 0.5, 1))
    assert in_crop == (0.5, 0.5, 0.5, 0.25)
    assert placed(in_crop, Area(10, 20, 100, 200)) == (60, 120, 50, 50)


@pytest.mark.parametrize("x, y", [(0.0, 0.0), (0.3, 0.8), (1.0, 0.5)])
def test_what_lies_under_the_pointer_stays_there_while_zooming(x, y):
    def under_pointer(zoom: Zoom) -> tuple[float, float]:
        left, top, width, height = zoom.part
        return left + x * width, top + y * height

    zoom = NO_ZOOM
    for _ in range(5):
        nearer = zoom.by(1.3, x, y)
        assert under_pointer(nearer) == pytest.approx(under_pointer(zoom))
        zoom = nearer


def test_zoom_ends_at_the_whole_picture_and_at_its_limit():
    assert NO_ZOOM.by(0.5, 0.2, 0.2) == NO_ZOOM
    assert NO_ZOOM.by(1000, 0.5, 0.5).scale == MAX_SCALE


def test_panning_never_leaves_the_picture():
    left, top, width, height = NO_ZOOM.by(2, 0.5, 0.5).moved(5, -5).part
    assert (left, top) == (0, 0.5)
    assert (width, height) == (0.5, 0.5)


@pytest.mark.parametrize(
    "picture, places",
    [
        # No bars; bars too thin for a pill; just wide enough; wide.
        (Area(2, 2, 400, 225), PillPlaces(8, 396, 8, 34, 199)),
        (Area(2, 29, 400, 225), PillPlaces(8, 396, 35, 61, 226)),
        (Area(2, 30, 400, 225), PillPlaces(8, 396, 5, 36, 258)),
        (Area(2, 62, 400, 225), PillPlaces(8, 396, 8, 68, 319)),
        # Bars at the sides: on the picture, beside it where that has no room for a name.
        (Area(102, 2, 200, 300), PillPlaces(108, 296, 8, 34, 274)),
        (Area(152, 2, 100, 300), PillPlaces(8, 146, 8, 34, 274)),
    ],
)
def test_pills_stand_in_the_bars_or_on_the_picture_and_never_on_both(picture, places):
    room = Area(2, 2, 400, 2 * (picture.y - 2) + picture.height)
    assert pill_places(picture, room, 22) == places
