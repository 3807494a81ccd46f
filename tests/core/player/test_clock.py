import pytest

from vms_desktop.core.player.clock import SLACK_S, PlaybackClock

S = 1_000_000
COVERED = ((0, 10 * S), (60 * S, 70 * S))


@pytest.fixture
def clock():
    clock = PlaybackClock()
    clock.lay_out(["a"], COVERED)
    return clock


def feed(clock, until_s, key="a", **options):
    clock.fed(key, clock.generation, round(until_s * S), **options)


def at(clock, now):
    return clock.read(now).position_us / S


def started(clock, position_s, rate, now=0.0, fed_s=None):
    clock.seek(round(position_s * S), now)
    clock.play(rate, now)
    feed(clock, fed_s if fed_s is not None else (1e6 if rate > 0 else -1e6))


@pytest.mark.parametrize("rate", [0.25, 0.5, 1, 2, 4, -0.25, -1, -4])
def test_it_moves_at_its_rate(clock, rate):
    started(clock, 5, rate)
    assert at(clock, 1.0) == 5 + rate


@pytest.mark.parametrize("rate", [0, 0.1, 17, -0.1, -32])
def test_other_rates_are_refused(clock, rate):
    with pytest.raises(ValueError, match="rate"):
        clock.play(rate, 0.0)


def test_a_change_of_rate_and_a_pause_lose_no_time(clock):
    started(clock, 0, 1)
    clock.play(2, 1.0)
    clock.pause(2.0)
    assert (at(clock, 9.0), clock.read(9.0).rate) == (3, 0)
    clock.play(1, 9.0)
    assert at(clock, 10.0) == 4


@pytest.mark.parametrize("rate, there_s, to_s", [(1, 9.5, 60), (-1, 60.25, 10)])
def test_time_that_nobody_recorded_is_jumped_over(clock, rate, there_s, to_s):
    started(clock, there_s, rate)
    generation = clock.generation
    assert at(clock, 1.0) == pytest.approx(to_s, abs=1e-5)
    assert clock.generation > generation


def test_after_a_stop_of_the_program_it_goes_on_where_its_pictures_ended(clock):
    started(clock, 2, 1, fed_s=2.5)
    assert at(clock, 0.25) == 2.25
    # A minute in which nothing ran: as late as it may be, not a minute further.
    assert at(clock, 60.0) == 2.5 + SLACK_S
    feed(clock, 3.0)
    assert at(clock, 60.1) == pytest.approx(2.9)


def test_it_does_not_jump_where_that_is_not_wanted(clock):
    clock.skip_empty = False
    started(clock, 9.5, 1)
    assert at(clock, 1.0) == 10.5


@pytest.mark.parametrize("rate, there_s, end_s", [(1, 69.5, 70), (-1, 0.5, 0)])
@pytest.mark.parametrize("skip", [True, False])
def test_it_stops_at_the_ends(clock, rate, there_s, end_s, skip):
    clock.skip_empty = skip
    started(clock, there_s, rate)
    assert at(clock, 1.0) == pytest.approx(end_s, abs=1e-5)
    assert not clock.playing


def test_without_any_clip_it_does_not_play(clock):
    clock.lay_out([], ())
    clock.play(1, 0.0)
    clock.read(1.0)
    assert not clock.playing


def test_after_a_jump_it_waits_for_the_first_picture(clock):
    clock.play(1, 0.0)
    clock.seek(2 * S, 0.0)
    reading = clock.read(5.0)
    assert (reading.position_us, reading.is_waiting) == (2 * S, True)
    feed(clock, 3)
    assert at(clock, 5.5) == 2.5


def test_the_first_of_several_tracks_is_enough(clock):
    clock.lay_out(["a", "b"], COVERED)
    clock.seek(2 * S, 0.0)
    clock.play(1, 0.0)
    feed(clock, 9)
    assert at(clock, 4.0) == 6


@pytest.mark.parametrize("rate, limit_s", [(1, 3.3), (-1, 2.7)])
def test_it_waits_while_every_picture_is_late(clock, rate, limit_s):
    started(clock, 3, rate, fed_s=3)
    assert at(clock, 2.0) == pytest.approx(limit_s)
    assert clock.read(2.0).is_waiting
    feed(clock, 1e6 if rate > 0 else -1e6)
    assert at(clock, 3.0) == pytest.approx(limit_s + rate)


def test_one_track_that_is_late_does_not_drag_it(clock):
    clock.lay_out(["a", "b"], COVERED)
    started(clock, 3, 1)
    feed(clock, 3, key="b")
    assert at(clock, 5.0) == 8


def test_a_track_without_a_recording_does_not_count(clock):
    clock.lay_out(["a", "b"], COVERED)
    started(clock, 3, 1, fed_s=3)
    feed(clock, 60, key="b", is_empty=True)
    assert at(clock, 5.0) == pytest.approx(3.3)


def test_a_picture_that_was_late_at_once_does_not_turn_it_back(clock):
    started(clock, 3, 1, fed_s=9)
    assert at(clock, 2.0) == 5
    feed(clock, 4)
    assert at(clock, 2.5) == 5


def test_what_was_made_for_an_older_jump_is_late(clock):
    started(clock, 3, 1)
    old = clock.generation
    clock.seek(5 * S, 1.0)
    clock.fed("a", old, 9 * S)
    assert clock.is_settling


def test_new_clips_do_not_disturb_it(clock):
    started(clock, 3, 1)
    clock.lay_out(["a"], (*COVERED, (80 * S, 90 * S)))
    assert at(clock, 2.0) == 5


def test_a_track_that_comes_does_not_stop_the_others(clock):
    started(clock, 3, 1)
    clock.lay_out(["a", "b"], COVERED)
    assert at(clock, 2.0) == 5


def test_time_read_a_moment_earlier_by_another_thread_does_not_turn_it_back(clock):
    started(clock, 3, 1, now=10.0)
    assert at(clock, 9.999) == 3
