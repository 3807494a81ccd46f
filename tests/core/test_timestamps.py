import pytest

from vms_desktop.core.errors import Problem, StreamError
from vms_desktop.core.timestamps import MAX_MISSING, Timed, TimestampGuard

TICKS = 1000  # A tick is a millisecond here, and a frame lasts 100 of them.


def guard():
    return TimestampGuard(1 / TICKS, 100)


@pytest.mark.parametrize(
    "sent, given, breaks",
    [
        ([0, 100, 200], [0, 100, 200], []),
        ([5000, 5100], [5000, 5100], []),
        ([0, 0, 0, 100], [0, 1, 2, 100], []),
        ([0, 100, 100, 101], [0, 100, 101, 102], []),
        ([1000, 1100, 200, 1200], [1000, 1100, None, 1200], []),
        ([1000, 0, 1100], [1000, None, 1100], []),
        ([5000, 3999, 4099], [5000, 3999, 4099], [1]),
        ([5000, 0, 100, 200], [5000, 0, 100, 200], [1]),
        ([0, 2000, 2100], [0, 2000, 2100], []),
        ([0, 2001, 2101], [0, 2001, 2101], [1]),
        ([0, 10**9, 100], [0, 10**9, 100], [1, 2]),
        ([0, None, None, 300], [0, 100, 200, 300], []),
        ([None, None, 200], [0, 100, 200], []),
        ([0, None, 50, 200], [0, 100, None, 200], []),
    ],
)
def test_decoding_times_are_made_to_grow_or_break_once(sent, given, breaks):
    times = guard()
    judged = [times.judge(dts, dts, None) for dts in sent]
    assert [timed and timed.dts for timed in judged] == given
    assert [number for number, timed in enumerate(judged) if timed and timed.breaks] == breaks


def test_what_is_given_grows_within_one_timeline_whatever_is_sent():
    times = guard()
    sent = [0, 0, 0, 1, 1, 2, 100, 99, 100, 101, None, 150, 150]
    given = [timed.dts for dts in sent if (timed := times.judge(dts, dts, None))]
    assert given == sorted(set(given))


def test_six_packets_without_a_time_are_guessed_and_the_seventh_is_too_much():
    times = guard()
    times.judge(0, 0, None)
    for _ in range(MAX_MISSING):
        times.judge(None, None, None)
    with pytest.raises(StreamError) as caught:
        times.judge(None, None, None)
    assert MAX_MISSING == 6
    assert caught.value.kind is Problem.BAD_DATA


def test_a_time_forgives_those_that_were_missing():
    times = guard()
    for number in range(3 * MAX_MISSING):
        assert times.judge(number * 100 if number % MAX_MISSING == 0 else None, None, None)


def test_a_missing_time_is_the_last_one_and_its_duration():
    times = guard()
    times.judge(0, 0, None)
    assert times.judge(None, None, 40) == Timed(40, 40)
    assert times.judge(None, None, None) == Timed(140, 140)


@pytest.mark.parametrize("pts, given", [(None, 100), (180, 180), (50, 100)])
def test_a_picture_is_never_shown_before_it_is_decoded(pts, given):
    assert guard().judge(100, pts, None) == Timed(100, given)


def test_a_first_packet_without_decoding_time_takes_its_presentation_time():
    assert guard().judge(None, 700, None) == Timed(700, 700)
