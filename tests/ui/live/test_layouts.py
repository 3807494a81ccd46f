import pytest

from vms_desktop.core.config.settings import GRID_LAYOUTS
from vms_desktop.ui.live.layouts import (
    GAP_PX,
    automatic_shape,
    cells,
    neighbour,
    page_count,
)


@pytest.mark.parametrize(
    "cameras, room, shape",
    [
        (1, (1600, 900), (1, 1)),
        (2, (1600, 900), (2, 1)),
        (4, (1600, 900), (2, 2)),
        (5, (1600, 900), (3, 2)),
        (9, (1600, 900), (3, 3)),
        (16, (1600, 900), (4, 4)),
        (4, (3200, 450), (4, 1)),
        (4, (400, 1600), (1, 4)),
        (0, (1600, 900), (1, 1)),
    ],
)
def test_the_automatic_layout_shows_pictures_largest(cameras, room, shape):
    assert automatic_shape(cameras, *room) == shape


@pytest.mark.parametrize(
    "layout, cameras, pages",
    [("auto", 40, 1), ("1", 3, 3), ("2x2", 4, 1), ("2x2", 5, 2), ("1+5", 7, 2), ("4x4", 0, 1)],
)
def test_cameras_that_do_not_fit_stand_on_further_pages(layout, cameras, pages):
    assert page_count(layout, cameras) == pages


@pytest.mark.parametrize("layout", GRID_LAYOUTS)
@pytest.mark.parametrize("room", [(1601, 901), (333, 777)])
def test_cells_fill_the_room_without_overlap(layout, room):
    made = cells(layout, 16, *room)
    assert max(cell.x + cell.width for cell in made) == room[0]
    assert max(cell.y + cell.height for cell in made) == room[1]
    for number, one in enumerate(made):
        for other in made[number + 1 :]:
            apart_x = other.x >= one.x + one.width or one.x >= other.x + other.width
            apart_y = other.y >= one.y + one.height or one.y >= other.y + other.height
            assert apart_x or apart_y


def test_neighbours_stand_a_gap_apart():
    left, right = cells("2x2", 4, 800, 600)[:2]
    assert right.x - (left.x + left.width) == GAP_PX


@pytest.mark.parametrize(
    "at, step, expected",
    [
        (0, (1, 0), 1),
        (0, (0, 1), 3),
        (4, (-1, 0), 3),
        (4, (0, -1), 1),
        (8, (1, 0), 8),
        (0, (-1, 0), 0),
    ],
)
def test_arrows_go_to_the_neighbour_and_stop_at_the_edge(at, step, expected):
    assert neighbour(cells("3x3", 9, 900, 900), at, *step) == expected
