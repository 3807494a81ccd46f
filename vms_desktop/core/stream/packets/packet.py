"""Compressed packets and the facts of the elementary streams that they belong to."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import av

from vms_desktop.core.base import Size

if TYPE_CHECKING:
    AvPacket = av.Packet[Any]
else:
    AvPacket = av.Packet  # Generic for the type checker only.

VIDEO_NAMES = {"h264": "H.264", "hevc": "H.265", "mjpeg": "MJPEG"}
# What an MP4 of this program holds as it came; everything else is encoded.
COPIED_VIDEO = frozenset({"h264", "hevc"})


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """The facts of a video stream.

    Attributes:
        codec: FFmpeg's name of it.
        parameters: Its parameter sets in Annex B form; empty where the stream
            sends them with its keyframes only, or has none.
        frame_rate: As announced, frames per second; 0 where unknown.
        pixel_aspect: How wide a pixel is for its height, as the container says; None where
            the frames themselves tell.
    """

    codec: str
    size: Size
    time_base: Fraction
    frame_rate: float
    parameters: bytes = b""
    pixel_format: str = ""
    pixel_aspect: Fraction | None = None

    @property
    def codec_name(self) -> str:
        """The name that the field uses."""
        return VIDEO_NAMES.get(self.codec, self.codec)


def container_aspect(source: av.VideoStream) -> Fraction | None:
    """A container's own word on its pixels; None where that is left to the codec.

    To be asked before anything is decoded.
    """
    # FFmpeg's guess is the container's word, or else the codec's.
    guess = source.sample_aspect_ratio
    return guess if guess != source.codec_context.sample_aspect_ratio else None


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """The facts of a sound track.

    Attributes:
        codec: FFmpeg's name of it.
        rate_hz, channels: Of the sound that comes out, as its configuration tells.
        time_base: Of its packets' times, which need not be its rate.
        config: AAC's AudioSpecificConfig or Opus' OpusHead; empty where it is not
            known, or where the codec has none.
        on_picture_clock: Whether its times are those of the picture by the container's
            word; over RTP both have clocks of their own.
    """

    codec: str
    rate_hz: int
    channels: int
    time_base: Fraction
    config: bytes = b""
    on_picture_clock: bool = False

    @classmethod
    def of(cls, stream: av.AudioStream) -> "AudioFacts":
        """Those of a stream that FFmpeg has opened."""
        context = stream.codec_context
        rate_hz = context.sample_rate or stream.rate
        return cls(
            codec=context.name,
            rate_hz=rate_hz,
            channels=context.channels,
            time_base=stream.time_base or Fraction(1, rate_hz or 90_000),
            config=context.extradata or b"",
        )

    @property
    def layout(self) -> str:
        """FFmpeg's name for the usual places of so many channels."""
        return f"{max(1, self.channels)}c"


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
        sound: What this sound is, which may change; None for a picture.
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
    sound: AudioFacts | None = None

    def around(self, data: memoryview, earlier: int = 0) -> "Packet":
        """This packet with a copy of the bytes, PyAV's times in it `earlier` by so many ticks."""
        copy = av_packet(
            data,
            self.time_base,
            self.dts - earlier,
            self.pts - earlier,
            self.duration,
            is_keyframe=self.is_keyframe,
        )
        return self._replace(data=copy)


def av_packet(
    data: bytes | memoryview,
    time_base: Fraction,
    dts: int | None,
    pts: int | None,
    duration: int | None,
    *,
    is_keyframe: bool,
) -> AvPacket:
    """A packet of PyAV's around these bytes, times in ticks of `time_base`."""
    buffer: Any = data  # Any buffer will do, which the stubs of PyAV do not tell.
    packet = av.Packet(buffer)
    packet.time_base = time_base
    packet.dts, packet.pts, packet.duration = dts, pts, duration
    packet.is_keyframe = is_keyframe
    return packet
