"""Compressed packets and the facts of the elementary streams that they belong to."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import av

from vms_desktop.core.picture import Size

if TYPE_CHECKING:
    AvPacket = av.Packet[Any]
else:
    AvPacket = av.Packet  # Generic for the type checker only.

VIDEO_NAMES = {"h264": "H.264", "hevc": "H.265", "mjpeg": "MJPEG"}
COPIED_VIDEO = frozenset({"h264", "hevc"})
"""What an MP4 of this program holds as it came; everything else is encoded."""


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What is known of a video stream.

    Attributes:
        codec: FFmpeg's name of it.
        parameters: Its parameter sets in Annex B form; empty where the stream
            sends them with its keyframes only, or has none.
        frame_rate: As announced, frames per second; 0 where unknown.
    """

    codec: str
    size: Size
    time_base: Fraction
    frame_rate: float
    parameters: bytes = b""
    pixel_format: str = ""

    @property
    def codec_name(self) -> str:
        """The name that the field uses."""
        return VIDEO_NAMES.get(self.codec, self.codec)


class Packet(NamedTuple):
    """One compressed packet with sane times, on the way from a camera.

    A tuple, which is made in a fifth of the time of a frozen dataclass: hundreds come a second.

    Attributes:
        data: PyAV's packet; H.264 and H.265 in Annex B form.
        dts, pts: In ticks of `time_base`, on the stream's own timeline, where DTS grows.
        arrived: Monotonic time of its arrival in s.
        breaks: Packets are missing before it and the camera's clock jumped: its
            pictures begin anew, and so does a clip, once a keyframe comes.
        awaited: Whether the reader had to wait for it, so that no other is there yet.
    """

    data: AvPacket
    is_video: bool
    is_keyframe: bool
    dts: int
    pts: int
    duration: int
    time_base: Fraction
    size_bytes: int
    arrived: float
    breaks: bool = False
    awaited: bool = True

    def around(self, data: memoryview, earlier: int = 0) -> "Packet":
        """This packet with a copy of the bytes, PyAV's times in it `earlier` by so many ticks."""
        buffer: Any = data  # Any buffer will do, which the stubs of PyAV do not tell.
        copy = av.Packet(buffer)
        copy.time_base = self.time_base
        copy.dts, copy.pts = self.dts - earlier, self.pts - earlier
        copy.duration = self.duration
        copy.is_keyframe = self.is_keyframe
        return self._replace(data=copy)
