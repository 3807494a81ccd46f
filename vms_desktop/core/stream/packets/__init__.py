"""Packets, the facts of their stream, and the sanity of their times.

A reader derives from `Stream` and hands in what it read; `packets()` hands it out with times that
only grow: the camera's own while its clock keeps step, those of arrival where it does not, sound
on the picture's clock. Silence is borne against the stream's own rhythm. Opens nothing.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.core.stream.packets.clock_watch import CLOCK_SETTLE_S
    from vms_desktop.core.stream.packets.packet import (
        COPIED_VIDEO,
        VIDEO_NAMES,
        AudioFacts,
        AvPacket,
        Packet,
        VideoFacts,
        av_packet,
        container_aspect,
    )
    from vms_desktop.core.stream.packets.patience import (
        FIRST_SILENCE_S,
        LONGEST_SILENCE_S,
        Patience,
        Silence,
    )
    from vms_desktop.core.stream.packets.sound_sync import SoundSync
    from vms_desktop.core.stream.packets.stream import (
        ARRIVAL_TIME_BASE,
        AUDIO_CODECS,
        VIDEO_CODECS,
        MovedError,
        NotForUsError,
        Stream,
    )

__all__ = [
    "ARRIVAL_TIME_BASE",
    "AUDIO_CODECS",
    "CLOCK_SETTLE_S",
    "COPIED_VIDEO",
    "FIRST_SILENCE_S",
    "LONGEST_SILENCE_S",
    "VIDEO_CODECS",
    "VIDEO_NAMES",
    "AudioFacts",
    "AvPacket",
    "MovedError",
    "NotForUsError",
    "Packet",
    "Patience",
    "Silence",
    "SoundSync",
    "Stream",
    "VideoFacts",
    "av_packet",
    "container_aspect",
]

__getattr__ = late_names(
    __name__,
    {
        "clock_watch": ("CLOCK_SETTLE_S",),
        "packet": (
            "AudioFacts",
            "AvPacket",
            "COPIED_VIDEO",
            "Packet",
            "VIDEO_NAMES",
            "VideoFacts",
            "av_packet",
            "container_aspect",
        ),
        "patience": (
            "LONGEST_SILENCE_S",
            "Patience",
            "Silence",
            "FIRST_SILENCE_S",
        ),
        "sound_sync": ("SoundSync",),
        "stream": (
            "ARRIVAL_TIME_BASE",
            "AUDIO_CODECS",
            "MovedError",
            "NotForUsError",
            "Stream",
            "VIDEO_CODECS",
        ),
    },
)
