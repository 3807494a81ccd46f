from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vms_desktop.core.player.track import Segment, Timeline, covered, epoch_us, local_datetime

DAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
ZERO = epoch_us(DAY)


@dataclass(frozen=True)
class Clip:
    path: Path
    start_at: datetime
    end_at: datetime


def clip(name, start_s, end_s):
    at = [DAY + timedelta(seconds=seconds) for seconds in (start_s, end_s)]
    return Clip(Path(name), *at)


def seconds(moment_us):
    return (moment_us - ZERO) / 1e6


def laid_out(clips, **options):
    line = Timeline.of([clip(*given) for given in clips], options.pop("lengths", {}), **options)
    return [(s.path.name, seconds(s.start_us), seconds(s.end_us)) for s in line.segments]


@pytest.mark.parametrize("micro", [0, 1, 66_667, 999_999])
def test_a_moment_survives_the_way_to_a_time_and_back(micro):
    assert epoch_us(local_datetime(ZERO + micro)) == ZERO + micro


@pytest.mark.parametrize(
    "clips, expected",
    [
        ([], []),
        ([("a", 0, 10)], [("a", 0, 10)]),
        ([("a", 0, 10), ("b", 20, 30)], [("a", 0, 10), ("b", 20, 30)]),
        # The later one is shown where they overlap.
        ([("a", 0, 10), ("b", 5, 20)], [("a", 0, 5), ("b", 5, 20)]),
        # What is left of a longer one follows.
        ([("a", 0, 30), ("b", 5, 20)], [("a", 0, 5), ("b", 5, 20), ("a", 20, 30)]),
        ([("a", 0, 30), ("b", 5, 20), ("c", 25, 40)],
         [("a", 0, 5), ("b", 5, 20), ("a", 20, 25), ("c", 25, 40)]),
        ([("a", 0, 30), ("b", 5, 20), ("c", 6, 25)],
         [("a", 0, 5), ("b", 5, 6), ("c", 6, 25), ("a", 25, 30)]),
        ([("a", 0, 10), ("b", 0, 10)], [("b", 0, 10)]),
        # A slip of less than a second is no rest.
        ([("a", 0, 20.4), ("b", 5, 20)], [("a", 0, 5), ("b", 5, 20)]),
        # Cut recordings touch, however the packets arrived.
        ([("a", 0, 10), ("b", 10.3, 20)], [("a", 0, 10.3), ("b", 10.3, 20)]),
        ([("a", 0, 10.3), ("b", 10, 20)], [("a", 0, 10), ("b", 10, 20)]),
        ([("b", 20, 30), ("a", 0, 10)], [("a", 0, 10), ("b", 20, 30)]),
        # Nobody knows its length yet.
        ([("a", 0, 0), ("b", 20, 30)], [("a", 0, 20), ("b", 20, 30)]),
        # Never what is still being written.
        ([("a.part", 0, 10), ("b", 20, 30)], [("b", 20, 30)]),
    ],
)  # fmt: skip
def test_clips_are_laid_out_without_overlaps(clips, expected):
    assert laid_out(clips) == expected


@pytest.mark.parametrize(
    "told_s, found_s, shown_s",
    [(10, 10.2, 10.2), (10, 6, 6), (0, 7, 7), (10, 3600, 10)],
)
def test_what_a_file_holds_counts_unless_its_times_jump(told_s, found_s, shown_s):
    lengths = {Path("a"): round(found_s * 1e6)}
    assert laid_out([("a", 0, told_s)], lengths=lengths) == [("a", 0, shown_s)]


def test_a_clip_that_failed_leaves_its_time_empty():
    assert laid_out([("a", 0, 10), ("b", 5, 20)], without={Path("b")}) == [("a", 0, 10)]


@pytest.mark.parametrize(
    "moment_s, here, following, preceding",
    [
        (-1, None, "a", None),
        (0, "a", "b", None),
        (9.999, "a", "b", None),
        (10, None, "b", "a"),
        (15, None, "b", "a"),
        (20, "b", None, "a"),
        (30, None, None, "b"),
    ],
)
def test_a_moment_has_a_segment_and_neighbours(moment_s, here, following, preceding):
    line = Timeline.of([clip("a", 0, 10), clip("b", 20, 30)], {})
    moment = ZERO + round(moment_s * 1e6)
    found = [line.at(moment), line.after(moment), line.before(moment)]
    assert [s and s.path.name for s in found] == [here, following, preceding]


def test_the_tracks_together_cover_what_any_of_them_has():
    one = Timeline.of([clip("a", 0, 10), clip("b", 40, 50)], {})
    other = Timeline.of([clip("c", 5, 20), clip("d", 20, 30)], {})
    assert [tuple(map(seconds, span)) for span in covered([one, other])] == [(0, 30), (40, 50)]


@pytest.mark.parametrize("length_us", [19_700_000, 20_000_000, 20_333_333])
def test_the_frames_of_a_cut_recording_fill_the_time_up_to_the_next_clip(length_us):
    segment = Segment(Path("a"), ZERO, ZERO, ZERO + 20_000_000, joins=True)
    frames = [*range(0, length_us, 66_667)]
    moments = [segment.moment(at, length_us) for at in frames]
    assert moments[0] == ZERO
    assert segment.end_us - 100_000 < moments[-1] < segment.end_us
    assert moments == sorted(set(moments))
    for at, moment in zip(frames, moments, strict=True):
        assert at <= segment.inside(moment, length_us) <= at + 1
        assert at - 2 <= segment.inside(moment - 1, length_us) < at


def test_a_clip_that_another_replaces_is_not_stretched():
    segment = Segment(Path("a"), ZERO, ZERO, ZERO + 5_000_000)
    assert segment.moment(4_000_000, 20_000_000) == ZERO + 4_000_000
    assert segment.inside(ZERO + 4_000_000, 20_000_000) == 4_000_000
