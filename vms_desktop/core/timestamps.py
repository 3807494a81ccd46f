"""Decoding times made sane once, at the door, so that nothing behind it has to doubt them.

Cameras send repeated, backward, missing and far-off times; a muxer refuses the
rest of a file after a single one of them.
"""

from typing import NamedTuple

from vms_desktop.core.errors import Problem, StreamError

MAX_BACK_S = 1.0
"""A packet this much back is late and dropped; further back the camera's clock was set."""
MAX_AHEAD_S = 2.0
"""Further ahead the times are another clock's: a lone one would stretch a clip by that much."""
MAX_MISSING = 6
"""Packets in a row without any time before the stream is opened anew."""


class Timed(NamedTuple):
    """A packet's times in ticks of its time base; `breaks` starts another timeline."""

    dts: int
    pts: int
    breaks: bool = False


class TimestampGuard:
    """Judges the packets of one elementary stream in the order of their arrival.

    Args:
        tick_s: Length of a tick of the stream's time base in seconds.
        frame_ticks: Usual distance of two packets, for those that carry no time.
    """

    def __init__(self, tick_s: float, frame_ticks: int) -> None:
        self._max_back = round(MAX_BACK_S / tick_s)
        self._max_ahead = round(MAX_AHEAD_S / tick_s)
        self._frame_ticks = max(1, frame_ticks)
        self._last_sent: int | None = None
        self._last_given = 0
        self._missing = 0

    def judge(self, dts: int | None, pts: int | None, duration: int | None) -> Timed | None:
        """The packet's times made sane, or None for a packet to drop.

        Raises:
            StreamError: Too many packets in a row carried no time.
        """
        if dts is None:
            dts = self._guess(pts, duration)
        else:
            self._missing = 0
        step = 0 if self._last_sent is None else dts - self._last_sent
        if -self._max_back <= step < 0:
            return None
        breaks = step < 0 or step > self._max_ahead
        given = dts
        if self._last_sent is not None and not breaks:
            # Slices of one picture share a time; a muxer wants each to grow.
            given = max(dts, self._last_given + 1)
        self._last_sent, self._last_given = dts, given
        return Timed(given, given if pts is None else max(given, pts), breaks)

    def _guess(self, pts: int | None, duration: int | None) -> int:
        self._missing += 1
        if self._missing > MAX_MISSING:
            raise StreamError(Problem.BAD_DATA, "no timestamps")
        if self._last_sent is None:
            return pts or 0
        return self._last_sent + (duration or self._frame_ticks)
