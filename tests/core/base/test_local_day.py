"""Local days tile time in every zone of the tz database, whatever clocks do at midnight."""

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from tests.support.zones import SECOND, different_zones, local_zone
from vms_desktop.core.base.local_day import (
    LocalDays,
    comes_twice,
    day_before,
    day_end,
    day_of,
    day_start,
    moments_of,
    offset_text,
    parts_by_day,
)

FIRST, LAST = date(2025, 1, 1), date(2027, 12, 31)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def days_from(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def assert_tiled(days: list[date], zone: ZoneInfo | None) -> None:
    """Each day ends where the next begins; its moments belong to it, its neighbours' do not."""
    starts = [day_start(day, zone) for day in [*days, days[-1] + DAY]]
    for day, (start, end) in zip(days, pairwise(starts), strict=True):
        assert start <= end, (zone, day)
        if start < end:
            # What the clock shows at both ends says it without a word of the module's own.
            assert start.astimezone(zone).date() >= day, (zone, day)
            assert (end - SECOND).astimezone(zone).date() <= day, (zone, day)
        if end - start != DAY:
            assert_round_trips(day, start, end, zone)


def assert_round_trips(day: date, start: datetime, end: datetime, zone: ZoneInfo | None) -> None:
    """A day that is no 24 h long is left and come back to in both directions."""
    if start < end:
        assert {day_of(at, zone) for at in (start, start + (end - start) / 2, end - SECOND)} == {
            day
        }, (zone, day)
        assert day_before(day_of(end, zone), zone) == day
    before = start - SECOND
    parts = list(parts_by_day(before, end + SECOND, zone))
    assert [part_start for _, part_start, _ in parts][1:] == [e for _, _, e in parts][:-1]
    assert (parts[0][1], parts[-1][2]) == (before, end + SECOND)
    assert [part_day for part_day, _, _ in parts] == sorted({part_day for part_day, _, _ in parts})


def test_days_tile_three_years_in_every_zone_of_the_world():
    zones = different_zones(
        datetime(FIRST.year, 1, 1, tzinfo=UTC) - DAY, datetime(LAST.year + 1, 1, 2, tzinfo=UTC)
    )
    assert len(available_timezones()) > 300
    assert len(zones) > 50
    days = days_from(FIRST, LAST)
    for zone in zones.values():
        assert_tiled(days, zone)


ODD_NIGHTS = [
    ("Africa/Cairo", date(2026, 4, 24), 23, "01:00"),
    ("America/Asuncion", date(2023, 10, 1), 23, "01:00"),
    ("America/Havana", date(2026, 3, 8), 23, "01:00"),
    ("America/Havana", date(2026, 11, 1), 25, "00:00"),
    ("America/Nuuk", date(2026, 3, 28), 23, "00:00"),
    ("America/Santiago", date(2026, 9, 6), 23, "01:00"),
    ("America/Santiago", date(2026, 4, 4), 25, "00:00"),
    ("America/Sao_Paulo", date(2018, 11, 4), 23, "01:00"),
    ("America/Scoresbysund", date(2026, 10, 24), 25, "00:00"),
    ("America/St_Johns", date(2010, 11, 6), 25, "00:00"),
    ("America/St_Johns", date(2010, 11, 7), 24, "00:00"),
    ("America/St_Johns", date(2010, 3, 14), 23, "00:00"),
    ("America/Toronto", date(1919, 3, 31), 23.5, "00:30"),
    ("America/Juneau", date(1867, 10, 18), 48, "00:00"),
    ("Antarctica/Troll", date(2026, 3, 29), 22, "00:00"),
    ("Asia/Amman", date(2022, 2, 25), 23, "01:00"),
    ("Asia/Beirut", date(2026, 3, 29), 23, "01:00"),
    ("Asia/Gaza", date(2012, 3, 30), 23, "01:00"),
    ("Asia/Tehran", date(2022, 3, 22), 23, "01:00"),
    ("Atlantic/Azores", date(2026, 3, 29), 23, "01:00"),
    ("Atlantic/Azores", date(2026, 10, 25), 25, "00:00"),
    ("Australia/Lord_Howe", date(2026, 10, 4), 23.5, "00:00"),
    ("Australia/Lord_Howe", date(2026, 4, 5), 24.5, "00:00"),
    ("Europe/Paris", date(2026, 10, 25), 25, "00:00"),
    ("Pacific/Apia", date(2011, 12, 29), 24, "00:00"),
    ("Pacific/Apia", date(2011, 12, 30), 0, "00:00"),
    ("Pacific/Apia", date(2011, 12, 31), 24, "00:00"),
    ("Pacific/Kwajalein", date(1993, 8, 21), 0, "00:00"),
    ("Pacific/Kwajalein", date(1969, 9, 30), 47, "00:00"),
]


@pytest.mark.parametrize("name, day, hours, begins", ODD_NIGHTS)
def test_a_day_begins_at_the_first_moment_that_exists(name, day, hours, begins):
    zone = ZoneInfo(name)
    start, end = day_start(day, zone), day_end(day, zone)
    assert ((end - start) / HOUR, f"{start:%H:%M}") == (hours, begins)
    assert_tiled(days_from(day - 3 * DAY, day + 3 * DAY), zone)


@pytest.mark.parametrize("name", sorted({name for name, *_ in ODD_NIGHTS}))
def test_the_systems_own_zone_gives_the_same_days(name):
    for odd, day, *_ in ODD_NIGHTS:
        if odd == name:
            days = days_from(day - 3 * DAY, day + 3 * DAY)
            expected = [day_start(each, ZoneInfo(name)) for each in days]
            with local_zone(name):
                assert [day_start(each) for each in days] == expected
                assert_tiled(days, None)


@pytest.mark.parametrize("name, day", sorted({(name, day) for name, day, *_ in ODD_NIGHTS}))
def test_the_days_of_many_moments_are_those_of_each(name, day):
    zone = ZoneInfo(name)
    start = day_start(day, zone) - DAY
    moments = [start + number * timedelta(minutes=20) for number in range(3 * 72)]
    days = LocalDays(zone)
    assert [days.of(at) for at in moments] == [day_of(at, zone) for at in moments]
    assert [days.of(at) for at in reversed(moments)] == [day_of(at, zone) for at in moments][::-1]


def test_a_span_over_a_missing_midnight_has_a_part_for_each_day():
    start = datetime(2026, 9, 5, 22, tzinfo=UTC)
    parts = list(parts_by_day(start, start + 2 * DAY, ZoneInfo("America/Santiago")))
    assert [(day.day, (end - begin) / HOUR) for day, begin, end in parts] == [
        (5, 6),
        (6, 23),
        (7, 19),
    ]


def test_a_day_that_was_left_out_has_no_part_and_is_no_neighbour():
    zone, start = ZoneInfo("Pacific/Apia"), datetime(2011, 12, 30, 5, tzinfo=UTC)
    assert [day.day for day, *_ in parts_by_day(start, start + DAY, zone)] == [29, 31]
    assert day_before(date(2011, 12, 31), zone) == date(2011, 12, 29)


def test_a_span_without_time_or_with_less_has_no_part():
    at = datetime(2026, 9, 6, tzinfo=UTC)
    assert list(parts_by_day(at, at)) == []
    assert list(parts_by_day(at, at - DAY)) == []


def test_what_comes_of_a_day_counts_the_time_that_passes():
    zone = ZoneInfo("Europe/Paris")
    later = day_start(date(2026, 10, 25), zone) + 24 * HOUR
    assert later < day_end(date(2026, 10, 25), zone)
    assert (day_end(date(2026, 10, 25), zone) - later) == HOUR


@pytest.mark.parametrize(
    "name, clock, expected",
    [
        ("Europe/Paris", "2026-10-25 02:30", ["2026-10-25 02:30+02:00", "2026-10-25 02:30+01:00"]),
        ("Europe/Paris", "2026-10-25 03:00", ["2026-10-25 03:00+01:00"]),
        ("Europe/Paris", "2026-03-29 02:30", ["2026-03-29 03:30+02:00"]),
        ("America/Santiago", "2026-09-06 00:00", ["2026-09-06 01:00-03:00"]),
        (
            "Atlantic/Azores",
            "2026-10-25 00:00",
            ["2026-10-25 00:00+00:00", "2026-10-25 00:00-01:00"],
        ),
        (
            "Australia/Lord_Howe",
            "2026-04-05 01:45",
            ["2026-04-05 01:45+11:00", "2026-04-05 01:45+10:30"],
        ),
    ],
)
def test_a_clock_time_is_one_moment_or_two(name, clock, expected):
    zone = ZoneInfo(name)
    found = moments_of(datetime.fromisoformat(clock), zone)
    assert [f"{at:%Y-%m-%d %H:%M}{at.isoformat()[-6:]}" for at in found] == expected
    assert {comes_twice(at, zone) for at in found} == {len(expected) == 2}


@pytest.mark.parametrize(
    "offset, told", [(2, "+2"), (-4, "−4"), (5.5, "+5:30"), (0, "+0"), (-3.5, "−3:30")]
)
def test_the_distance_to_utc_is_told_as_short_as_it_can_be(offset, told):
    at = datetime.fromisoformat("2026-01-01T00:00+00:00").astimezone(
        timezone(timedelta(hours=offset))
    )
    assert offset_text(at) == told
