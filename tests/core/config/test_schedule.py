from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.zones import local_zone
from vms_desktop.core.base.errors import ConfigError, Reason
from vms_desktop.core.config.schedule import (
    WEEK_S,
    WHOLE_WEEK,
    ScheduleRange,
    WeekTimes,
    schedule_applies,
    week_of,
)

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


@pytest.mark.parametrize(
    "start, end, first_utc, minutes",
    [
        (time(23), time(6), "2026-09-06T03:00", 6 * 60),
        (time(0), time(6), "2026-09-06T04:00", 5 * 60),
        (time(0, 15), time(0, 45), None, 0),
        (time(23, 15), time(23, 45), "2026-09-06T03:15", 30),
    ],
)
def test_over_a_missing_midnight_a_range_lasts_as_long_as_its_time_is_there(
    start, end, first_utc, minutes
):
    entry = span(range(7), start, end)
    evening = datetime(2026, 9, 5, 18, tzinfo=ZoneInfo("America/Santiago")).astimezone(UTC)
    with local_zone("America/Santiago"):
        inside = [
            at
            for at in (evening + timedelta(minutes=n) for n in range(14 * 60))
            if entry.contains(at.astimezone())
        ]
    assert len(inside) == minutes
    assert not inside or f"{inside[0]:%Y-%m-%dT%H:%M}" == first_utc
    assert not inside or inside[-1] - inside[0] == timedelta(minutes=minutes - 1)


def test_no_schedule_is_at_all_times():
    assert schedule_applies((), moment(3, 12))


def test_one_range_that_applies_is_enough():
    assert schedule_applies((DAY, NIGHT), moment(0, 23))
    assert not schedule_applies((DAY, NIGHT), moment(0, 20))


@pytest.mark.parametrize(
    "days, reason", [((), Reason.EMPTY), ((7,), Reason.OUT_OF_RANGE), ((-1,), Reason.OUT_OF_RANGE)]
)
def test_a_range_is_on_days_of_the_week(days, reason):
    with pytest.raises(ConfigError) as caught:
        span(days, time(8), time(18))
    assert (caught.value.field, caught.value.reason) == ("schedule", reason)


def seconds(day, hours):
    return round((day * 24 + hours) * 3600)


def week(*spans):
    """Hours since Monday 00:00, from and to."""
    made = WeekTimes()
    for start, end in spans:
        made = made.with_span(seconds(0, start), seconds(0, end))
    return made


WORK = span(range(5), time(8), time(18))
NIGHTS = span(range(7), time(22), time(6))
WEEKEND = span({5, 6}, time(0), time(0))
ODD = span({2}, time(7, 10), time(7, 50, 30))


@pytest.mark.parametrize(
    "schedule",
    [(), (DAY,), (NIGHT,), (WHOLE,), (ROUND,), (WORK,), (NIGHTS,), (WEEKEND,), (ODD,), (DAY, ODD)],
)
def test_a_schedule_survives_the_week_it_is_painted_in(schedule):
    assert set(week_of(schedule).schedule()) == set(schedule)


@pytest.mark.parametrize(
    "schedule",
    [(NIGHTS, WEEKEND), (WORK, NIGHTS), (DAY, span({0}, time(17), time(20))), (NIGHT, WHOLE)],
)
def test_ranges_that_touch_are_said_another_way_and_mean_the_same(schedule):
    said = week_of(schedule).schedule()
    moments = [moment(day, hour, 30) for day in range(7) for hour in range(24)]
    assert [schedule_applies(said, at) for at in moments] == [
        schedule_applies(schedule, at) for at in moments
    ]
    assert week_of(said) == week_of(schedule)


@pytest.mark.parametrize(
    "before, piece, after",
    [
        (week(), (8, 9), week((8, 9))),
        (week((8, 9)), (9, 10), week((8, 10))),
        (week((8, 9), (11, 12)), (8.5, 11.5), week((8, 12))),
        (week((8, 12)), (9, 10), week((8, 12))),
        (week((0, 24)), (24, 168), WHOLE_WEEK),
    ],
)
def test_painting_joins_what_touches(before, piece, after):
    assert before.with_span(*(seconds(0, hours) for hours in piece)) == after


@pytest.mark.parametrize(
    "before, piece, after",
    [
        (week((8, 9)), (8, 9), week()),
        (week((8, 12)), (9, 10), week((8, 9), (10, 12))),
        (week((8, 9), (11, 12)), (8.5, 11.5), week((8, 8.5), (11.5, 12))),
        (week((8, 9)), (9, 12), week((8, 9))),
        (WHOLE_WEEK, (0, 168), week()),
    ],
)
def test_erasing_leaves_what_lies_around(before, piece, after):
    assert before.without_span(*(seconds(0, hours) for hours in piece)) == after


def test_an_edit_elsewhere_leaves_times_between_the_cells_as_they_are():
    painted = week_of((ODD,)).with_span(seconds(4, 22), seconds(5, 6))
    assert set(painted.schedule()) == {ODD, span({4}, time(22), time(6))}


def test_nothing_painted_is_not_always():
    nothing = WHOLE_WEEK.without_span(0, WEEK_S)
    assert nothing.is_empty
    assert not nothing.is_whole


@pytest.mark.parametrize(
    "at, expected",
    [
        ((0, 23), ((0, 22), (1, 6))),
        ((1, 5), ((0, 22), (1, 6))),
        ((1, 6), None),
        ((6, 23), ((6, 22), (7, 6))),
        ((0, 3), ((6, 22), (7, 6))),
    ],
)
def test_the_time_around_a_moment_runs_over_midnight(at, expected):
    found = week_of((NIGHTS,)).stretch_at(seconds(*at))
    assert found == (expected and tuple(seconds(*edge) for edge in expected))


def test_the_whole_week_covers_every_cell_and_a_part_only_its_own():
    assert WHOLE_WEEK.covers(seconds(3, 0), seconds(3, 0.5))
    assert week((8, 9)).covers(seconds(0, 8.5), seconds(0, 9))
    assert not week((8, 9)).covers(seconds(0, 8.5), seconds(0, 9.5))
