"""The picture of a clip: copied as it came, or encoded as H.264 where an MP4 does not take it.

A track says of itself what the clip's first keyframe says, which is newer than what a stream
announced.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from typing import Any

import av
from av.container import InputContainer, OutputContainer
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter

from vms_desktop.core.base import Problem, Size, StreamError
from vms_desktop.core.clips.sound_track import ClipTrack, CopyTrack
from vms_desktop.core.media import Colour, Decoder, Frame, usual_colour_matrix
from vms_desktop.core.stream import COPIED_VIDEO, AvPacket, Packet, VideoFacts
from vms_desktop.core.stream.bitstream import (
    H265_TYPES,
    JpegFinder,
    first_unit_at,
    parameter_sets_of,
    units_from,
)

_ENCODER_OPTIONS = {"preset": "veryfast", "tune": "zerolatency", "crf": "23"}
_ENCODER_TIME_BASE = Fraction(1, 90_000)
# Told in the file where the camera does not say: players that believe a rate too low drop pictures.
_UNKNOWN_RATE = 30
_ENCODER_KEYFRAME_TICKS = 2 * 90_000
_ENCODER_GROUP = 250  # More pictures than come in that time.
_LENGTH_BYTES = 4


def video_track(
    container: OutputContainer, video: VideoFacts, first: Packet, rotation: int
) -> ClipTrack:
    """A track for the pictures that the keyframe begins.

    Raises:
        StreamError: It is no keyframe that can be understood.
    """
    if video.codec not in COPIED_VIDEO:
        track = _EncodeTrack(container, replace(video, size=_size_of(first, video)))
        if rotation:
            track.stream.set_display_rotation(-rotation)
        return track
    data = bytes(first.data)
    if not parameter_sets_of(data, video.codec):
        data = video.parameters + data
    stream = _stream_like(data, video.codec, container)
    stream.time_base = video.time_base
    if video.pixel_aspect is not None:
        stream.codec_context.sample_aspect_ratio = video.pixel_aspect
    if rotation:
        stream.set_display_rotation(-rotation)
    return _H265Track(stream) if video.codec == "hevc" else CopyTrack(stream)


class _H265Track(CopyTrack):
    """H.265, each unit behind its length.

    FFmpeg would do this, too, but leaves out every parameter set where the file is
    tagged ``hvc1``; here only while they are those of the file's head. Once one has
    changed, the pictures behind need each as it comes.
    """

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self._head = bytes(stream.codec_context.extradata)
        self._has_changed = False

    def packets(self, packet: Packet) -> Sequence[AvPacket]:
        data = bytes(packet.data)
        kept = bytearray()
        for start, end in units_from(data, first_unit_at(data)):
            unit = data[start:end].rstrip(b"\x00")
            is_set = bool(unit) and H265_TYPES.of(unit[0]) in H265_TYPES.parameters
            self._has_changed |= is_set and unit not in self._head
            if not is_set or self._has_changed:
                kept += len(unit).to_bytes(_LENGTH_BYTES) + unit
        return super().packets(packet.around(memoryview(kept)))


class _EncodeTrack:
    """Pictures of another codec, decoded and encoded as H.264, in colours that are said."""

    def __init__(self, container: OutputContainer, video: VideoFacts) -> None:
        rate = round(video.frame_rate) or _UNKNOWN_RATE
        self._decoder = Decoder(video)
        stream: Any = container.add_stream("libx264", rate=rate, options=dict(_ENCODER_OPTIONS))
        self._size = Size(*(length // 2 * 2 for length in video.size))
        stream.width, stream.height = self._size
        stream.pix_fmt = "yuv420p"
        self._colour = Colour(usual_colour_matrix(video.size, video.codec))
        self._colour.tell(stream.codec_context)
        stream.codec_context.time_base = _ENCODER_TIME_BASE
        stream.codec_context.gop_size = _ENCODER_GROUP
        self.stream = stream
        self._reformatter = VideoReformatter()
        self._time_base = video.time_base
        self._last_pts = -1
        self._keyframe_due = 0

    def packets(self, packet: Packet) -> Sequence[AvPacket]:
        self._time_base = packet.time_base
        return self._encoded(self._decoder.decode(packet))

    def flush(self) -> Sequence[AvPacket]:
        return [*self._encoded(self._decoder.flush()), *self.stream.encode(None)]

    def _encoded(self, frames: Iterable[Frame]) -> Sequence[AvPacket]:
        found: list[AvPacket] = []
        for frame in frames:
            if not self.stream.codec_context.is_open:
                self._tell(frame)
            scaled = self._colour.converted(frame.image, self._size, self._reformatter)
            scaled.pts = self._last_pts = self._pts(frame.image)
            scaled.time_base = _ENCODER_TIME_BASE
            # Every JPEG says that it stands for itself, and would be encoded so: at many times
            # the size. Keyframes come by time, since the rate of such pictures is not known.
            is_due = scaled.pts >= self._keyframe_due
            scaled.pict_type = PictureType.I if is_due else PictureType.NONE
            if is_due:
                self._keyframe_due = scaled.pts + _ENCODER_KEYFRAME_TICKS
            found += self.stream.encode(scaled)
        return found

    def _tell(self, first: Frame) -> None:
        """Put what the pictures say of themselves into the file's head."""
        self._colour = Colour.of(first.image)
        self._colour.tell(self.stream.codec_context)
        self.stream.codec_context.sample_aspect_ratio = first.pixel_aspect

    def _pts(self, frame: av.VideoFrame) -> int:
        """The frame's time in the clip, later than the one before in any case."""
        if frame.pts is None:
            return self._last_pts + 1
        # What a decoder held back to the end has lost its own time base.
        return max(round(frame.pts * self._time_base / _ENCODER_TIME_BASE), self._last_pts + 1)


def _size_of(first: Packet, video: VideoFacts) -> Size:
    """The size of this very clip's pictures; a JPEG tells it, and it may have changed."""
    found = JpegFinder().feed(bytes(first.data)) if video.codec == "mjpeg" else []
    return found[0].size if found else video.size


def _stream_like(keyframe: bytes, codec: str, container: OutputContainer) -> Any:
    """An output stream for what the keyframe begins.

    A container in memory that holds the keyframe tells size and parameter sets
    of this very clip; those that the stream announced may be older.
    """
    try:
        with av.open(BytesIO(keyframe), format=codec) as template:
            source = template.streams.video[0]
            if not source.codec_context.width:
                raise StreamError(Problem.BAD_DATA, "no parameter sets")
            if codec != "hevc":
                return container.add_stream_from_template(source)
            with _as_mp4(source) as head:
                stream: Any = container.add_stream_from_template(head.streams.video[0])
                stream.codec_context.codec_tag = "hvc1"  # What Apple's players ask for.
                return stream
    except av.FFmpegError as err:
        raise StreamError(Problem.BAD_DATA, err.strerror or "") from None


def _as_mp4(source: av.VideoStream) -> InputContainer:
    """A file in memory without pictures, whose head tells the stream as an MP4 does (``hvcC``)."""
    file = BytesIO()
    with av.open(file, "w", format="mp4", options={"movflags": "empty_moov"}) as empty:
        empty.add_stream_from_template(source)
        empty.start_encoding()
    return av.open(BytesIO(file.getvalue()), "r", format="mp4")
