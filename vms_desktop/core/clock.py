"""Wall and monotonic time as one object, so that a test can be the clock."""

import time
from datetime import datetime, tzinfo


class Clock:
    """The system's clocks.

    Wall time names files and is shown; monotonic time measures every wait and
    silence, since wall time jumps.
    """

    _zone: tzinfo | None = None
    _zone_minute = -1

    def now(self) -> datetime:
        """Aware wall time in the local zone, its offset the one in force right now."""
        seconds = time.time()
        minute = int(seconds // 60)
        if minute != self._zone_minute:
            # Offsets change on the minute; asking the system for every packet would cost more.
            self._zone, self._zone_minute = datetime.now().astimezone().tzinfo, minute
        return datetime.fromtimestamp(seconds, self._zone)

    def monotonic(self) -> float:
        """Seconds that only ever grow."""
        return time.monotonic()
