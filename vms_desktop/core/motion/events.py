"""Moments of motion become events: a small state machine with time passed in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """Motion over time: from its first to its last moving frame, in s of the caller's clock."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class EventChange:
    """A frame's word on an event."""

    event: Event


class EventBegan(EventChange):
    """An event has begun."""


class EventExtended(EventChange):
    """An event goes on."""


class EventEnded(EventChange):
    """An event is over."""


# Moments of motion less than this apart are one event.
JOIN_S = 3.0


class EventTracker:
    """Joins moments of motion that are less than `JOIN_S` apart into events."""

    def __init__(self) -> None:
        self._event: Event | None = None

    def update(self, now: float, moving_since: float | None) -> EventChange | None:
        """Take one frame's verdict; say at once what it changes.

        `moving_since` is the time of the first frame of an unbroken run of
        moving frames that ends at `now`, or None where nothing moves.
        """
        event = self._event
        if moving_since is not None:
            self._event = Event(event.start if event else moving_since, now)
            return EventExtended(self._event) if event else EventBegan(self._event)
        return self.lost() if event and now - event.end >= JOIN_S else None

    def lost(self) -> EventEnded | None:
        """The stream is gone: what was under way has ended."""
        event, self._event = self._event, None
        return EventEnded(event) if event else None
