"""Signs that tell a camera that somebody is there, chosen by what it makes of them."""

from math import inf

from vms_desktop.core.stream.network import Habits
from vms_desktop.core.stream.rtsp.connection import RtspConnection

# Cameras end a session from which they hear nothing for a minute, or for what they say.
LONGEST_S = 20.0
# A connection that ends so soon behind a sign of life ended because of it.
SOON_S = 2.0

_GET, _OPTIONS, _NONE = "GET_PARAMETER", "OPTIONS", ""
_REFUSALS = frozenset({405, 454, 455, 501, 551})
_TIMELY = (0.85, 1.5)


class SignOfLife:
    """Sends the signs of life of one session; monotonic s are passed in.

    The method is the one that the camera knows and that has not failed before: GET_PARAMETER
    where it is announced, for old servers take only what belongs to the session for a sign
    of life; else OPTIONS; else none, and the receiver reports have to do.
    """

    def __init__(self, connection: RtspConnection, url: str, habits: Habits, now: float) -> None:
        self._connection = connection
        self._url = url
        self._habits = habits
        self._began = now
        self._sent_at = -inf
        self._method = _NONE
        # A third: one that is refused, since its nonce has grown old, leaves time for the next.
        self._every_s = min(LONGEST_S, max(1.0, connection.timeout_s / 3))

    def tend(self, now: float) -> None:
        """Send a sign of life where it is time for one."""
        answer = self._connection.take_answer()
        if answer and answer.status in _REFUSALS and self._method:
            self._is_useless(self._method)
            self._sent_at = -inf
        if now - self._sent_at > self._every_s:
            self._sent_at = now
            self._method = self._choice()
            if self._method:
                self._connection.send(self._method, self._url)

    def lost(self, now: float, *, hung_up: bool) -> None:
        """The session ended: perhaps for want of a sign, or because of it.

        Args:
            hung_up: Whether the camera ended it; a network that fell silent did not mind a sign.
        """
        lived = (now - self._began) / self._connection.timeout_s
        if (hung_up and now - self._sent_at < SOON_S) or _TIMELY[0] < lived < _TIMELY[1]:
            self._is_useless(self._method)

    def _choice(self) -> str:
        known = self._connection.methods
        order = (_GET, _OPTIONS) if _GET in known else (_OPTIONS, _GET)
        return next((each for each in order if each not in self._habits.useless_signs), _NONE)

    def _is_useless(self, method: str) -> None:
        if method == _NONE:  # Nothing helps: everything may be tried again.
            self._habits.useless_signs.clear()
        else:
            self._habits.useless_signs.add(method)
