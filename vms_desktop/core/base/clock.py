"""Wall and monotonic time as one object, so that a test can be the clock; times as text."""

import sys
import time
from datetime import UTC, datetime, tzinfo

# What `time.monotonic` reads stands still while the machine sleeps on Linux (clock_gettime(2)) and
# macOS (mach_absolute_time); Apple's CLOCK_MONOTONIC goes on, and so do the counters of Windows.
_AWAKE_IN_SLEEP = {"linux": "CLOCK_BOOTTIME", "darwin": "CLOCK_MONOTONIC"}


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

    def elapsed(self) -> float:
        """Seconds that only ever grow, while the machine sleeps too."""
        name = _AWAKE_IN_SLEEP.get(sys.platform)
        return time.clock_gettime(getattr(time, name)) if name else time.monotonic()


def utc_text(at: datetime) -> str:
    """A time as files have it: UTC in ISO 8601 with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


# In every MP4 that this program writes: when its first picture was.
CLIP_START_TAG = "start_utc"


def utc_tag(at: datetime) -> str:
    """The same as the tags of an MP4 have it."""
    return utc_text(at).replace("+00:00", "Z")


# No computer's clock shows others. Near year 1 and 9999 a zone or a duration added to a time
# would raise OverflowError, anywhere.
_YEARS = range(1900, 9000)


def local_time(text: str) -> datetime:
    """A time from a file, in the local zone; ValueError where it is none."""
    at = datetime.fromisoformat(text)
    if at.year not in _YEARS:
        raise ValueError(f"the year {at.year}")
    return at.astimezone()
