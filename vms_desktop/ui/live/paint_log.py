"""The delays of painted pictures: figures for the benchmark and the health of the window."""

import time
from collections import deque
from statistics import median

from vms_desktop.core.base import Picture

_KEPT = 4096


class PaintLog:
    """Counts painted pictures and keeps the latest delays; used by the GUI thread only.

    Attributes:
        painted: Pictures that were painted.
        first_at: Monotonic time of the first one, in s; None before it.
    """

    def __init__(self) -> None:
        self.painted = 0
        self.first_at: float | None = None
        self._delays_s: deque[float] = deque(maxlen=_KEPT)

    def add(self, picture: Picture) -> None:
        """A picture has just been painted for the first time."""
        now = time.monotonic()
        self.painted += 1
        self.first_at = self.first_at or now
        self._delays_s.append(now - picture.decoded_at)

    def median_ms(self) -> float | None:
        """Median from decoded to painted, in ms; None before the first picture."""
        return median(self._delays_s) * 1000 if self._delays_s else None
