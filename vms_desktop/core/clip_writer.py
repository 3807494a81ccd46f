"""Packets into an MP4 that survives a kill: the container's tracks and their times.

Knows nothing of where clips lie or when one begins. Flags of the container:
docs/architecture.md, *Clips*.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from typing import Any, Protocol

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
from vms_desktop.core.packet import COPIED_VIDEO, AvPacket, Packet, VideoFacts
from vms_desktop.core.picture import Size

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
_COPIED_AUDIO = frozenset({"aac", "opus"})
_AAC_BIT_RATE = 48_000
_AAC_FRAME_SAMPLES = 1024
_LENGTH_BYTES = 4
_MAX_SOUND_HOLE_S = 0.1
_MAX_APART_S = 1.0


class _Track(Protocol):
    def packets(self, packet: Packet) -> Sequence[AvPacket]: ...
    def flush(self) -> Sequence[AvPacket]: ...


class ClipWriter:
    """One clip being muxed.

    Made in the thread that reads the stream (it copies the stream's facts) and
    from then on used by the thread that writes. Nothing touches the disk
    before the first `write`.

    Args:
        first: The keyframe that the clip begins with.
        audio: The sound to take along; give it only after its first real packet,
            since an announced track that stays silent spoils the fragments.
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
        audio: av.AudioStream | None,
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
        self._audio = _audio_track(self._container, audio) if audio is not None else None
        self._audio_zero: Fraction | None = None
        self._audio_last_s = Fraction(-1)

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
        elif self._audio is not None:
            self._write_audio(self._audio, packet)

    def close(self) -> None:
        """Complete the file and have the disk keep it. Raises as `write` does."""
        try:
            self._container.mux(self._video.flush())
            if self._audio is not None:
                self._mux_audio(self._audio.flush)
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

    def _write_audio(self, track: _Track, packet: Packet) -> None:
        if self._audio_zero is None or packet.breaks:
            self._audio_zero = self._zero_of_sound(packet)
        time_s = packet.dts * packet.time_base - self._audio_zero
        if time_s <= self._audio_last_s or time_s < 0:
            return
        self._audio_last_s = time_s
        placed = _placed(packet, self._audio_zero)
        self._mux_audio(lambda: track.packets(placed))

    def _mux_audio(self, packets: Callable[[], Sequence[AvPacket]]) -> None:
        try:
            ready = packets()
        except av.FFmpegError:
            return  # A packet that cannot be decoded; the next one can.
        try:
            self._container.mux(ready)
        except av.FFmpegError:
            self._audio = None

    def _zero_of_sound(self, packet: Packet) -> Fraction:
        """The sound's time at the clip's beginning.

        Both tracks share a clock, except where a camera has not yet told how
        they belong together; there the arrival of the packets is what is known.
        """
        zero = self._first.dts * self._first.time_base
        by_clock = packet.dts * packet.time_base - zero
        by_arrival = Fraction(packet.arrived - self._first.arrived).limit_denominator(90_000)
        if abs(by_clock - by_arrival) <= _MAX_APART_S:
            return zero
        return packet.dts * packet.time_base - by_arrival


def _placed(packet: Packet, zero: Fraction) -> Packet:
    """A copy of the packet with its times in the clip: another thread may decode the packet."""
    return packet.around(memoryview(packet.data), earlier=round(zero / packet.time_base))


class _CopyTrack:
    """Packets as they came."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def packets(self, packet: Packet) -> Sequence[AvPacket]:
        packet.data.stream = self._stream
        return [packet.data]

    def flush(self) -> Sequence[AvPacket]:
        return []


class _H265Track(_CopyTrack):
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


class _AacTrack:
    """Sound that an MP4 does not take (G.711), as AAC."""

    def __init__(self, container: OutputContainer, source: av.AudioStream) -> None:
        context: Any = av.CodecContext.create(source.codec_context.name, "r")
        context.sample_rate = source.codec_context.sample_rate
        context.layout = source.codec_context.layout
        self._decoder = context
        rate = source.codec_context.sample_rate
        stream: Any = container.add_stream("aac", rate=rate)
        stream.layout = "mono"
        stream.bit_rate = _AAC_BIT_RATE
        self._stream = stream
        self._rate = rate
        self._resampler = self._new_resampler()
        self._expected_s = 0.0

    def packets(self, packet: Packet) -> Sequence[AvPacket]:
        frames = self._decoder.decode(packet.data)
        return self._encoded(part for frame in frames for part in self._resampled(frame))

    def flush(self) -> Sequence[AvPacket]:
        return [*self._encoded(self._resampler.resample(None)), *self._stream.encode(None)]

    def _resampled(self, frame: av.AudioFrame) -> Iterable[av.AudioFrame]:
        """Frames of the encoder's size.

        Their times follow from the first samples of a run, so a hole begins a new one.
        """
        begins_s = self._expected_s if frame.time is None else frame.time
        if abs(begins_s - self._expected_s) > _MAX_SOUND_HOLE_S:
            self._resampler = self._new_resampler()
        self._expected_s = begins_s + frame.samples / self._rate
        return self._resampler.resample(frame)

    def _new_resampler(self) -> av.AudioResampler:
        return av.AudioResampler("fltp", "mono", self._rate, frame_size=_AAC_FRAME_SAMPLES)

    def _encoded(self, parts: Iterable[av.AudioFrame]) -> Sequence[AvPacket]:
        return [packet for part in parts for packet in self._stream.encode(part)]


def _video_track(
    container: OutputContainer, video: VideoFacts, first: Packet, rotation: int
) -> _Track:
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
    return _H265Track(stream) if video.codec == "hevc" else _CopyTrack(stream)


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


def _audio_track(container: OutputContainer, audio: av.AudioStream) -> _Track:
    if audio.codec_context.name in _COPIED_AUDIO:
        return _CopyTrack(container.add_stream_from_template(audio))
    return _AacTrack(container, audio)
