"""Turns to shake hands: a few cameras at once, so that they do not slow each other down."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition
from time import monotonic

_STEP_S = 0.1


class Turn:
    """The right to shake hands; it lapses where the camera does not answer."""

    def __init__(self, lapses_at: float, length_s: float, clock: Callable[[], float]) -> None:
        self._lapses_at = lapses_at
        self._length_s = length_s
        self._clock = clock

    @property
    def lapsed(self) -> bool:
        """Whether another camera may have it."""
        return self._clock() >= self._lapses_at

    def answered(self) -> None:
        """The camera has answered; a turn that has lapsed does not come back."""
        if not self.lapsed:
            self._lapses_at = self._clock() + self._length_s


class Turns:
    """Hands out turns; used by many threads.

    Args:
        places: How many cameras may shake hands at once.
        length_s: After so long without an answer a turn lapses, and the next camera has it.
        clock: Monotonic s.
    """

    def __init__(
        self, places: int, length_s: float, clock: Callable[[], float] = monotonic
    ) -> None:
        self._places = places
        self._length_s = length_s
        self._clock = clock
        self._changed = Condition()
        self._taken: list[Turn] = []

    @contextmanager
    def turn(self, stopped: Callable[[], bool]) -> Iterator[Turn]:
        """Wait for a turn and have it; the caller looks whether it was stopped meanwhile."""
        taken = self._wait(stopped)
        try:
            yield taken
        finally:
            with self._changed:
                if taken in self._taken:
                    self._taken.remove(taken)
                self._changed.notify_all()

    def _wait(self, stopped: Callable[[], bool]) -> Turn:
        with self._changed:
            while not stopped():
                self._taken = [turn for turn in self._taken if not turn.lapsed]
                if len(self._taken) < self._places:
                    break
                self._changed.wait(_STEP_S)
            turn = Turn(self._clock() + self._length_s, self._length_s, self._clock)
            self._taken.append(turn)
            return turn
