"""The timeline: a day of several cameras, to zoom, to search and to mark.

Rows of clips and gaps come in as arrays; moments that a person points at, chooses and marks leave
as signals. Scale, rows and places are arithmetic; the painter paints pixels, not clips.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.ui.playback.timeline.hover_frames import HoverClip, HoverFrames
    from vms_desktop.ui.playback.timeline.rows import TimelineRow
    from vms_desktop.ui.playback.timeline.scale import TimeView
    from vms_desktop.ui.playback.timeline.view import TimelineView

__all__ = [
    "HoverClip",
    "HoverFrames",
    "TimeView",
    "TimelineRow",
    "TimelineView",
]

__getattr__ = late_names(
    __name__,
    {
        "hover_frames": (
            "HoverClip",
            "HoverFrames",
        ),
        "rows": ("TimelineRow",),
        "scale": ("TimeView",),
        "view": ("TimelineView",),
    },
)
