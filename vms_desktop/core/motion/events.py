"""Moments of motion become events: a small state machine with time passed in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """Motion over time: from its first to its last moving frame, in s of the caller's clock."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Began:
    """An event has begun."""

    event: Event


@dataclass(frozen=True, slots=True)
class Extended:
    """An event goes on."""

    event: Event


@dataclass(frozen=True, slots=True)
class Ended:
    """An event is over."""

    event: Event


Change = Began | Extended | Ended

# Moments of motion less than this apart are one event (docs/architecture.md).
JOIN_S = 3.0


class EventTracker:
    """Joins moments of motion that are less than `join_s` apart into events."""

    def __init__(self, join_s: float = JOIN_S) -> None:
        self._join_s = join_s
        self._event: Event | None = None

    def update(self, now: float, moving_since: float | None) -> Change | None:
        """Take one frame's verdict; say at once what it changes.

        `moving_since` is the time of the first frame of an unbroken run of
        moving frames that ends at `now`, or None where nothing moves.
        """
        if moving_since is not None:
            return self._moved(now, moving_since)
        if self._event is None or now - self._event.end < self._join_s:
            return None
        return self.lost()

    def lost(self) -> Ended | None:
        """The stream is gone: what was under way has ended."""
        event, self._event = self._event, None
        return Ended(event) if event else None

    def _moved(self, now: float, since: float) -> Began | Extended:
        if self._event is None:
            self._event = Event(since, now)
            return Began(self._event)
        self._event = Event(self._event.start, now)
        return Extended(self._event)
