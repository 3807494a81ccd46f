"""One cause, one line: what fails again and again is told once, then seldom, with how often.

A camera that flaps or a disk that refuses would push everything else out of the log. A
source that knows when it is well again says a failure once by itself; this is the floor
under all of them.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from math import inf
from time import monotonic

# The same line is told again after a minute, then after ten, then once an hour.
PAUSES_S = (60.0, 600.0, 3600.0)
# At most so many lines in a row may differ in a name alone (a clip's, a folder's).
MOST_ALIKE = 8
MOST_CAUSES = 1_000


class RepeatHandler(logging.Handler):
    """Hands records on to other handlers, and repetitions only now and then.

    Debugging output passes as it is.

    Args:
        targets: Who writes; their formats and levels are their own.
        clock: Monotonic time in s.
    """

    def __init__(
        self, targets: Sequence[logging.Handler], clock: Callable[[], float] = monotonic
    ) -> None:
        super().__init__()
        self._targets = targets
        self._clock = clock
        self._causes: OrderedDict[Hashable, _Cause] = OrderedDict()

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno > logging.DEBUG:
            now = self._clock()
            same = self._cause((record.name, record.getMessage()), 1).take(now)
            if same is None:
                return
            alike = self._cause((record.name, record.msg, MOST_ALIKE), MOST_ALIKE).take(now)
            if alike is None:
                return
            if left_out := same or alike:
                record = _with(record, left_out)
        for target in self._targets:
            target.handle(record)

    def flush(self) -> None:
        for target in self._targets:
            target.flush()

    def close(self) -> None:
        for target in self._targets:
            target.close()
        super().close()

    def _cause(self, key: Hashable, in_a_row: int) -> "_Cause":
        cause = self._causes.setdefault(key, _Cause(in_a_row))
        self._causes.move_to_end(key)
        if len(self._causes) > MOST_CAUSES:
            self._causes.popitem(last=False)
        return cause


@dataclass(slots=True)
class _Cause:
    """The record of a line, or of lines alike; times are monotonic.

    Attributes:
        in_a_row: How many are told before the pauses begin.
    """

    in_a_row: int
    told: int = 0
    left_out: int = 0
    told_at: float = -inf
    last_at: float = -inf

    def take(self, now: float) -> int | None:
        """The number left out since the last that was told; None to leave this one out, too."""
        pause_s = 0.0
        if self.told >= self.in_a_row:
            pause_s = PAUSES_S[min(self.told - self.in_a_row, len(PAUSES_S) - 1)]
        if now - self.last_at >= max(pause_s, PAUSES_S[0]):
            self.told, pause_s = 0, 0.0  # It was well for so long: this is news.
        self.last_at = now
        if now - self.told_at < pause_s:
            self.left_out += 1
            return None
        left_out, self.left_out = self.left_out, 0
        self.told, self.told_at = self.told + 1, now
        return left_out


def _with(record: logging.LogRecord, left_out: int) -> logging.LogRecord:
    """A copy that tells how many were left out; other handlers hold the original."""
    copied = logging.makeLogRecord(record.__dict__)
    copied.msg, copied.args = f"{record.getMessage()} ({left_out} more were left out)", ()
    return copied
