"""Clips played in both directions, several cameras on one clock.

A `TrackSource` goes in; `PlayedPicture`s and sound come out as the clock wants them; orders are
values. Times of a track are µs on its own timeline, which `export` shares. Knows no thread and no
window.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.core.player.orders import (
        HearTrack,
        LookAgain,
        SaveFrame,
        ShowTrack,
        StepFrames,
        TrackOrder,
        TrackReport,
    )
    from vms_desktop.core.player.picture import PlayedPicture
    from vms_desktop.core.player.player import Player, PlayState
    from vms_desktop.core.player.track import (
        CLIP_SEAM_US,
        PlayableClip,
        Segment,
        Timeline,
        TrackSource,
        epoch_us,
        local_datetime,
    )
    from vms_desktop.core.player.track_player import TrackPlayer

__all__ = [
    "CLIP_SEAM_US",
    "HearTrack",
    "LookAgain",
    "PlayState",
    "PlayableClip",
    "PlayedPicture",
    "Player",
    "SaveFrame",
    "Segment",
    "ShowTrack",
    "StepFrames",
    "Timeline",
    "TrackOrder",
    "TrackPlayer",
    "TrackReport",
    "TrackSource",
    "epoch_us",
    "local_datetime",
]

__getattr__ = late_names(
    __name__,
    {
        "orders": (
            "HearTrack",
            "LookAgain",
            "SaveFrame",
            "ShowTrack",
            "StepFrames",
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
            "CLIP_SEAM_US",
            "Segment",
            "Timeline",
            "TrackSource",
            "local_datetime",
            "epoch_us",
        ),
        "track_player": ("TrackPlayer",),
    },
)
