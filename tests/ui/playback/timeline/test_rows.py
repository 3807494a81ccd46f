"""What the columns of a timeline's row show at every scale."""

import numpy as np
import pytest

from tests.support.timeline_clips import DAY, clip, gap, row
from vms_desktop.core.clips.clip import Trigger
from vms_desktop.core.index.index import ClipState
from vms_desktop.ui.playback.timeline.rows import (
    Look,
    Paints,
    RowClips,
    look_of,
    refreshed,
    row_pixels,
)
from vms_desktop.ui.playback.timeline.scale import TimeView

WHOLE = TimeView.whole(DAY.timestamp(), DAY.timestamp() + 86_400, 960)  # 40 pixels an hour
PAINTS = Paints(0, 1, 2, 3, 4, tuple(range(10, 17)), tuple(range(20, 27)))


def runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """First column and width of everything that is set."""
    steps = np.diff(np.concatenate(([0], mask.astype(int), [0])))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    return [(int(a), int(b - a)) for a, b in zip(starts, ends, strict=True)]


@pytest.mark.parametrize(
    "clips, blocks",
    [
        ([], []),
        ([clip(6, 3600)], [(240, 39)]),
        ([clip(6, 1)], [(240, 2)]),
        ([clip(6, 0)], [(240, 2)]),
        ([clip(6, 3600), clip(7, 3600)], [(240, 39), (280, 39)]),
        ([clip(6 + n / 120, 20) for n in range(120)], [(240, 41)]),
        ([clip(-1, 7200)], [(0, 39)]),
        ([clip(23, 7200)], [(920, 40)]),
        ([clip(30, 60)], []),
    ],
)
def test_a_clip_is_a_block_that_can_always_be_seen(clips, blocks):
    assert runs(RowClips(row(*clips)).columns(WHOLE).look > 0) == blocks


@pytest.mark.parametrize(
    "facts, look",
    [
        ({"strength": 0.0}, Look.STILL),
        ({"strength": 0.2}, Look.FAINT),
        ({"strength": 0.4}, Look.CLEAR),
        ({"strength": 0.9}, Look.STRONG),
        ({"strength": 0.9, "trigger": Trigger.MANUAL}, Look.MANUAL),
        ({"strength": 0.9, "trigger": Trigger.ALWAYS}, Look.STRONG),
        ({"state": ClipState.UNREADABLE}, Look.UNREADABLE),
    ],
)
def test_a_block_tells_what_its_clip_is(facts, look):
    assert look_of(clip(6, **facts)) is look


def test_where_clips_share_a_pixel_the_strongest_motion_is_seen():
    clips = [clip(6 + n / 3600, 1, strength=1.0 if n == 30 else 0.1) for n in range(60)]
    look = RowClips(row(*clips)).columns(WHOLE).look
    assert Look.STRONG in look[240:242]


def test_a_long_clip_that_began_before_many_short_ones_stays_in_sight():
    clips = [clip(1, 6 * 3600), *(clip(1.5 + n / 100, 5) for n in range(100))]
    view = WHOLE.zoomed(96, DAY.timestamp() + 5 * 3600)
    assert RowClips(row(*clips)).columns(view).look.all()


def test_gaps_and_archived_clips_are_told_apart_from_the_rest():
    columns = RowClips(row(clip(6, 3600, is_archived=True), gaps=[gap(8, 9)])).columns(WHOLE)
    assert runs(columns.archived) == [(240, 39)]
    assert runs(columns.gap) == [(320, 40)]
    assert not columns.look[320:360].any()


@pytest.mark.parametrize(
    "hours, within_s, found",
    [
        (6.5, 0, 0),
        (6.99, 0, 1),
        (8, 0, None),
        (7.01, 120, 1),
        (5.99, 120, 0),
        (5.9, 120, None),
    ],
)
def test_the_pointer_finds_the_clip_that_it_sees(hours, within_s, found):
    clips = (clip(6, 3600), clip(6.9, 360))
    hit = RowClips(row(*clips)).clip_at(DAY.timestamp() + hours * 3600, within_s)
    assert hit is (None if found is None else clips[found])


def test_sharp_screens_get_columns_of_their_own():
    assert runs(RowClips(row(clip(6, 3600))).columns(WHOLE, 2.0).look > 0) == [(480, 78)]


def test_stronger_motion_is_a_higher_block():
    def height(strength: float) -> int:
        columns = RowClips(row(clip(6, 3600, strength=strength))).columns(WHOLE)
        return int((row_pixels(columns, 22, PAINTS, 960)[:, 250] >= 10).sum())

    heights = [height(strength) for strength in (0, 0.2, 0.4, 0.9)]
    assert heights == sorted(set(heights))
    assert heights[-1] == 18


def test_a_recording_by_hand_is_hollow_and_an_archived_one_underlined():
    by_hand = RowClips(row(clip(6, 3600, trigger=Trigger.MANUAL))).columns(WHOLE)
    assert row_pixels(by_hand, 22, PAINTS, 960)[11, 250] == 20 + Look.MANUAL
    kept = RowClips(row(clip(6, 3600, is_archived=True))).columns(WHOLE)
    assert row_pixels(kept, 22, PAINTS, 960)[18, 250] == PAINTS.kept


def test_a_gap_is_hatched_and_the_future_is_another_ground():
    pixels = row_pixels(RowClips(row(gaps=[gap(8, 9)])).columns(WHOLE), 22, PAINTS, 600)
    assert set(np.unique(pixels[5:15, 325:355])) == {PAINTS.track, PAINTS.hatch}
    assert set(np.unique(pixels[:, 605:950])) == {PAINTS.future}


def test_a_row_that_was_given_again_is_not_worked_out_again():
    given = row(clip(6))
    known = RowClips(given)
    assert refreshed(known, given) is known
    assert refreshed(known, row(clip(6), clip(7))) is not known
