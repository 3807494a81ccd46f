"""Times for packets whose own are not believed: those of their arrival, made smooth.

Packets are read in groups and networks hiccup, so that arrival itself would
jitter by a third of a second.
"""

from collections import deque

# Nothing for so long is a pause that the times show; less is jitter.
PAUSE_S = 1.0
# How soon the times follow arrival.
FOLLOW_S = 2.0

_KEPT = 256
_BACK, _ON = -0.5, 0.9  # Of the usual distance: half as fast at least, about twice at most.


class ArrivalPace:
    """Packets one behind the other at their usual distance, drawn slowly to their arrival.

    Attributes:
        came: Called with the time of arrival of each packet; it costs next to nothing.
    """

    def __init__(self) -> None:
        self._arrivals: deque[float] = deque(maxlen=_KEPT)
        self.came = self._arrivals.append

    @property
    def usual_s(self) -> float:
        """Mean distance of two packets by their arrival; 0 where that is not known yet."""
        count = len(self._arrivals) - 1
        return (self._arrivals[-1] - self._arrivals[0]) / count if count > 0 else 0.0

    @staticmethod
    def after(last_s: float, usual_s: float, passed_s: float, due_s: float) -> float:
        """The time of the packet behind the one at `last_s`.

        Args:
            usual_s: Distance of two packets.
            passed_s: How long after the last one it came.
            due_s: The time of a packet that comes now without delay.
        """
        is_pause = passed_s > max(PAUSE_S, 3 * usual_s)
        expected_s = last_s + (passed_s if is_pause else usual_s)
        pull_s = (due_s - expected_s) * min(0.5, usual_s / FOLLOW_S)
        return expected_s + min(max(pull_s, _BACK * usual_s), _ON * usual_s)
