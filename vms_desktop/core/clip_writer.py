"""Packets into an MP4 that survives a kill: the container's tracks and their times.

Knows nothing of where clips lie or when one begins. Flags of the container:
docs/architecture.md, *Clips*.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from typing import Any

import av
from av.container import InputContainer, OutputContainer
from av.video.frame import PictureType

from vms_desktop.core.clip_file import ClipFile
from vms_desktop.core.decode import Decoder
from vms_desktop.core.errors import Problem, StreamError
from vms_desktop.core.frame import Frame
from vms_desktop.core.jpeg import JpegFinder
from vms_desktop.core.nal import (
    H265_TYPES,
    first_unit_at,
    nal_types,
    parameter_sets,
    picture_head,
    units_from,
)
from vms_desktop.core.packet import COPIED_VIDEO, AudioFacts, AvPacket, Packet, VideoFacts
from vms_desktop.core.picture import Size
from vms_desktop.core.sound_track import ClipTrack, CopyTrack, SoundTrack, sound_track

log = logging.getLogger(__name__)

# Fragments of a second reach the disk at once, so that a kill loses no more; closing
# turns the file into an ordinary MP4 with a seekable index.
MUXER_OPTIONS = {
    "movflags": ("hybrid_fragmented+frag_keyframe+empty_moov+default_base_moof+use_metadata_tags"),
    "frag_duration": "1000000",
    "flush_packets": "1",
    # A sound track that falls silent holds the picture back for half a second, not ten.
    "max_interleave_delta": "500000",
}
_ENCODER_OPTIONS = {"preset": "veryfast", "tune": "zerolatency", "crf": "23"}
_ENCODER_TIME_BASE = Fraction(1, 90_000)
# Told in the file where the camera does not say: players that believe a rate too low drop pictures.
_UNKNOWN_RATE = 30
_ENCODER_KEYFRAME_TICKS = 2 * 90_000
_ENCODER_GROUP = 250  # More pictures than come in that time.
_LENGTH_BYTES = 4
_MAX_APART_S = 1.0
_MAX_APART_IN_A_CONTAINER_S = 15.0  # Segments of HLS come at once, ten seconds of them.


class ClipWriter:
    """One clip being muxed.

    Made in the thread that reads the stream (it copies the stream's facts) and
    from then on used by the thread that writes. Nothing touches the disk
    before the first `write`.

    Args:
        first: The keyframe that the clip begins with.
        audio: The sound to take along, if it can be; give it only after its first real
            packet, since an announced track that stays silent spoils the fragments.
        tags: Metadata of the file.
        rotation: Clockwise turn that players apply, in degrees.

    Raises:
        StreamError: The first packet is no keyframe that can be understood.

    Attributes:
        size, codec: Of the picture in the file; `h264` or `hevc`.
    """

    def __init__(
        self,
        file: ClipFile,
        video: VideoFacts,
        first: Packet,
        audio: AudioFacts | None,
        tags: Mapping[str, str],
        rotation: int = 0,
    ) -> None:
        self._file = file
        self._container: OutputContainer = av.open(
            file, "w", format="mp4", options=dict(MUXER_OPTIONS)
        )
        self._container.metadata.update(tags)
        self._first = first
        self._may_lead = video.codec in COPIED_VIDEO
        self._video = _video_track(self._container, video, first, rotation)
        context: Any = self._container.streams.video[0].codec_context
        self.size = Size(context.width, context.height)
        self.codec = video.codec if video.codec in COPIED_VIDEO else "h264"
        self._sound = sound_track(self._container, audio) if audio is not None else None
        self._sound_zero: Fraction | None = None
        self._last_sample = -1

    def write(self, packet: Packet) -> None:
        """Mux a packet; a broken sound never stops the picture.

        Raises:
            OSError: The disk's word.
            av.FFmpegError: The muxer refuses the picture.
        """
        if packet.is_video:
            if self._leads(packet):
                return
            zero = self._first.dts * self._first.time_base
            self._container.mux(self._video.packets(_placed(packet, zero)))
        elif self._sound is not None:
            self._write_sound(self._sound, packet)

    def close(self) -> None:
        """Complete the file and have the disk keep it. Raises as `write` does."""
        try:
            self._container.mux(self._video.flush())
            if self._sound is not None:
                self._mux_sound(self._sound.flush)
            self._container.close()
            self._file.sync()
        finally:
            self._file.close()

    def abandon(self) -> None:
        """Close the file as it is: whole up to its last fragment."""
        self._file.close()

    def _leads(self, packet: Packet) -> bool:
        """Whether it is shown before the clip's keyframe, and needs pictures from before that.

        An open group of pictures begins with such ones, which nobody can decode here.
        """
        if not self._may_lead or packet.pts == self._first.pts:
            return False
        types = nal_types(self.codec)
        begins, kind = (
            picture_head(bytes(each.data), types).slice_type for each in (self._first, packet)
        )
        self._may_lead = packet.pts < self._first.pts and begins not in types.closed
        return self._may_lead and kind not in types.decodable_leading

    def _write_sound(self, track: SoundTrack, packet: Packet) -> None:
        if packet.sound is not None and packet.sound != track.sound:
            return  # Sound of another kind, which the next clip takes along.
        if self._sound_zero is None or packet.breaks:
            self._sound_zero = self._zero_of_sound(packet)
        time_s = packet.dts * packet.time_base - self._sound_zero
        # In samples: two times within one are the same to the muxer.
        sample = round(time_s * track.sound.rate_hz)
        if sample <= self._last_sample:
            return
        if self._last_sample < 0:
            self._mux_sound(lambda: track.lead(time_s))
        self._last_sample = sample
        placed = _placed(packet, self._sound_zero)
        self._mux_sound(lambda: track.packets(placed))

    def _mux_sound(self, packets: Callable[[], Sequence[AvPacket]]) -> None:
        try:
            ready = packets()
        except av.FFmpegError:
            return  # A packet that cannot be decoded; the next one can.
        try:
            self._container.mux(ready)
        except av.FFmpegError as err:
            log.warning("%s: the clip goes on without sound: %s", self._file.path, err.strerror)
            self._sound = None

    def _zero_of_sound(self, packet: Packet) -> Fraction:
        """The sound's time at the clip's beginning.

        Both tracks share a clock, except where a camera has not yet told how
        they belong together; there the arrival of the packets is what is known.
        """
        zero = self._first.dts * self._first.time_base
        by_clock = packet.dts * packet.time_base - zero
        by_arrival = Fraction(packet.arrived - self._first.arrived).limit_denominator(90_000)
        is_shared = packet.sound is not None and packet.sound.on_picture_clock
        most_s = _MAX_APART_IN_A_CONTAINER_S if is_shared else _MAX_APART_S
        if abs(by_clock - by_arrival) <= most_s:
            return zero
        return packet.dts * packet.time_base - by_arrival


def _placed(packet: Packet, zero: Fraction) -> Packet:
    """A copy of the packet with its times in the clip: another thread may decode the packet."""
    return packet.around(memoryview(packet.data), earlier=round(zero / packet.time_base))


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
            self._has_changed |= is_set and len(unit).to_bytes(2) + unit not in self._head
            if not is_set or self._has_changed:
                kept += len(unit).to_bytes(_LENGTH_BYTES) + unit
        return super().packets(packet.around(memoryview(kept)))


class _EncodeTrack:
    """Pictures of another codec, decoded and encoded as H.264."""

    def __init__(self, container: OutputContainer, video: VideoFacts) -> None:
        rate = round(video.frame_rate) or _UNKNOWN_RATE
        self._decoder = Decoder(video)
        stream: Any = container.add_stream("libx264", rate=rate, options=dict(_ENCODER_OPTIONS))
        stream.width, stream.height = (length // 2 * 2 for length in video.size)
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = _ENCODER_TIME_BASE
        stream.codec_context.gop_size = _ENCODER_GROUP
        self.stream = stream
        self._last_pts = -1
        self._keyframe_due = 0

    def packets(self, packet: Packet) -> Sequence[AvPacket]:
        return self._encoded(self._decoder.decode(packet))

    def flush(self) -> Sequence[AvPacket]:
        return [*self._encoded(self._decoder.flush()), *self.stream.encode(None)]

    def _encoded(self, frames: Iterable[Frame]) -> Sequence[AvPacket]:
        found: list[AvPacket] = []
        for frame in frames:
            if self._last_pts < 0:
                # Of no use later: the encoder begins with its first picture.
                self.stream.codec_context.sample_aspect_ratio = frame.pixel_aspect
            scaled = frame.image.reformat(self.stream.width, self.stream.height, format="yuv420p")
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

    def _pts(self, frame: av.VideoFrame) -> int:
        """The frame's time in the clip, later than the one before in any case."""
        if frame.pts is None or frame.time_base is None:
            return self._last_pts + 1
        return max(round(frame.pts * frame.time_base / _ENCODER_TIME_BASE), self._last_pts + 1)


def _video_track(
    container: OutputContainer, video: VideoFacts, first: Packet, rotation: int
) -> ClipTrack:
    if video.codec not in COPIED_VIDEO:
        track = _EncodeTrack(container, replace(video, size=_size_of(first, video)))
        if rotation:
            track.stream.set_display_rotation(-rotation)
        return track
    data = bytes(first.data)
    if not parameter_sets(data, video.codec):
        data = video.parameters + data
    stream = _stream_like(data, video.codec, container)
    stream.time_base = video.time_base
    if video.pixel_aspect is not None:
        stream.codec_context.sample_aspect_ratio = video.pixel_aspect
    if rotation:
        stream.set_display_rotation(-rotation)
    return _H265Track(stream) if video.codec == "hevc" else CopyTrack(stream)


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
