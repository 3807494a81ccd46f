import pytest

from vms_desktop.core.base.errors import Problem
from vms_desktop.core.camera.backoff import (
    ALIVE_S,
    FRESH_DELAY_S,
    FRESH_OUTAGE_S,
    HEALTHY_S,
    MOST_ASKED_S,
    Backoff,
)


def backoff(jitter=0.0):
    return Backoff(lambda: jitter)


def delays(waits, count, problem=Problem.TIMED_OUT, **options):
    """The waits after failures that follow each other."""
    now, found = 0.0, []
    for _ in range(count):
        found.append(waits.failed(problem, now, **options))
        now += found[-1]
    return found


def test_waits_grow_to_half_a_minute_and_stay_there():
    assert delays(backoff(), 8) == [1, 2, 4, 8, 15, 30, 30, 30]


def test_jitter_takes_at_most_a_fifth_off():
    assert delays(backoff(jitter=1.0), 6) == pytest.approx([0.8, 1.6, 3.2, 6.4, 12, 24])
    for wait, full in zip(delays(Backoff(), 6), [1, 2, 4, 8, 15, 30], strict=True):
        assert full * 0.8 <= wait <= full


@pytest.mark.parametrize("lived_s, next_wait", [(HEALTHY_S - 0.1, 8), (HEALTHY_S, 1)])
def test_a_healthy_minute_is_forgiving(lived_s, next_wait):
    waits = backoff()
    delays(waits, 3)
    waits.connected(100.0)
    assert waits.failed(Problem.ENDED, 100.0 + lived_s) == next_wait


@pytest.mark.parametrize("lived_s, longest_s", [(ALIVE_S, FRESH_DELAY_S), (ALIVE_S - 0.1, 30)])
def test_a_camera_that_hangs_up_again_and_again_is_never_left_alone_for_long(lived_s, longest_s):
    waits, now, found = backoff(), 0.0, []
    while now < 2 * FRESH_OUTAGE_S:
        waits.connected(now)
        now += lived_s
        found.append(waits.failed(Problem.ENDED, now, answers=True))
        now += found[-1]
    assert max(found) == longest_s


def test_a_connection_that_never_opened_is_not_healthy():
    waits = backoff()
    delays(waits, 3)
    waits.connected(100.0)
    waits.failed(Problem.ENDED, 101.0)
    assert waits.failed(Problem.REFUSED, 1000.0) == 15


def test_a_wrong_password_is_tried_three_times_and_then_once_an_hour():
    assert delays(backoff(0.5), 5, Problem.WRONG_PASSWORD) == [30, 30, 3600, 3600, 3600]


def test_a_wrong_password_is_remembered_through_other_failures():
    waits = backoff()
    delays(waits, 2, Problem.WRONG_PASSWORD)
    waits.failed(Problem.TIMED_OUT, 100.0)
    assert waits.failed(Problem.WRONG_PASSWORD, 200.0) == 3600


def test_an_edited_camera_is_tried_as_if_nothing_had_been():
    waits = backoff()
    delays(waits, 4, Problem.WRONG_PASSWORD)
    delays(waits, 4)
    waits.reset()
    assert waits.attempt == 1
    assert waits.failed(Problem.WRONG_PASSWORD, 0.0) == 30
    assert waits.failed(Problem.TIMED_OUT, 0.0) == 1


def test_a_camera_that_answers_is_tried_every_few_seconds_for_ten_minutes():
    waits, now, found = backoff(), 0.0, []
    while now < FRESH_OUTAGE_S:
        assert waits.fresh(now) is (now > 0)
        found.append(waits.failed(Problem.NO_VIDEO, now, answers=True))
        now += found[-1]
    assert found[:4] == [1, 2, 4, 4]
    assert max(found) == 4
    assert waits.failed(Problem.NO_VIDEO, now, answers=True) == 30
    assert not waits.fresh(now)


def test_every_failure_counts_as_an_attempt():
    waits = backoff()
    assert waits.attempt == 1
    waits.failed(Problem.REFUSED, 0.0)
    waits.failed(Problem.WRONG_PASSWORD, 0.0)
    assert waits.attempt == 3


def test_a_camera_without_a_place_is_asked_less_and_less_often():
    assert delays(backoff(), 7, Problem.BUSY, answers=True) == [1, 2, 4, 8, 15, 30, 30]


@pytest.mark.parametrize("asked_s, waited_s", [(0, 1), (0.5, 1), (20, 20), (86_400, MOST_ASKED_S)])
def test_a_camera_that_asks_for_time_gets_it_within_reason(asked_s, waited_s):
    assert backoff().failed(Problem.BUSY, 0.0, answers=True, retry_after_s=asked_s) == waited_s
