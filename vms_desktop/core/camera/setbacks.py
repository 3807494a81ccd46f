"""The pauses after clips that could not be written on, though the disk is well."""

# The first of a series goes on at once; what keeps failing makes a file a minute, no more.
DELAYS_S = (0.0, 2.0, 5.0, 15.0, 30.0, 60.0)
# A clip that lasted so long forgives what went before.
HEALTHY_S = 60.0


class Setbacks:
    """Counts clips of one connection that the muxer refused; monotonic times passed in.

    The sound is suspected first, and left out from then on: it never stops the picture.

    Attributes:
        takes_sound: Whether the next clip has sound.
    """

    def __init__(self) -> None:
        self.takes_sound = True
        self._count = 0
        self._until = float("-inf")

    def may_begin(self, now: float) -> bool:
        """True if another clip may be tried."""
        return now >= self._until

    def refused(self, now: float, lasted_s: float, *, had_sound: bool) -> bool:
        """A clip that lasted so long was refused; True where this is to be told."""
        if lasted_s >= HEALTHY_S:
            self._count = 0
        if had_sound and self.takes_sound:
            self.takes_sound = False
            return True
        self._until = now + DELAYS_S[min(self._count, len(DELAYS_S) - 1)]
        self._count += 1
        return self._count == 1
