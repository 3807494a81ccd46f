from datetime import datetime, time

import pytest

from vms_desktop.core.errors import ConfigError, Reason
from vms_desktop.core.schedule import ScheduleRange, applies

MONDAY = 2  # 2 March 2026


def moment(day, hour, minute=0):
    return datetime(2026, 3, MONDAY + day, hour, minute).astimezone()


def span(days, start, end):
    return ScheduleRange(days=frozenset(days), start=start, end=end)


DAY = span({0}, time(8), time(18))
NIGHT = span({0}, time(22), time(6))
WHOLE = span({0}, time(0), time(0))
ROUND = span({6}, time(8), time(8))


@pytest.mark.parametrize(
    "entry, day, hour, inside",
    [
        (DAY, 0, 8, True),
        (DAY, 0, 17, True),
        (DAY, 0, 18, False),
        (DAY, 0, 7, False),
        (DAY, 1, 12, False),
        (NIGHT, 0, 22, True),
        (NIGHT, 0, 23, True),
        (NIGHT, 1, 0, True),
        (NIGHT, 1, 5, True),
        (NIGHT, 1, 6, False),
        (NIGHT, 0, 5, False),
        (NIGHT, 1, 22, False),
        (WHOLE, 0, 0, True),
        (WHOLE, 0, 23, True),
        (WHOLE, 1, 0, False),
        (ROUND, 6, 8, True),
        (ROUND, 7, 7, True),  # Monday again: the range runs over Sunday's midnight.
        (ROUND, 7, 8, False),
    ],
)
def test_a_range_contains_its_start_and_not_its_end_and_may_run_over_midnight(
    entry, day, hour, inside
):
    assert entry.contains(moment(day, hour)) is inside


def test_no_schedule_is_at_all_times():
    assert applies((), moment(3, 12))


def test_one_range_that_applies_is_enough():
    assert applies((DAY, NIGHT), moment(0, 23))
    assert not applies((DAY, NIGHT), moment(0, 20))


@pytest.mark.parametrize(
    "days, reason", [((), Reason.EMPTY), ((7,), Reason.OUT_OF_RANGE), ((-1,), Reason.OUT_OF_RANGE)]
)
def test_a_range_is_on_days_of_the_week(days, reason):
    with pytest.raises(ConfigError) as caught:
        span(days, time(8), time(18))
    assert (caught.value.field, caught.value.reason) == ("schedule", reason)
