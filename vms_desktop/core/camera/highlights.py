"""Small pictures of the moments with most motion, for the thumbnails of clips.

Taken from the watched stream while its frame is there anyway: finding the
same moment later means decoding half a group of HD pictures, a hundred times
the work.
"""

from collections import deque
from dataclasses import dataclass
from threading import Lock

from vms_desktop.core.media import Frame, small_jpeg
from vms_desktop.core.motion import Motion

# As long as the longest clip with its pre-roll.
KEPT_S = 660.0
# After this long a weaker moment is kept too: the clip of the stronger one may be over.
FRESH_S = 15.0
# How much more has to move for another picture: a visitor who comes closer makes a few.
STRONGER = 1.25


@dataclass(frozen=True, slots=True)
class _Highlight:
    at: float
    area_px: float
    jpeg: bytes


class Highlights:
    """Filled by the thread that watches, read by those that end clips."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: deque[_Highlight] = deque()

    def offer(self, motion: Motion, frame: Frame, rotation: int) -> None:
        """Keep the picture of a moment, if it is stronger than those of late."""
        if not self._is_stronger(motion):
            return
        highlight = _Highlight(motion.at, motion.area_px, small_jpeg(frame, rotation))
        with self._lock:
            self._kept.append(highlight)
            while self._kept[0].at < motion.at - KEPT_S:
                self._kept.popleft()

    def best(self, start: float, end: float) -> bytes:
        """The JPEG of the strongest moment of a span of monotonic time; empty for none."""
        with self._lock:
            within = [kept for kept in self._kept if start <= kept.at <= end]
        return max(within, key=lambda kept: kept.area_px).jpeg if within else b""

    def _is_stronger(self, motion: Motion) -> bool:
        late = [kept for kept in self._kept if kept.at > motion.at - FRESH_S]
        return all(motion.area_px > STRONGER * kept.area_px for kept in late)
