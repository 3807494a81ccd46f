"""Patience with a camera: while it is opened, and against its own rhythm afterwards.

Times are passed in; nothing here waits.
"""

from collections import deque
from dataclasses import dataclass

# Silence after which an ordinary stream is lost: it is told within 4 s.
LOST_S = 2.9
# The same until its rhythm is known: a picture every 10 s, which may itself be a little late.
FIRST_SILENCE_S = 10.5
# Longer than this no silence is waited for, whatever the rhythm was.
LONGEST_SILENCE_S = 30.0
# So many of its own intervals a slow stream may be silent.
INTERVALS = 2.5
PICTURES_TO_KNOW = 3
# Pauses that are older say nothing of the stream any more.
REMEMBERED_S = 60.0
# Pictures that come so many times faster than they are shown have been waiting somewhere: HLS.
FASTER = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """The time that opening may take, in s.

    Attributes:
        connect_s: Until the camera's port answers.
        answer_s: From then on, for all its answers and the first packet.
        turn_s: A camera that has not answered for so long takes no turn from the others.
    """

    connect_s: float = 4.0
    answer_s: float = 30.0
    turn_s: float = 5.0


class Silence:
    """Tells when a stream has been silent for too long, measured against its own rhythm.

    A stream's interval is the longest pause that it has made twice lately; one pause alone
    may be a fault. What came ahead of its time since the last pause counts as well: a stream
    that is sent in segments is silent while its last one lasts.

    Args:
        now: Monotonic s.
        first_s: How long the first picture may take.
    """

    def __init__(self, now: float, first_s: float = FIRST_SILENCE_S) -> None:
        self._seen_at = now
        self._first_s = first_s
        self._count = 0
        self._began: tuple[float, float] = now, 0.0
        self._ahead_s = 0.0
        self._pauses: deque[tuple[float, float]] = deque()

    def picture(self, now: float, media_s: float, *, breaks: bool = False) -> None:
        """A picture came; `media_s` is its time on the stream's clock, which may break."""
        pause_s = now - self._seen_at
        self._seen_at = now
        self._count += 1
        is_pause = pause_s * INTERVALS > LOST_S
        if self._count == 1 or breaks or is_pause:
            self._began = now, media_s
        if self._count > 1 and is_pause:
            self._pauses.append((now, pause_s))
        took_s, lasts_s = now - self._began[0], media_s - self._began[1]
        self._ahead_s = lasts_s - took_s if lasts_s > FASTER * took_s else 0.0

    def excuse(self, seconds: float) -> None:
        """Takes off a part of the silence that was ours: what had come was put to use."""
        self._seen_at += seconds

    def is_too_long(self, now: float) -> bool:
        """True if the stream is lost."""
        return now - self._seen_at >= self.limit_s(now)

    def limit_s(self, now: float) -> float:
        """The silence that it is allowed at the moment."""
        if not self._count:
            return self._first_s
        least_s = FIRST_SILENCE_S if self._count < PICTURES_TO_KNOW else LOST_S
        return min(LONGEST_SILENCE_S, max(least_s, INTERVALS * self.interval_s(now)))

    def interval_s(self, now: float) -> float:
        """The longest pause that belongs to the stream's rhythm; 0 for an ordinary one."""
        while self._pauses and self._pauses[0][0] < now - REMEMBERED_S:
            self._pauses.popleft()
        longest = sorted((pause_s for _, pause_s in self._pauses), reverse=True)[:2]
        return max(longest[-1] if len(longest) == 2 else 0.0, self._ahead_s)
