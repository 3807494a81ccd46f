"""Wall and monotonic time as one object, so that a test can be the clock."""

import time
from datetime import datetime


class Clock:
    """The system's clocks.

    Wall time names files and is shown; monotonic time measures every wait and
    silence, since wall time jumps.
    """

    def now(self) -> datetime:
        """Aware wall time in the local zone, its offset the one in force right now."""
        return datetime.now().astimezone()

    def monotonic(self) -> float:
        """Seconds that only ever grow."""
        return time.monotonic()
