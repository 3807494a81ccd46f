"""The process in another time zone, and all zones that there are."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)


@contextmanager
def local_zone(name: str) -> Iterator[None]:
    """Have the process live there for a while."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", name)
        time.tzset()
        try:
            yield
        finally:
            patch.undo()
            time.tzset()


def different_zones(first: datetime, last: datetime) -> dict[str, ZoneInfo]:
    """One zone for each way in which clocks go during a span, of all in the tz database."""
    ways = {clock_changes(ZoneInfo(name), first, last): name for name in available_timezones()}
    return {name: ZoneInfo(name) for name in sorted(ways.values())}


def clock_changes(
    zone: ZoneInfo, first: datetime, last: datetime
) -> tuple[tuple[datetime, timedelta], ...]:
    """From when on a zone has which distance to UTC; no two changes lie in one week."""
    at = first.astimezone(UTC)
    changes = [(at, _offset(at, zone))]
    while at < last:
        if _offset(at + WEEK, zone) != _offset(at, zone):
            change_at = _change(at, at + WEEK, zone)
            changes.append((change_at, _offset(change_at, zone)))
        at += WEEK
    return tuple(changes)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    offset = _offset(before, zone)
    while after - before > SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        before, after = (middle, after) if _offset(middle, zone) == offset else (before, middle)
    return after


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    return offset
