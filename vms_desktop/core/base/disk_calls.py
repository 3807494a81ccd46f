"""The time that a thread spends in the disk's calls, in beats of the program.

Seconds would not tell a disk that hangs from a computer that is loaded, or from a program
that was stopped: in both a call lasts long and nobody ran.
"""

from time import monotonic

# A call under way through more beats than these, each a second in which the program ran,
# is one of a disk that hangs.
HANGING_BEATS = 5

_NEVER = float("-inf")


class Pulse:
    """Counts the beats of the program; beaten by one thread, read by any.

    Attributes:
        beats: One for each `SLEEP_BEAT_S` in which a thread of the usual priority had its
            turn; a beat that is late comes once, whatever the time it is late.
    """

    def __init__(self) -> None:
        self.beats = 0

    def beat(self) -> None:
        """A thread that has nothing to do with the disk has had its turn."""
        self.beats += 1


class DiskCalls:
    """Stands around the calls of the disk that one thread makes; any other may ask for them.

    A context, entered for the calls alone: what encodes, or waits for clips to be deleted,
    is left outside. What is entered within counts with what is around it.

    Args:
        most_beats: Through how many of them a call may last before it hangs.

    Attributes:
        hung_until: When the last one that hung has ended, monotonic s.
        hung_until_beat: The beat of that moment.
    """

    def __init__(self, pulse: Pulse | None = None, most_beats: int = HANGING_BEATS) -> None:
        self.hung_until, self.hung_until_beat = _NEVER, 0
        self._pulse = pulse or Pulse()
        self._most_beats = most_beats
        self._depth = 0
        self._since: int | None = None

    def __enter__(self) -> None:
        if not self._depth:
            self._since = self._pulse.beats
        self._depth += 1

    def __exit__(self, *_failure: object) -> None:
        self._depth -= 1
        if not self._depth:
            if self.hang:
                self.hung_until, self.hung_until_beat = monotonic(), self._pulse.beats
            self._since = None

    @property
    def hang(self) -> bool:
        """Whether the disk does not answer, though the program runs."""
        since = self._since
        return since is not None and self._pulse.beats - since > self._most_beats
