"""Which clips are found by where something moved, and what a heat map shows."""

from datetime import timedelta

import numpy as np
import pytest

from tests.support.library import DAY, at, moved, put_clip, scanned
from vms_desktop.core.base.picture import Box
from vms_desktop.core.index.entries import PACKED_BYTES, MotionSummary, summarise, unpack
from vms_desktop.core.index.search import AreaHit, cells_of, heat_map, locate, search_area

CORNER = Box(0, 0, 4 / 64, 4 / 36)
CENTRE = Box(0.45, 0.45, 0.1, 0.1)
MIDDLE = (18, 32)


def found(index, area, **options):
    hits = search_area(index, area, DAY - timedelta(days=3), DAY, **options)
    return [hit.clip.path.stem for hit in hits]


def grid(seconds, *moments):
    """A motion grid with cells as (second, row, column)."""
    cells = np.zeros((seconds, 36, 64), bool)
    for second, row, column in moments:
        cells[second, row, column] = True
    return cells


def test_only_clips_in_which_something_moved_there_are_found(index, layout):
    put_clip(layout, at("10:00:00"), moved(1, MIDDLE))
    put_clip(layout, at("11:00:00"), moved(1, (0, 0)))
    put_clip(layout, at("12:00:00"))
    scanned(index)
    assert found(index, CENTRE) == ["10-00-00"]
    assert found(index, CORNER) == ["11-00-00"]
    assert found(index, Box(0.8, 0.8, 0.1, 0.1)) == []


def test_a_neighbouring_cell_is_not_the_area(index, layout):
    put_clip(layout, at("10:00:00"), moved(1, (0, 3)), moved(2, (3, 0)))
    scanned(index)
    assert found(index, Box(0, 0, 3 / 64, 3 / 36)) == []
    assert found(index, CORNER) == ["10-00-00"]


def test_the_longest_motion_in_the_area_comes_first(index, layout):
    for text, seconds in (("10:00:00", 2), ("11:00:00", 5), ("12:00:00", 1)):
        put_clip(layout, at(text), *(moved(second, MIDDLE) for second in range(seconds)))
    scanned(index)
    assert found(index, CENTRE) == ["11-00-00", "10-00-00", "12-00-00"]
    assert found(index, CENTRE, limit=2) == ["11-00-00", "10-00-00"]


def test_the_score_is_how_long_each_cell_of_the_area_moved(index, layout):
    cells = [(row, column) for row in range(4) for column in range(4)]
    put_clip(layout, at("10:00:00"), moved(1, *cells), moved(2, *cells), moved(7, (30, 60)))
    scanned(index)
    [hit] = search_area(index, CORNER, DAY, DAY)
    assert hit.score == pytest.approx(2)


def test_a_hit_tells_the_second_of_most_motion_in_the_area(index, layout):
    motions = (moved(2, (0, 0)), moved(5, (0, 0), (0, 1), (1, 1)), moved(8, MIDDLE, (20, 33)))
    put_clip(layout, at("10:00:00"), *motions)
    scanned(index)
    assert [hit.at_s for hit in search_area(index, CORNER, DAY, DAY)] == [5]
    assert [hit.at_s for hit in search_area(index, CENTRE, DAY, DAY)] == [8]


def test_beyond_what_is_shown_the_second_is_the_clips_own_until_it_is_looked_up(index, layout):
    put_clip(layout, at("10:00:00"), moved(2, MIDDLE), moved(6, (0, 0)))
    scanned(index)
    [hit] = search_area(index, CORNER, DAY, DAY, located=0)
    assert hit.at_s == 2
    assert locate(layout, hit, CORNER).at_s == 6


def test_a_side_car_that_is_gone_leaves_the_hit_as_it_is(index, layout):
    clip = put_clip(layout, at("10:00:00"), moved(2, (0, 0)))
    scanned(index)
    layout.sidecar_path(clip.path).unlink()
    [hit] = search_area(index, CORNER, DAY, DAY)
    assert isinstance(hit, AreaHit)
    assert hit.at_s == 2


def test_only_the_chosen_days_and_cameras_are_searched(index, layout):
    for day in (17, 19, 20):
        put_clip(layout, at(f"{day}:00:00", DAY.replace(day=day)), moved(1, (0, 0)))
    put_clip(layout, at("10:00:00"), moved(1, (0, 0)), folder="B")
    scanned(index)
    hits = search_area(index, CORNER, DAY.replace(day=18), DAY)
    assert sorted(hit.clip.path.stem for hit in hits) == ["10-00-00", "19-00-00", "20-00-00"]
    assert found(index, CORNER, folders=["B"]) == ["10-00-00"]


def test_a_search_that_is_not_wanted_any_more_ends(index, layout):
    put_clip(layout, at("10:00:00"), moved(1, (0, 0)))
    scanned(index)
    assert found(index, CORNER, cancelled=lambda: True) == []


@pytest.mark.parametrize(
    "area, rows, columns",
    [
        (Box(0, 0, 1, 1), (0, 36), (0, 64)),
        (Box(0, 0, 0, 0), (0, 1), (0, 1)),
        (Box(1, 1, 0.5, 0.5), (35, 36), (63, 64)),
        (Box(-1, -1, 1.01, 1.01), (0, 1), (0, 1)),
        (Box(0.5, 0.5, 1 / 64, 1 / 36), (18, 19), (32, 33)),
        (Box(0.505, 0.5, 1 / 64, 0.03), (18, 20), (32, 34)),
    ],
)
def test_an_area_is_every_cell_that_it_touches(area, rows, columns):
    expected = np.zeros((36, 64), bool)
    expected[slice(*rows), slice(*columns)] = True
    assert (cells_of(area) == expected).all()


def test_the_heat_map_shows_how_long_each_cell_moved(index, layout):
    put_clip(layout, at("10:00:00"), *(moved(second, (0, 0)) for second in range(4)))
    put_clip(layout, at("11:00:00"), moved(1, MIDDLE), moved(2, MIDDLE))
    put_clip(layout, at("12:00:00"), moved(1, (35, 63)), folder="B")
    scanned(index)
    heat = heat_map(index, DAY)
    assert heat.shape == (36, 64)
    assert (heat[0, 0], heat[MIDDLE], heat[35, 63]) == (1, 0.5, 0.25)
    assert np.count_nonzero(heat) == 3
    assert heat_map(index, DAY, ["B"])[35, 63] == 1


def test_the_heat_map_of_a_quiet_day_is_cold(index):
    assert not heat_map(index, DAY).any()


def test_a_summary_holds_the_cells_and_the_seconds_of_their_blocks():
    summary = summarise(grid(3, (0, 0, 0), (1, 0, 0), (1, 3, 3), (2, 35, 63)))
    assert len(summary.packed) == PACKED_BYTES
    masks, counts = unpack([summary.packed, summary.packed])
    cells = np.unpackbits(masks[1]).reshape(36, 64)
    assert np.argwhere(cells).tolist() == [[0, 0], [3, 3], [35, 63]]
    assert counts[1].reshape(9, 16)[0, 0] == 3
    assert counts[1].reshape(9, 16)[8, 15] == 1
    assert counts[1].sum() == 4


@pytest.mark.parametrize("cells, strength", [(0, 0), (6, 0.1), (144, 0.5), (576, 1), (2304, 1)])
def test_strength_is_the_root_of_the_share_that_moved_within_a_second(cells, strength):
    second = np.zeros((2, 36 * 64), bool)
    second[1, :cells] = True
    assert summarise(second.reshape(2, 36, 64)).strength == pytest.approx(strength, abs=0.005)


def test_where_nothing_moved_there_is_nothing_to_keep():
    assert summarise(grid(60)) == MotionSummary(b"", 0)


def test_seconds_beyond_what_is_counted_are_as_many_as_can_be():
    whole = np.ones((5000, 36, 64), bool)
    assert unpack([summarise(whole).packed])[1].max() == 65535
