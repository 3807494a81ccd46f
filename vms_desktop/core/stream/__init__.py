"""An address opened: packets with sane times, whoever reads them.

A `StreamOpener` is given a camera and one of its addresses; it reaches the camera, has the stream
read by whoever does it best (`rtsp`, JPEGs over HTTP, FFmpeg for the rest) and hands out a
`Stream`. Through here pass `Packet`s, H.264 and H.265 in Annex B, whose times only grow; no
password, no FFmpeg error and no doubtful time gets any further. One thread opens, reads and
closes a stream. Knows neither clips nor frames.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.core.stream.network import HabitBook, HabitFile
    from vms_desktop.core.stream.opener import StreamOpener
    from vms_desktop.core.stream.packets import (
        COPIED_VIDEO,
        VIDEO_NAMES,
        AudioFacts,
        AvPacket,
        Packet,
        Stream,
        VideoFacts,
        container_aspect,
    )
    from vms_desktop.core.stream.webcams import Webcam, list_webcams

__all__ = [
    "COPIED_VIDEO",
    "VIDEO_NAMES",
    "AudioFacts",
    "AvPacket",
    "HabitBook",
    "HabitFile",
    "Packet",
    "Stream",
    "StreamOpener",
    "VideoFacts",
    "Webcam",
    "container_aspect",
    "list_webcams",
]

__getattr__ = late_names(
    __name__,
    {
        "network": (
            "HabitBook",
            "HabitFile",
        ),
        "opener": ("StreamOpener",),
        "packets": (
            "AudioFacts",
            "AvPacket",
            "COPIED_VIDEO",
            "Packet",
            "Stream",
            "VIDEO_NAMES",
            "VideoFacts",
            "container_aspect",
        ),
        "webcams": (
            "Webcam",
            "list_webcams",
        ),
    },
)
