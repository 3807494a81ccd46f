"""Watches whether a camera's clock keeps step with arrival.

A packet can be late by any length, and is never early. So of every stretch of
arrival the packet that is furthest ahead was delayed least, and two of those
tell how fast the clock runs, whatever the network did to the others.
"""

from collections import deque
from itertools import islice
from math import inf
from operator import attrgetter
from typing import NamedTuple

# Right after PLAY a camera sends what it kept, seconds of it at once: that is no fast clock.
CLOCK_SETTLE_S = 2.0
STRETCH_S = 1.0
# So many stretches are compared: the first half with the second. The long view sees the rest.
SHORT, LONG = 12, 60
# A clock that departs by more than this share is wrong.
TOLERANCE = 0.05
# Arrival is uncertain by this much, and by the longest pause between two packets.
SLACK_S = 0.5
LONGEST_PAUSE_S = 10.0

_FEWEST, _FEWEST_STANDING = 5, 3
_STANDS = 0.9  # Of the time that passes, so much is missing where a clock stands.
_CALM = 0.4  # A clock keeps step once it departs by no more than this share of what is allowed.
_RECENT = 6
_FORGOTTEN = 0.97  # A pause counts for less with each stretch: for half after some 25 s.


class _Lead(NamedTuple):
    """The packet of a stretch that was furthest ahead: when it came, and by how much."""

    at: float
    lead_s: float


class ClockWatch:
    """Compares media time with that of arrival, packet by packet.

    Args:
        settle_s: How long the first stretch is.

    Attributes:
        lead_s: By how much media time is ahead of arrival where nothing delays it.
        speed: That of the clock, as last measured; 1 is right.
        departs: Whether the clock is wrong, as of the last whole stretch.
        is_calm: Whether it clearly keeps step.
    """

    def __init__(self, settle_s: float = CLOCK_SETTLE_S) -> None:
        self._settle_s = settle_s
        self._pause_s = 0.0
        self._last: float | None = None
        self.speed = 1.0
        self.restart()

    def restart(self) -> None:
        """Forget what was measured: media time goes on elsewhere."""
        self._leads: deque[_Lead] = deque(maxlen=LONG)
        self._best = _Lead(0.0, -inf)
        self._until: float | None = None
        self.lead_s = -inf
        self.departs = self.is_calm = False

    @property
    def slack_s(self) -> float:
        """By how much a good clock may seem off."""
        return SLACK_S + self._pause_s

    def seen(self, media_s: float, now: float) -> bool:
        """A packet came; True where that ended a stretch, and the judgement is a new one."""
        if self._last is not None and now - self._last > self._pause_s:
            self._pause_s = min(now - self._last, LONGEST_PAUSE_S)
        self._last = now
        lead_s = media_s - now
        if lead_s > self.lead_s:
            self.lead_s = lead_s
        if self._until is None:
            self._until = now + max(self._settle_s, STRETCH_S)
        is_whole = now >= self._until
        if is_whole:
            self._end_stretch(now)
        if lead_s > self._best.lead_s:
            self._best = _Lead(now, lead_s)
        return is_whole

    def _end_stretch(self, now: float) -> None:
        self._leads.append(self._best)
        self.lead_s = max(each.lead_s for each in islice(reversed(self._leads), _RECENT))
        self._best = _Lead(now, -inf)
        self._until = now + max(STRETCH_S, 2 * self._pause_s)
        self._pause_s *= _FORGOTTEN
        short, long = self._departure(SHORT), self._departure(LONG)
        self.departs = max(short, long) > 1
        self.is_calm = len(self._leads) >= SHORT and max(short, long) < _CALM

    def _departure(self, count: int) -> float:
        """The clock's departure over so many stretches, as a share of what is allowed."""
        leads = list(self._leads)[-count:]
        if len(leads) < _FEWEST_STANDING:
            return 0.0
        middle = len(leads) // 2
        older, newer = (
            max(half, key=attrgetter("lead_s")) for half in (leads[:middle], leads[middle:])
        )
        passed_s, gained_s = newer.at - older.at, newer.lead_s - older.lead_s
        last_s, lately_s = leads[-1].at - leads[-2].at, leads[-1].lead_s - leads[-2].lead_s
        if gained_s > 0 and lately_s / last_s < gained_s / passed_s / 2:
            return 0.0  # It has caught up.
        if len(leads) < _FEWEST and gained_s > -_STANDS * passed_s:
            return 0.0
        self.speed = 1 + gained_s / passed_s
        return abs(gained_s) / (TOLERANCE * passed_s + self.slack_s)
