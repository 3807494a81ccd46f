"""The waits between the tries to connect to a camera."""

import random
from collections.abc import Callable

from vms_desktop.core.base import Problem

DELAYS_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
# While an outage is this young, a camera that answers at all is tried every `FRESH_DELAY_S`.
FRESH_OUTAGE_S = 600.0
FRESH_DELAY_S = 4.0
# A camera that asks to be left alone for longer is not: it records nothing meanwhile.
MOST_ASKED_S = 300.0
# A connection that lived this long forgives what went before.
HEALTHY_S = 60.0
# One that lived this long has brought pictures: what follows is another outage, however many
# there were. A camera that hangs up every few seconds would else rest for half a minute each time.
ALIVE_S = 5.0
PASSWORD_TRIES = 3
PASSWORD_DELAY_S = 30.0
# Cameras lock an account after some wrong passwords: three tries, then one an hour.
PASSWORD_REST_S = 3600.0


class Backoff:
    """Counts failures of one connection and says how long to wait; monotonic times passed in.

    Args:
        jitter: Gives a share (0…1) of a fifth that is taken off a wait, so that
            cameras behind one switch do not come back in step.
    """

    def __init__(self, jitter: Callable[[], float] = random.random) -> None:
        self._jitter = jitter
        self._failures = 0
        self._passwords = 0
        self._lost_at: float | None = None
        self._live_since: float | None = None

    @property
    def attempt(self) -> int:
        """Number of the coming try since the camera was last live."""
        return self._failures + self._passwords + 1

    def fresh(self, now: float) -> bool:
        """True if the outage is young enough to look out for the camera's return."""
        return self._lost_at is not None and now - self._lost_at < FRESH_OUTAGE_S

    def connected(self, now: float) -> None:
        """The stream is open."""
        self._live_since = now

    def failed(
        self, problem: Problem, now: float, *, answers: bool = False, retry_after_s: float = 0.0
    ) -> float:
        """Seconds to wait after this failure.

        `answers` tells that the camera's port is open, so that a probe of it
        cannot tell when the camera is back. One that has no place for us is
        left alone for as long as it asks, and longer each time: every try may
        take the place that is about to be freed.
        """
        lived_s = 0.0 if self._live_since is None else now - self._live_since
        if lived_s >= HEALTHY_S:
            self.reset()
        elif lived_s >= ALIVE_S:
            self._lost_at = None
        self._live_since = None
        if self._lost_at is None:
            self._lost_at = now
        if problem is Problem.WRONG_PASSWORD:
            self._passwords += 1
            return PASSWORD_DELAY_S if self._passwords < PASSWORD_TRIES else PASSWORD_REST_S
        delay = DELAYS_S[min(self._failures, len(DELAYS_S) - 1)]
        self._failures += 1
        if answers and problem is not Problem.BUSY and self.fresh(now):
            delay = min(delay, FRESH_DELAY_S)
        return max(delay * (1 - 0.2 * self._jitter()), min(retry_after_s, MOST_ASKED_S))

    def reset(self) -> None:
        """Begin anew: the camera was healthy, or its configuration was edited."""
        self._failures = self._passwords = 0
        self._lost_at = self._live_since = None
