"""The one clock of everything that plays; time is passed in."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from vms_desktop.core.player.track import Span

SLOWEST, FASTEST = 0.25, 16.0
# Every picture may be this late before the clock waits for one.
SLACK_S = 0.3


@dataclass(frozen=True, slots=True)
class Reading:
    """The clock as it was read.

    Attributes:
        position_us: The moment that is shown.
        rate: Seconds of recording per second, negative backwards; 0 while paused.
        generation: Grows with every jump; what was made for an older one is late.
        is_waiting: The clock stands, since nobody has a picture to show.
    """

    position_us: int
    rate: float
    generation: int
    is_waiting: bool


@dataclass(frozen=True, slots=True)
class _Fed:
    until_us: int
    is_empty: bool


class PlaybackClock:
    """Moves through recorded time; waits only while no track has a picture.

    Not for several threads at once: `Player` holds the lock.

    Attributes:
        skip_empty: Whether time that no track has a recording of is jumped over.
        playing: Whether it is meant to move.
        rate: The rate at which it moves when it plays.
        generation: As in `Reading`.
    """

    def __init__(self) -> None:
        self.skip_empty = True
        self.playing = False
        self.rate = 1.0
        self.generation = 0
        self._covered: tuple[Span, ...] = ()
        self._starts: list[int] = []
        self._anchor_us = self._told_us = 0
        self._since = 0.0
        self._tracks: set[str] = set()
        self._fed: dict[str, _Fed] = {}
        self._waiting = False

    def lay_out(self, tracks: Iterable[str], covered: tuple[Span, ...]) -> None:
        """The tracks, and where any of them has a recording; play goes on."""
        self._tracks = set(tracks)
        self._fed = {key: fed for key, fed in self._fed.items() if key in self._tracks}
        self._covered = covered
        self._starts = [start for start, _ in covered]

    def play(self, rate: float, now: float) -> None:
        """Move, at a rate of ¼ to 16 forwards or -¼ to -16 backwards.

        Raises:
            ValueError: Another rate.
        """
        if not SLOWEST <= abs(rate) <= FASTEST:
            raise ValueError(f"no such rate: {rate}")
        self._settle(now)
        if rate * self.rate < 0:
            self._fed.clear()  # What reaches far ahead is at its edge the other way.
        self.playing, self.rate = True, rate

    def pause(self, now: float) -> None:
        """Stand still."""
        self._settle(now)
        self.playing = False

    def seek(self, position_us: int, now: float) -> None:
        """Go to a moment; the clock waits there for the first picture."""
        self._anchor_us = self._told_us = position_us
        self._since = now
        self.generation += 1
        self._fed.clear()

    def fed(self, key: str, generation: int, until_us: int, *, is_empty: bool = False) -> None:
        """A track shows what is right until a moment (backwards: down to it), or has nothing."""
        if generation == self.generation and key in self._tracks:
            self._fed[key] = _Fed(until_us, is_empty)

    @property
    def is_settling(self) -> bool:
        """Whether a track has not shown yet what belongs to the last jump."""
        return len(self._fed) < len(self._tracks)

    def read(self, now: float) -> Reading:
        """The clock's moment, and how it moves."""
        position = self._travelled(now) if self.playing else self._anchor_us
        waiting = self._waiting if self.playing else self.is_settling
        rate = self.rate if self.playing else 0.0
        return Reading(position, rate, self.generation, waiting)

    def _settle(self, now: float) -> None:
        self._anchor_us, self._since = self.read(now).position_us, now

    def _travelled(self, now: float) -> int:
        # Another thread may have read the time a moment earlier.
        wanted = self._anchor_us + round(max(0.0, now - self._since) * 1e6 * self.rate)
        limit = self._limit()
        forward = self.rate > 0
        self._waiting = wanted >= limit if forward else wanted <= limit
        position = limit if self._waiting else wanted
        # A picture that is late at once pulls the limit back, but never the clock.
        position = (max if forward else min)(position, self._told_us)
        if self._waiting:
            self._anchor_us, self._since = position, now
        self._told_us = position
        return self._in_bounds(position, now)

    def _limit(self) -> int:
        slack_us = round(SLACK_S * 1e6 * self.rate)
        farthest = max if self.rate > 0 else min
        shown = [fed.until_us for fed in self._fed.values() if not fed.is_empty]
        if shown:
            return farthest(shown) + slack_us
        if self._tracks - self._fed.keys():
            return self._anchor_us
        return farthest((fed.until_us for fed in self._fed.values()), default=self._anchor_us)

    def _in_bounds(self, position: int, now: float) -> int:
        """Jump over what is empty; stop at the ends."""
        index = bisect_right(self._starts, position) - 1
        if index >= 0 and position < self._covered[index][1]:
            return position
        beyond = index + 1 if self.rate > 0 else index
        if not 0 <= beyond < len(self._covered):
            return self._stop(position, now)
        if not self.skip_empty:
            return position
        start, end = self._covered[beyond]
        self.seek(start if self.rate > 0 else end - 1, now)
        return self._anchor_us

    def _stop(self, position: int, now: float) -> int:
        self.playing = self._waiting = False
        if self._covered:
            first, last = self._covered[0][0], self._covered[-1][1] - 1
            position = last if self.rate > 0 else first
        self.seek(position, now)
        return position
