"""When a camera's recording mode applies: ranges of local time over the week."""

from dataclasses import dataclass
from datetime import datetime, time

from vms_desktop.core.errors import ConfigError, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRange:
    """From one time of day to another on some days (0 = Monday).

    A range whose end is not after its start runs over midnight into the next day.
    """

    days: frozenset[int]
    start: time
    end: time

    def __post_init__(self) -> None:
        if not self.days:
            raise ConfigError("schedule", Reason.EMPTY)
        if not self.days <= frozenset(range(7)):
            raise ConfigError("schedule", Reason.OUT_OF_RANGE)

    def contains(self, at: datetime) -> bool:
        """Whether local time `at` lies inside."""
        day, moment = at.weekday(), at.time()
        if self.start < self.end:
            return day in self.days and self.start <= moment < self.end
        since_start = day in self.days and moment >= self.start
        after_midnight = (day - 1) % 7 in self.days and moment < self.end
        return since_start or after_midnight


def applies(schedule: tuple[ScheduleRange, ...], at: datetime) -> bool:
    """Whether the recording mode applies at local time `at`; no schedule means always."""
    return not schedule or any(entry.contains(at) for entry in schedule)
