"""Frame in, motion and events out.

A `MotionDetector` is fed the luma of frames and says what moved and counts; an `EventTracker`
joins such moments into events, time passed in. `detect_file` runs the same over a video file.
Areas and sensitivity come from `config`; nothing here records or shows.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.core.motion.detector import (
        AUTOMATIC_AREA_SHARE,
        BUSY_ANALYSIS_INTERVAL_S,
        Motion,
        MotionDetector,
    )
    from vms_desktop.core.motion.events import Event, EventBegan, EventEnded, EventTracker
    from vms_desktop.core.motion.file_detector import DetectedEvent, detect_file, motions_of_clip
    from vms_desktop.core.motion.motion_grid import MOTION_GRID, MOTION_GRID_BYTES, MotionCells

__all__ = [
    "AUTOMATIC_AREA_SHARE",
    "BUSY_ANALYSIS_INTERVAL_S",
    "MOTION_GRID",
    "MOTION_GRID_BYTES",
    "DetectedEvent",
    "Event",
    "EventBegan",
    "EventEnded",
    "EventTracker",
    "Motion",
    "MotionCells",
    "MotionDetector",
    "detect_file",
    "motions_of_clip",
]

__getattr__ = late_names(
    __name__,
    {
        "detector": (
            "AUTOMATIC_AREA_SHARE",
            "BUSY_ANALYSIS_INTERVAL_S",
            "Motion",
            "MotionDetector",
        ),
        "events": (
            "Event",
            "EventBegan",
            "EventEnded",
            "EventTracker",
        ),
        "file_detector": (
            "DetectedEvent",
            "detect_file",
            "motions_of_clip",
        ),
        "motion_grid": (
            "MOTION_GRID",
            "MOTION_GRID_BYTES",
            "MotionCells",
        ),
    },
)
