"""The load that this program is to the machine, and how long its disk lasts."""

from dataclasses import dataclass
from pathlib import Path

import psutil

from vms_desktop.core.base import StorageError, disk_usage

DAY_S = 86_400.0
# A shorter span says nothing about a day.
MIN_RATE_SPAN_S = 600.0


@dataclass(frozen=True, slots=True)
class MachineLoad:
    """Shares are 0…1 of the whole machine; None where nothing is known."""

    cpu_share: float
    memory_bytes: int
    disk_free_bytes: int | None
    days_left: float | None


class Machine:
    """Measures this process and the recordings' disk; owned by one thread."""

    def __init__(self, recordings: Path) -> None:
        self._recordings = recordings
        self._process = psutil.Process()
        self._cpus = psutil.cpu_count() or 1
        self._process.cpu_percent()

    def load(self, recorded_bytes: int, span_s: float) -> MachineLoad:
        """The load since the last call.

        `recorded_bytes` were recorded in the last `span_s` seconds.
        """
        try:
            usage = disk_usage(self._recordings)
            free = usage.free if usage.total else None
        except StorageError:
            free = None
        days = None
        if free is not None and recorded_bytes and span_s >= MIN_RATE_SPAN_S:
            days = free / (recorded_bytes / span_s * DAY_S)
        return MachineLoad(
            self._process.cpu_percent() / 100 / self._cpus,
            self._process.memory_info().rss,
            free,
            days,
        )
