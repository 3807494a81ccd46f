"""A recorded clip as a value: what its file and its side-car say of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from vms_desktop.core.motion import Motion
from vms_desktop.core.picture import Size


class Trigger(StrEnum):
    """What started a recording."""

    MOTION = "motion"
    MANUAL = "manual"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One closed file of the recordings tree.

    Attributes:
        path: The file, absolute.
        start_at, end_at: When its first packet and the end of its last one arrived.
        event_start_at: First moving frame of the event, or when a person asked.
        peak_at, peak_area_px: When the motion was strongest, and that area in
            px² of the SD picture; None and 0 where nothing moved.
        motions: Every analysed frame that moved, `Motion.at` in s since `start_at`.
    """

    camera_id: str
    camera_name: str
    path: Path
    start_at: datetime
    end_at: datetime
    event_start_at: datetime
    trigger: Trigger
    codec: str
    size: Size
    size_bytes: int
    peak_at: datetime | None = None
    peak_area_px: float = 0
    motions: tuple[Motion, ...] = ()

    @property
    def duration_s(self) -> float:
        """Length of the clip in seconds."""
        return (self.end_at - self.start_at).total_seconds()
