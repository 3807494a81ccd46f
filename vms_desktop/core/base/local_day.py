"""Local days, from where they begin to where they end: the one place that works it out.

Clocks go forward at midnight in Santiago, Cairo, Beirut, Havana and on the Azores: such a
day begins at 01:00. Days last 23, 24 or 25 hours, 24½ on Lord Howe, and Samoa had one of
none. So a day begins at the first moment after which its eve never comes again, and the
next one begins where it ends: days tile time.

`zone` None is the system's, here and below. What is answered has a fixed offset, so that
its arithmetic counts the time that really passes (with a `ZoneInfo` it would be the clock's).
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


def day_start(day: date, zone: tzinfo | None = None) -> datetime:
    """The moment at which a local day begins: midnight, or the first moment that exists."""
    midnight = datetime.combine(day, time())
    first_s, second_s = _readings(midnight, zone)
    if first_s > second_s:  # No clock shows it: it lies between the two readings (PEP 495).
        seconds = range(int(second_s), int(first_s))
        number = bisect_left(seconds, True, key=lambda at_s: _local(at_s, zone).date() >= day)
        first_s = second_s + number
    elif first_s < second_s and _local(second_s - 1, zone).date() < day:
        first_s = second_s  # Clocks went back over midnight: the eve came again.
    return _fixed(first_s, zone)


def day_end(day: date, zone: tzinfo | None = None) -> datetime:
    """The moment at which a local day is over: the next one's start."""
    return day_start(day + _DAY, zone)


def day_of(at: datetime, zone: tzinfo | None = None) -> date:
    """The local day to which an aware moment belongs.

    It is the one that the clock shows, but for the first minutes of a midnight that comes
    twice with a piece of the eve between (St. John's until 2011): still the eve.
    """
    day = at.astimezone(zone).date()
    while at.timestamp() < day_start(day, zone).timestamp():
        day -= _DAY
    return day


class LocalDays:
    """The days of many moments; quick while they lie in the same one."""

    def __init__(self, zone: tzinfo | None = None) -> None:
        self._zone = zone
        self._day = date.min
        self._start = self._end = datetime.min.replace(tzinfo=UTC)

    def of(self, at: datetime) -> date:
        """The local day to which an aware moment belongs."""
        if not self._start <= at < self._end:
            self._day = day_of(at, self._zone)
            self._start, self._end = (
                day_start(self._day, self._zone),
                day_end(self._day, self._zone),
            )
        return self._day


def day_before(day: date, zone: tzinfo | None = None) -> date:
    """The last day before this one that has any time in it."""
    return day_of(day_start(day, zone) - _MOMENT, zone)


def parts_by_day(
    start_at: datetime, end_at: datetime, zone: tzinfo | None = None
) -> Iterator[tuple[date, datetime, datetime]]:
    """The local days of a span, each with the part that lies in it, in UTC, in order."""
    start_at, end_at = start_at.astimezone(UTC), end_at.astimezone(UTC)
    day = day_of(start_at, zone)
    while start_at < end_at:
        until = min(end_at, day_end(day, zone))
        if start_at < until:
            yield day, start_at, until
            start_at = until
        day += _DAY  # Whatever the clocks do, the days come to an end.


def moments_of(clock: datetime, zone: tzinfo | None = None) -> tuple[datetime, ...]:
    """The moments at which local clocks show a naive time: one, or two in their order.

    A time that no clock shows is read as if they had not gone forward: 00:30 is 01:30.
    """
    first_s, second_s = _readings(clock, zone)
    found = (first_s, second_s) if first_s < second_s else (first_s,)
    return tuple(_fixed(at_s, zone) for at_s in found)


def comes_twice(at: datetime, zone: tzinfo | None = None) -> bool:
    """True if local clocks show the time of a moment at another moment too."""
    return len(moments_of(at.astimezone(zone).replace(tzinfo=None), zone)) > 1


def offset_text(at: datetime) -> str:
    """The distance of an aware time to UTC, as short as it can be told: +2, −4, +5:30."""
    offset = at.utcoffset()
    assert offset is not None
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'−' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def _readings(clock: datetime, zone: tzinfo | None) -> tuple[float, float]:
    """Both readings of a clock in s since 1970, as PEP 495 has them.

    Alike, in order where it is shown twice, the later one first where it is never shown.
    """
    return (
        clock.replace(tzinfo=zone, fold=0).timestamp(),
        clock.replace(tzinfo=zone, fold=1).timestamp(),
    )


def _local(at_s: float, zone: tzinfo | None) -> datetime:
    return datetime.fromtimestamp(at_s, UTC).astimezone(zone)


def _fixed(at_s: float, zone: tzinfo | None) -> datetime:
    local = _local(at_s, zone)
    offset = local.utcoffset()
    assert offset is not None
    return local.replace(tzinfo=timezone(offset), fold=0)
