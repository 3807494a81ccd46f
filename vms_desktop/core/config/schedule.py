"""Schedules: the ranges of local time in a week at which a camera's recording mode applies."""

import itertools
from dataclasses import dataclass
from datetime import datetime, time

from vms_desktop.core.base import ConfigError, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRange:
    """A range from one time of day to another, on some days (0 = Monday).

    A range whose end is not after its start runs over midnight into the next day.
    """

    days: frozenset[int]
    start: time
    end: time

    def __post_init__(self) -> None:
        if not self.days:
            raise ConfigError("schedule", Reason.EMPTY)
        if not self.days <= frozenset(range(7)):
            raise ConfigError("schedule", Reason.OUT_OF_RANGE)

    def contains(self, at: datetime) -> bool:
        """True if local time `at` lies inside."""
        day, moment = at.weekday(), at.time()
        if self.start < self.end:
            return day in self.days and self.start <= moment < self.end
        since_start = day in self.days and moment >= self.start
        after_midnight = (day - 1) % 7 in self.days and moment < self.end
        return since_start or after_midnight


def schedule_applies(schedule: tuple[ScheduleRange, ...], at: datetime) -> bool:
    """True if the recording mode applies at local time `at`; no schedule means always."""
    return not schedule or any(entry.contains(at) for entry in schedule)


DAY_S = 86_400
WEEK_S = 7 * DAY_S


@dataclass(frozen=True, slots=True)
class WeekTimes:
    """A part of the week, to the second.

    Attributes:
        spans: Disjoint pieces in order, each from and to in s since Monday 00:00.
    """

    spans: tuple[tuple[int, int], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it is no time at all."""
        return not self.spans

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole week."""
        return self.spans == ((0, WEEK_S),)

    def with_span(self, start_s: int, end_s: int) -> "WeekTimes":
        """The same with a piece more."""
        joined: list[tuple[int, int]] = []
        for start, end in sorted((*self.spans, (start_s, end_s))):
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        return WeekTimes(tuple(joined))

    def without_span(self, start_s: int, end_s: int) -> "WeekTimes":
        """The same with a piece taken out."""
        left = [(start, min(end, start_s)) for start, end in self.spans]
        right = [(max(start, end_s), end) for start, end in self.spans]
        return WeekTimes(tuple(sorted((a, b) for a, b in left + right if a < b)))

    def covers(self, start_s: int, end_s: int) -> bool:
        """True if a piece of the week lies inside, from its start to its end."""
        return any(start <= start_s and end_s <= end for start, end in self.spans)

    def stretch_at(self, at_s: int) -> tuple[int, int] | None:
        """The unbroken time around a moment; its end may lie in the next week."""
        for start, end in self._stretches():
            if start <= at_s < end or start <= at_s + WEEK_S < end:
                return start, end
        return None

    def _stretches(self) -> tuple[tuple[int, int], ...]:
        """The pieces, that around Sunday's midnight as one."""
        if self.is_empty or self.is_whole:
            return self.spans
        first, last = self.spans[0], self.spans[-1]
        if first[0] != 0 or last[1] != WEEK_S:
            return self.spans
        return (*self.spans[1:-1], (last[0], WEEK_S + first[1]))

    def schedule(self) -> tuple[ScheduleRange, ...]:
        """The ranges that say the same; the whole week is no range, as in `cameras.json`.

        Days that are alike share a range. No time at all cannot be said by a
        schedule: it has no ranges either, so look at `is_empty` first.
        """
        if self.is_whole:
            return ()
        days: dict[tuple[int, int], set[int]] = {}
        for stretch in self._stretches():
            for start, end in _within_a_day(*stretch):
                day, since_s = divmod(start, DAY_S)
                days.setdefault((since_s, (end - 1) % DAY_S + 1), set()).add(day % 7)
        ranges = sorted(days.items(), key=lambda entry: (min(entry[1]), entry[0]))
        return tuple(
            ScheduleRange(days=frozenset(on), start=_time_of(start), end=_time_of(end))
            for (start, end), on in ranges
        )


WHOLE_WEEK = WeekTimes(((0, WEEK_S),))


def week_of(schedule: tuple[ScheduleRange, ...]) -> WeekTimes:
    """The part of the week in which a schedule applies."""
    if not schedule:
        return WHOLE_WEEK
    week = WeekTimes()
    for entry in schedule:
        start_s, end_s = second_of_day(entry.start), second_of_day(entry.end)
        length_s = (end_s - start_s - 1) % DAY_S + 1
        for day in entry.days:
            start = day * DAY_S + start_s
            week = week.with_span(start, min(WEEK_S, start + length_s))
            if start + length_s > WEEK_S:
                week = week.with_span(0, start + length_s - WEEK_S)
    return week


def _within_a_day(start_s: int, end_s: int) -> list[tuple[int, int]]:
    """A stretch as pieces that one range can say: one over midnight stays whole up to 24 h."""
    if end_s - start_s <= DAY_S:
        return [(start_s, end_s)]
    midnights = range((start_s // DAY_S + 1) * DAY_S, end_s, DAY_S)
    edges = [start_s, *midnights, end_s]
    return list(itertools.pairwise(edges))


def second_of_day(moment: time) -> int:
    """The second of its day at which a time of day begins."""
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def _time_of(second_s: int) -> time:
    """A time of day; 24:00 is written as the midnight that it is."""
    minutes, seconds = divmod(second_s % DAY_S, 60)
    return time(*divmod(minutes, 60), seconds)
