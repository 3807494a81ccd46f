"""Packets into an MP4 that survives a kill: the container's tracks and their times.

Knows nothing of where clips lie or when one begins. Flags of the container:
docs/architecture.md, *Clips*.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from io import BytesIO
from typing import Any, Protocol

import av
from av.container import OutputContainer

from vms_desktop.core.clip_file import ClipFile
from vms_desktop.core.decode import Decoder
from vms_desktop.core.nal import parameter_sets
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
_ENCODER_KEYFRAME_S = 2.0
_COPIED_AUDIO = frozenset({"aac", "opus"})
_AAC_BIT_RATE = 48_000
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
        self._video = _video_track(self._container, video, first, rotation)
        context: Any = self._container.streams.video[0].codec_context
        self.size = Size(context.width, context.height)
        self.codec = video.codec if video.codec in COPIED_VIDEO else "h264"
        self._audio = _audio_track(self._container, audio) if audio is not None else None
        self._audio_zero: Fraction | None = None
        self._audio_last = -1

    def write(self, packet: Packet) -> None:
        """Mux a packet; a broken sound never stops the picture.

        Raises:
            OSError: The disk's word.
            av.FFmpegError: The muxer refuses the picture.
        """
        if packet.is_video:
            self._place(packet, self._first.dts * self._first.time_base)
            self._container.mux(self._video.packets(packet))
        elif self._audio is not None:
            self._write_audio(self._audio, packet)

    def close(self) -> None:
        """Complete the file and have the disk keep it. Raises as `write` does."""
        try:
            self._container.mux(self._video.flush())
            self._container.close()
            self._file.sync()
        finally:
            self._file.close()

    def abandon(self) -> None:
        """Close the file as it is: whole up to its last fragment."""
        self._file.close()

    def _write_audio(self, track: _Track, packet: Packet) -> None:
        if self._audio_zero is None:
            self._audio_zero = self._zero_of_sound(packet)
        time_s = packet.dts * packet.time_base - self._audio_zero
        if time_s < 0 or packet.dts <= self._audio_last:
            return
        self._audio_last = packet.dts
        self._place(packet, self._audio_zero)
        try:
            self._container.mux(track.packets(packet))
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

    @staticmethod
    def _place(packet: Packet, zero: Fraction) -> None:
        """Set the packet's times in the clip.

        The same packet may stand in two clips (a pre-roll reaches into the clip
        before), one after the other, so the times are set anew each time.
        """
        shift = round(zero / packet.time_base)
        packet.data.time_base = packet.time_base
        packet.data.dts = packet.dts - shift
        packet.data.pts = packet.pts - shift


class _CopyTrack:
    """Packets as they came."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def packets(self, packet: Packet) -> Sequence[AvPacket]:
        copy = av.Packet(bytes(packet.data))
        copy.stream = self._stream
        copy.time_base = packet.data.time_base
        copy.dts, copy.pts = packet.data.dts, packet.data.pts
        copy.duration = packet.duration
        copy.is_keyframe = packet.is_keyframe
        return [copy]

    def flush(self) -> Sequence[AvPacket]:
        return []


class _EncodeTrack:
    """Pictures of another codec, decoded and encoded as H.264."""

    def __init__(self, container: OutputContainer, video: VideoFacts) -> None:
        rate = round(video.frame_rate) or 15
        self._decoder = Decoder(video)
        stream: Any = container.add_stream("libx264", rate=rate, options=dict(_ENCODER_OPTIONS))
        stream.width, stream.height = (length // 2 * 2 for length in video.size)
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = _ENCODER_TIME_BASE
        stream.codec_context.gop_size = round(rate * _ENCODER_KEYFRAME_S)
        self.stream = stream

    def packets(self, packet: Packet) -> Sequence[AvPacket]:
        found: list[AvPacket] = []
        for frame in self._decoder.decode(packet):
            scaled = frame.reformat(self.stream.width, self.stream.height, format="yuv420p")
            assert packet.data.pts is not None
            scaled.pts = round(packet.data.pts * packet.time_base / _ENCODER_TIME_BASE)
            scaled.time_base = _ENCODER_TIME_BASE
            found += self.stream.encode(scaled)
        return found

    def flush(self) -> Sequence[AvPacket]:
        return list(self.stream.encode(None))


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
        self._resampler = av.AudioResampler("fltp", "mono", rate, frame_size=1024)
        self._samples = 0

    def packets(self, packet: Packet) -> Sequence[AvPacket]:
        found: list[AvPacket] = []
        for frame in self._decoder.decode(packet.data):
            for part in self._resampler.resample(frame):
                part.pts = self._samples
                self._samples += part.samples
                found += self._stream.encode(part)
        return found

    def flush(self) -> Sequence[AvPacket]:
        return []


def _video_track(
    container: OutputContainer, video: VideoFacts, first: Packet, rotation: int
) -> _Track:
    if video.codec not in COPIED_VIDEO:
        track = _EncodeTrack(container, video)
        if rotation:
            track.stream.set_display_rotation(-rotation)
        return track
    data = bytes(first.data)
    if not parameter_sets(data, video.codec):
        data = video.parameters + data
    # A container in memory that holds the keyframe tells codec, size and parameter sets
    # of this very clip; those that the stream announced may be older.
    with av.open(BytesIO(data), format=video.codec) as template:
        stream: Any = container.add_stream_from_template(template.streams.video[0])
    if video.codec == "hevc":
        stream.codec_context.codec_tag = "hvc1"  # What Apple's players ask for.
    stream.time_base = video.time_base
    if rotation:
        stream.set_display_rotation(-rotation)
    return _CopyTrack(stream)


def _audio_track(container: OutputContainer, audio: av.AudioStream) -> _Track:
    if audio.codec_context.name in _COPIED_AUDIO:
        return _CopyTrack(container.add_stream_from_template(audio))
    return _AacTrack(container, audio)
