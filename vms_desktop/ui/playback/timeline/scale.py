"""The arithmetic of a timeline: the part of a day that is seen, and the places of clock times.

Pure: no widget, no clip. Moments are seconds since 1970 in UTC (`_s`), so that a day has
the 23, 24 or 25 hours that really pass; only labels are local time.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from itertools import pairwise
from typing import NamedTuple

from vms_desktop.core.base import day_of, day_start, offset_text

# Nothing shorter than a minute is shown across the whole width.
SHORTEST_S = 60.0
STEPS_S = (
    *(1, 2, 5, 10, 15, 30),
    *(60 * minutes for minutes in (1, 2, 5, 10, 15, 30)),
    *(3600 * hours for hours in (1, 2, 3, 6, 12, 24)),
)
HOUR_S = 3600
DAY_S = 86_400
CLOSE_S = HOUR_S
# A day whose clips all lie within `CLOSE_S` is seen close: there is room for as much again.
CLOSEST_S = HOUR_S / 2
# The world's clocks change at quarters of an hour in UTC.
_LOOK_S = 900


@dataclass(frozen=True, slots=True)
class TimeView:
    """A part of a span, on so many logical pixels. Never outside the span, never too short."""

    first_s: float
    last_s: float
    start_s: float
    end_s: float
    width_px: float

    @classmethod
    def whole(cls, first_s: float, last_s: float, width_px: float) -> "TimeView":
        """All of a span."""
        return cls(first_s, last_s, first_s, last_s, max(1.0, width_px))

    @property
    def length_s(self) -> float:
        """The time that is seen."""
        return self.end_s - self.start_s

    @property
    def px_per_s(self) -> float:
        """The scale."""
        return self.width_px / self.length_s

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the span is out of sight."""
        return self.length_s >= self.last_s - self.first_s

    def x_of(self, at_s: float) -> float:
        """The place of a moment, from the left edge."""
        return (at_s - self.start_s) * self.px_per_s

    def at(self, x_px: float) -> float:
        """The moment of a place, also of one beyond the edges, but not beyond the span."""
        return self.held(self.start_s + x_px / self.px_per_s)

    def held(self, at_s: float) -> float:
        """The moment, or the nearest one of the span."""
        return min(self.last_s, max(self.first_s, at_s))

    def shows(self, at_s: float) -> bool:
        """Whether a moment is in sight."""
        return self.start_s <= at_s <= self.end_s

    def zoomed(self, factor: float, about_s: float) -> "TimeView":
        """`factor` times as large; what stands at `about_s` stays where it is, if it can."""
        whole_s = self.last_s - self.first_s
        length_s = min(whole_s, max(min(SHORTEST_S, whole_s), self.length_s / factor))
        share = (about_s - self.start_s) / self.length_s
        return self._at(about_s - share * length_s, length_s)

    def panned(self, by_s: float) -> "TimeView":
        """The same length, later (or earlier, below zero)."""
        return self._at(self.start_s + by_s, self.length_s)

    def centred(self, at_s: float) -> "TimeView":
        """The same length around a moment."""
        return self._at(at_s - self.length_s / 2, self.length_s)

    def closing_in(self, first_s: float, last_s: float) -> "TimeView":
        """Twice a stretch of an hour at most, but at least half of one; all for a longer one."""
        if last_s - first_s > CLOSE_S:
            return self
        length_s = max(CLOSEST_S, 2 * (last_s - first_s))
        return self.zoomed(self.length_s / length_s, first_s).centred((first_s + last_s) / 2)

    def reaching(self, at_s: float, margin: float = 0.0) -> "TimeView":
        """Panned just so far that a moment is in sight, that share of the width from the edge."""
        if self.shows(at_s):
            return self
        room_s = self.length_s * margin
        start_s = at_s - room_s if at_s < self.start_s else at_s + room_s - self.length_s
        return self._at(start_s, self.length_s)

    def following(self, at_s: float) -> "TimeView":
        """As if a page were turned: a moment that has left to the right comes in at the left."""
        if self.shows(at_s):
            return self
        share = 0.1 if at_s > self.end_s else 0.9
        return self._at(at_s - share * self.length_s, self.length_s)

    def resized(self, width_px: float) -> "TimeView":
        """The same time on another width."""
        return replace(self, width_px=max(1.0, width_px))

    def _at(self, start_s: float, length_s: float) -> "TimeView":
        start_s = max(self.first_s, min(self.last_s - length_s, start_s))
        return replace(self, start_s=start_s, end_s=start_s + length_s)


class Stretch(NamedTuple):
    """Time during which the clocks keep one distance to UTC."""

    start_s: float
    end_s: float
    offset_s: int


class DayClock:
    """The local time of a span; `zone` None is the system's."""

    def __init__(self, first_s: float, last_s: float, zone: tzinfo | None) -> None:
        self._zone = zone
        self.first_s, self.last_s = first_s, last_s
        self.stretches = tuple(self._stretches())

    def local(self, at_s: float) -> datetime:
        """A moment as an aware local time."""
        return datetime.fromtimestamp(at_s, UTC).astimezone(self._zone)

    def is_day_start(self, at_s: float) -> bool:
        """Whether a local day begins at a moment."""
        day = day_of(self.local(at_s), self._zone)
        return day_start(day, self._zone).timestamp() == at_s

    def repeats(self) -> list[tuple[float, float, float]]:
        """First pass, second pass and end of the second, of hours that come twice."""
        found = []
        for before, after in pairwise(self.stretches):
            back_s, at_s = before.offset_s - after.offset_s, after.start_s
            if back_s > 0:
                found.append((at_s - back_s, at_s, at_s + back_s))
        return found

    def _offset(self, at_s: float) -> int:
        offset = self.local(at_s).utcoffset()
        assert offset is not None
        return round(offset.total_seconds())

    def _stretches(self) -> list[Stretch]:
        marks = [self.first_s]
        at_s = math.floor(self.first_s / _LOOK_S) * _LOOK_S + _LOOK_S
        while at_s < self.last_s:
            if self._offset(at_s) != self._offset(marks[-1]):
                marks.append(at_s)
            at_s += _LOOK_S
        return [Stretch(a, b, self._offset(a)) for a, b in pairwise([*marks, self.last_s])]


class Tick(NamedTuple):
    """A mark of the ruler.

    Attributes:
        pass_number: 1 or 2 in time that comes twice, else 0.
    """

    at_s: float
    text: str
    pass_number: int = 0


def step_s(view: TimeView, room_px: Callable[[bool], float]) -> int:
    """The smallest step whose labels have room; `room_px(with_seconds)` is what one needs."""
    for step in STEPS_S:
        if step * view.px_per_s >= room_px(step < 60):
            return step
    return STEPS_S[-1]


def ticks(view: TimeView, clock: DayClock, step: int) -> list[Tick]:
    """The marks in sight at whole multiples of the step in local time, in order.

    An hour that comes twice is marked at both beginnings, whatever the step, and so is
    the beginning of a day.
    """
    moments = {
        at_s
        for stretch in clock.stretches
        for at_s in _regular(view, stretch, step)
        if at_s < stretch.end_s or at_s == clock.last_s
    }
    passes = clock.repeats()
    moments |= {at_s for repeat in passes for at_s in repeat[:2] if view.shows(at_s)}
    if view.shows(clock.first_s) and clock.is_day_start(clock.first_s):
        moments.add(clock.first_s)
    return [_tick(at_s, clock, step, passes) for at_s in sorted(moments)]


def _regular(view: TimeView, stretch: Stretch, step: int) -> list[float]:
    start_s, end_s = max(view.start_s, stretch.start_s), min(view.end_s, stretch.end_s)
    first = math.ceil((start_s + stretch.offset_s) / step) * step - stretch.offset_s
    return [first + n * step for n in range(math.floor((end_s - first) / step) + 1)]


def _tick(
    at_s: float, clock: DayClock, step: int, passes: list[tuple[float, float, float]]
) -> Tick:
    local = clock.local(at_s)
    text = f"{local:%H:%M:%S}" if step < 60 else f"{local:%H:%M}"
    for first_s, second_s, end_s in passes:
        if first_s <= at_s < end_s:
            return Tick(at_s, f"{text} {offset_text(local)}", 1 if at_s < second_s else 2)
    if at_s == clock.last_s and clock.is_day_start(at_s):  # Whatever the next day begins with.
        text = "24:00:00" if step < 60 else "24:00"
    return Tick(at_s, text)


class Label(NamedTuple):
    """A tick with the left edge of its text."""

    tick: Tick
    left_px: float
    width_px: float


def labels(
    found: list[Tick], view: TimeView, width_of: Callable[[str], float], gap_px: float
) -> list[Label]:
    """The labels that do not touch; where they would, an hour that comes twice goes first.

    Its two labels look away from each other, since at the scale of a day they stand close.
    """
    taken: list[Label] = []
    for tick in sorted(found, key=lambda tick: (tick.pass_number == 0, tick.at_s)):
        width = width_of(tick.text)
        lead = {0: width / 2, 1: width - gap_px / 2, 2: gap_px / 2}[tick.pass_number]
        left = max(0.0, min(view.width_px - width, view.x_of(tick.at_s) - lead))
        label = Label(tick, left, width)
        if all(_apart(label, other, gap_px) for other in taken):
            taken.append(label)
    return sorted(taken, key=lambda label: label.left_px)


def _apart(one: Label, other: Label, gap_px: float) -> bool:
    first, second = sorted((one, other), key=lambda label: label.left_px)
    gap = gap_px / 2 if first.tick.pass_number and second.tick.pass_number else gap_px
    return first.left_px + first.width_px + gap <= second.left_px
