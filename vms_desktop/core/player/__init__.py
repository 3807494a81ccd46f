"""Clips played in both directions, several cameras on one clock.

A `TrackSource` goes in; `PlayedPicture`s and sound come out as the clock wants them; orders are
values. Times of a track are µs on its own timeline, which `export` shares. Knows no thread and no
window.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.core.player.orders import (
        Hear,
        LookAgain,
        SaveFrame,
        Show,
        Step,
        TrackOrder,
        TrackReport,
    )
    from vms_desktop.core.player.picture import PlayedPicture
    from vms_desktop.core.player.player import Player, PlayState
    from vms_desktop.core.player.track import (
        SEAM_US,
        PlayableClip,
        Segment,
        Timeline,
        TrackSource,
        to_datetime,
        to_us,
    )
    from vms_desktop.core.player.track_player import TrackPlayer

__all__ = [
    "SEAM_US",
    "Hear",
    "LookAgain",
    "PlayState",
    "PlayableClip",
    "PlayedPicture",
    "Player",
    "SaveFrame",
    "Segment",
    "Show",
    "Step",
    "Timeline",
    "TrackOrder",
    "TrackPlayer",
    "TrackReport",
    "TrackSource",
    "to_datetime",
    "to_us",
]

__getattr__ = late_names(
    __name__,
    {
        "orders": (
            "Hear",
            "LookAgain",
            "SaveFrame",
            "Show",
            "Step",
            "TrackOrder",
            "TrackReport",
        ),
        "picture": ("PlayedPicture",),
        "player": (
            "PlayState",
            "Player",
        ),
        "track": (
            "PlayableClip",
            "SEAM_US",
            "Segment",
            "Timeline",
            "TrackSource",
            "to_datetime",
            "to_us",
        ),
        "track_player": ("TrackPlayer",),
    },
)
