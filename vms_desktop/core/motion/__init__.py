"""Frame in, motion and events out.

A `MotionDetector` is fed the luma of frames and says what moved and counts; an `EventTracker`
joins such moments into events, time passed in. `detect_file` runs the same over a video file.
Areas and sensitivity come from `config`; nothing here records or shows.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.core.motion.detector import (
        AUTOMATIC_SHARE,
        BUSY_INTERVAL_S,
        Motion,
        MotionDetector,
    )
    from vms_desktop.core.motion.events import Began, Ended, Event, EventTracker
    from vms_desktop.core.motion.file_detector import DetectedEvent, detect_file, motions_of_clip
    from vms_desktop.core.motion.motion_grid import CELLS_BYTES, GRID, Cells

__all__ = [
    "AUTOMATIC_SHARE",
    "BUSY_INTERVAL_S",
    "CELLS_BYTES",
    "GRID",
    "Began",
    "Cells",
    "DetectedEvent",
    "Ended",
    "Event",
    "EventTracker",
    "Motion",
    "MotionDetector",
    "detect_file",
    "motions_of_clip",
]

__getattr__ = late_names(
    __name__,
    {
        "detector": (
            "BUSY_INTERVAL_S",
            "AUTOMATIC_SHARE",
            "Motion",
            "MotionDetector",
        ),
        "events": (
            "Began",
            "Ended",
            "Event",
            "EventTracker",
        ),
        "file_detector": (
            "DetectedEvent",
            "detect_file",
            "motions_of_clip",
        ),
        "motion_grid": (
            "CELLS_BYTES",
            "Cells",
            "GRID",
        ),
    },
)
