"""Time in which nothing ran: the machine slept, or the program was stopped.

Every thread that reads a camera looks several times a second, and one beat a
second comes besides. A hole as long as `STILL_S` in all of them is no busy thread.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple

from vms_desktop.core.base.clock import Clock

log = logging.getLogger(__name__)

# Nobody looked for so long: less is a hiccup, which buffers bridge.
STILL_S = 5.0
# The least of a hiccup, half a beat more than one: what no thread read meanwhile was no silence.
HICCUP_S = 1.5
SLEEP_BEAT_S = 1.0


@dataclass(frozen=True, slots=True)
class Sleep:
    """Time that passed without this program.

    Attributes:
        began_at, ended_at: By the wall clock.
        ended: In monotonic s.
        hidden_s: How much of it monotonic time does not know: all of a suspend on Linux
            and macOS, nothing where the process alone was stopped.
    """

    began_at: datetime
    ended_at: datetime
    ended: float
    hidden_s: float


class Hiccup(NamedTuple):
    """Time in which nobody looked, in monotonic s."""

    began: float
    ended: float


class _Reading(NamedTuple):
    """All clocks at one moment."""

    elapsed: float
    monotonic: float
    at: datetime


class SleepWatch:
    """Notices sleeps; any thread may look, and each look says that the program runs.

    Args:
        still_s: How long nobody must have looked.

    Attributes:
        newest: The last sleep that was noticed; each is an object of its own.
        hiccup: The last time in which nobody looked, too short for a sleep or not.
    """

    def __init__(self, clock: Clock | None = None, still_s: float = STILL_S) -> None:
        self._clock = clock or Clock()
        self._still_s = still_s
        self._lock = Lock()
        self._reading = self._read()
        self._looked = self._woke = self._reading.elapsed
        self.newest: Sleep | None = None
        self.hiccup = Hiccup(float("-inf"), float("-inf"))

    def look(self) -> Sleep | None:
        """The newest sleep, if one has just ended that one."""
        # Without the lock: this runs with every packet. A thread that was stopped in here
        # may set the look back; `_wake` knows better.
        elapsed = self._clock.elapsed()
        still_s = elapsed - self._looked
        if still_s >= HICCUP_S:
            now = self._clock.monotonic()
            self.hiccup = Hiccup(now - still_s, now)
        if still_s >= self._still_s:
            self._wake()
        else:
            self._looked = elapsed
        return self.newest

    def beat(self) -> None:
        """Look, and remember the wall's time. Every `SLEEP_BEAT_S`."""
        self.look()
        self._reading = self._read()

    def _wake(self) -> None:
        with self._lock:
            now, before = self._read(), self._reading
            looked = max(self._looked, self._woke)
            self._looked = now.elapsed
            if now.elapsed - looked < self._still_s:
                return  # Another thread has noticed.
            self._woke, self._reading = now.elapsed, now
            began_at = before.at + timedelta(seconds=max(0.0, looked - before.elapsed))
            hidden_s = (now.elapsed - before.elapsed) - (now.monotonic - before.monotonic)
            self.newest = Sleep(began_at, now.at, now.monotonic, max(0.0, hidden_s))
        log.warning("nothing ran for %.1f s: the machine slept?", now.elapsed - looked)

    def _read(self) -> _Reading:
        clock = self._clock
        return _Reading(clock.elapsed(), clock.monotonic(), clock.now())
