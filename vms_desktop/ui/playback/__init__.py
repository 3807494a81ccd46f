"""The Playback page: a day of recordings, seen from the best seat.

The day's clips come from the index, pictures from the players in step; the page keeps together
cameras, calendar, `timeline`, `gallery` and the search in an area, which have rooms of their own.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.ui.playback.page import PlaybackPage

__all__ = [
    "PlaybackPage",
]

__getattr__ = late_names(
    __name__,
    {
        "page": ("PlaybackPage",),
    },
)
