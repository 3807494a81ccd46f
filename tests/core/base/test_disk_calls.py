"""A disk that hangs is told by beats of the program, not by seconds."""

from contextlib import suppress

from vms_desktop.core.base.disk_calls import HANGING_BEATS, DiskCalls, Pulse


def beat(pulse, times):
    for _ in range(times):
        pulse.beat()


def test_a_call_hangs_after_so_many_beats_and_until_it_returns():
    pulse = Pulse()
    calls = DiskCalls(pulse)
    with calls:
        beat(pulse, HANGING_BEATS)
        assert not calls.hang
        pulse.beat()
        assert calls.hang
    assert not calls.hang


def test_between_calls_nothing_hangs():
    pulse = Pulse()
    calls = DiskCalls(pulse)
    for _ in range(3):
        with calls:
            beat(pulse, HANGING_BEATS)
        beat(pulse, HANGING_BEATS)
        assert not calls.hang


def test_calls_within_one_count_with_it():
    pulse = Pulse()
    calls = DiskCalls(pulse)
    with calls:
        for _ in range(HANGING_BEATS + 1):
            with calls:
                pulse.beat()
        assert calls.hang


def test_a_call_that_fails_is_over():
    pulse = Pulse()
    calls = DiskCalls(pulse)
    with suppress(OSError), calls:
        raise OSError
    beat(pulse, HANGING_BEATS + 1)
    assert not calls.hang
