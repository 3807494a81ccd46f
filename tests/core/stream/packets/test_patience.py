"""How long a stream may be silent follows from how it has been sent so far."""

import pytest

from vms_desktop.core.stream.packets.patience import (
    FIRST_SILENCE_S,
    LONGEST_SILENCE_S,
    LOST_S,
    Silence,
)


def steady(every_s, count, begins=0.0):
    """Pictures that come when they are shown, as arrival and time on the stream's clock."""
    return [(begins + index * every_s, index * every_s) for index in range(count)]


def segments(length_s, count, fps=25, took_s=0.5):
    """Segments, each downloaded in a moment once it is whole."""
    per_segment = round(length_s * fps)
    return [
        (number * length_s + took_s * index / per_segment, number * length_s + index / fps)
        for number in range(count)
        for index in range(per_segment)
    ]


@pytest.mark.parametrize(
    "pictures, limit_s",
    [
        ([], 20.0),
        (steady(0.07, 1), FIRST_SILENCE_S),
        (steady(0.07, 2), FIRST_SILENCE_S),
        (steady(0.07, 3), LOST_S),
        (steady(0.07, 20), LOST_S),
        (steady(1.0, 20), LOST_S),
        (steady(2.0, 5), 5.0),
        (steady(4.0, 2), FIRST_SILENCE_S),
        (steady(4.0, 3), 10.0),
        (steady(6.0, 3), 15.0),
        (steady(10.0, 3), 25.0),
        ([*steady(0.07, 20), *steady(0.07, 20, begins=4.0)], LOST_S),
        ([*steady(4.0, 9), *steady(0.07, 900, begins=33.0)], LOST_S),
    ],
    ids=[
        "none", "one", "two", "three", "ordinary", "each second", "every two", "two every four",
        "every four", "every six", "time lapse", "one fault", "slow before",
    ],
)  # fmt: skip
def test_silence_is_measured_against_the_rhythm(pictures, limit_s):
    silence = Silence(0.0, first_s=20.0)
    for now, media_s in pictures:
        assert not silence.is_too_long(now)
        silence.picture(now, media_s)
    last = pictures[-1][0] if pictures else 0.0
    assert silence.limit_s(last) == pytest.approx(limit_s, abs=0.01)
    assert not silence.is_too_long(last + limit_s - 0.02)
    assert silence.is_too_long(last + limit_s + 0.02)


@pytest.mark.parametrize("length_s", [2.0, 6.0, 10.0])
@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_a_stream_in_segments_may_be_silent_while_its_last_one_lasts(length_s, count):
    silence = Silence(0.0)
    for now, media_s in segments(length_s, count):
        assert not silence.is_too_long(now)
        silence.picture(now, media_s)
    assert not silence.is_too_long(count * length_s + 0.7 * length_s)
    assert silence.is_too_long((count - 1) * length_s + LONGEST_SILENCE_S + 1)


def test_what_waited_in_the_camera_at_first_makes_an_ordinary_stream_no_slow_one():
    silence = Silence(0.0)
    for index in range(20):  # Two seconds that it had kept, at once.
        silence.picture(0.001 * index, 0.1 * index)
    for index in range(80):
        silence.picture(0.1 * index + 0.1, 2 + 0.1 * index)
    assert silence.limit_s(8.1) == LOST_S


def test_a_clock_that_jumps_is_no_reason_to_wait():
    silence = Silence(0.0)
    for now, media_s in steady(0.1, 20):
        silence.picture(now, media_s)
    silence.picture(2.0, 62.0, breaks=True)
    silence.picture(2.1, 62.1)
    assert silence.limit_s(2.1) == LOST_S


def test_time_that_was_ours_is_no_silence():
    silence = Silence(0.0)
    for now, media_s in steady(0.1, 20):
        silence.picture(now, media_s)
    silence.excuse(60.0)
    assert not silence.is_too_long(63.0)
    assert silence.interval_s(63.0) == 0.0
