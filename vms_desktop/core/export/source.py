"""A clip's file as an export reads it: its packets with their times in the clip."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

import av
from av.container import InputContainer

from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.base.picture import Size
from vms_desktop.core.media.colour import Colour, usual_matrix
from vms_desktop.core.media.decode import turned
from vms_desktop.core.media.frame import Frame, Framer, shown_size
from vms_desktop.core.media.old_sound import mended
from vms_desktop.core.player.clip_reader import open_clip
from vms_desktop.core.stream.packets.packet import VIDEO_NAMES, AvPacket

MICROSECOND = Fraction(1, 1_000_000)
SOUND_LATE = Fraction(1)
"""How far sound may lie behind the picture in a file; it is looked for no further."""
_PROBED_PACKETS = 100
"""So many are tried for a first picture, where the first ones are damaged."""

_NO_SBR = b"\x56\xe5\x00"
"""What some encoders append to a configuration (14496-3, 1.6.5.2): as if it were not there."""


@dataclass(frozen=True, slots=True)
class SoundKind:
    """What tells whether two sounds can stand in one track."""

    codec: str
    rate: int
    layout: str
    parameters: bytes


@dataclass(frozen=True, slots=True)
class VideoKind:
    """What tells whether two pictures can stand in one track.

    Attributes:
        pixel_aspect: How wide a pixel is for its height.
        turn: By how much it is turned to be seen, clockwise.
        colour: Where it is encoded; the size decides where nothing of it can be decoded.
    """

    codec: str
    size: Size
    parameters: bytes
    pixel_aspect: Fraction
    turn: int
    colour: Colour

    @property
    def shown_size(self) -> Size:
        """Its size in square pixels, turned."""
        return turned(shown_size(self.size, self.pixel_aspect), self.turn)


@dataclass(frozen=True, slots=True)
class ExportSource:
    """A clip that can be exported.

    Attributes:
        keyframes_us: Times of its keyframes since its first frame, in µs.
        length_us: What the file really holds.
        interval_us: Between two frames.
        packets: How many there are, of pictures and sound.
        size_bytes: Of the file.
        is_cut_short: Whether the file ends before what it says it holds.
    """

    path: Path
    video: VideoKind
    sound: SoundKind | None
    keyframes_us: tuple[int, ...]
    length_us: int
    interval_us: int
    packets: int
    size_bytes: int
    is_cut_short: bool

    def keyframe_before(self, at_us: int) -> int:
        """The time of the keyframe from which a time is decoded."""
        return max((us for us in self.keyframes_us if us <= at_us), default=0)


class SourcePacket(NamedTuple):
    """A packet and its times in seconds since the clip's first frame was shown."""

    data: AvPacket
    is_video: bool
    shown: Fraction
    decoded: Fraction
    duration: Fraction


def read_source(path: Path, rotation: int) -> ExportSource:
    """Learn what a clip's file holds, from its header and its first picture.

    Args:
        rotation: How its camera is turned now; see `Frame.turn`.

    Raises:
        StreamError: It cannot be opened or has no picture.
    """
    with SourceReader.opened(path) as reader:
        return reader.describe(path, rotation)


class SourceReader:
    """A clip's file, open; owned by one thread. Made by `opened`.

    Attributes:
        video, sound: FFmpeg's streams; `sound` is None where there is none.
        framer: Gives the decoded pictures their shape.
        zero: The first frame in the file's own time, in seconds.
    """

    def __init__(self, container: InputContainer, size_bytes: int) -> None:
        self._container = container
        self._size_bytes = size_bytes
        self.video: Any = _video_of(container)
        self.video.codec_context.thread_count = 1
        self.framer = Framer(self.video)
        sounds: Any = container.streams.audio
        self.sound = sounds[0] if sounds and sounds[0].codec_context else None
        self.zero = Fraction((self.video.start_time or 0) * self.video.time_base)

    @staticmethod
    @contextmanager
    def opened(path: Path) -> Iterator["SourceReader"]:
        """Open a file as long as it is needed; an old one says what its sound is.

        Raises StreamError as `open_clip` does.
        """
        file, container = open_clip(path, mended)
        try:
            yield SourceReader(container, os.fstat(file.fileno()).st_size)
        finally:
            container.close()
            file.close()

    def describe(self, path: Path, rotation: int) -> ExportSource:
        """What is known of it, as far as the file is there. Raises StreamError for nothing.

        It cannot be read on afterwards.
        """
        told = list(self.video.index_entries)
        there = [entry for entry in told if entry.pos + entry.size <= self._size_bytes]
        # The index counts in DTS; the first frame's one is that of time 0.
        zero = told[0].timestamp if told else 0
        rate = self.video.average_rate
        interval_us = round(1_000_000 / rate) if rate else 40_000
        is_cut_short = len(there) < len(told)
        if is_cut_short and not there:
            raise StreamError(Problem.BAD_DATA)
        if is_cut_short:
            length_us = self._us(there[-1].timestamp - zero) + interval_us if there else 0
        else:
            length_us = max(self._us(self.video.duration or 0), interval_us)
        sounds = len(self.sound.index_entries) if self.sound else 0
        return ExportSource(
            path=path,
            video=self._video_kind(rotation),
            sound=_sound_kind(self.sound.codec_context) if self.sound else None,
            keyframes_us=tuple(self._us(e.timestamp - zero) for e in there if e.is_keyframe),
            length_us=length_us,
            interval_us=interval_us,
            packets=len(told) + sounds,
            size_bytes=self._size_bytes,
            is_cut_short=is_cut_short,
        )

    def packets(self, from_us: int, until_us: int) -> Iterator[SourcePacket]:
        """The packets from the keyframe before a time to another time, as they lie there.

        Pictures that are shown before that keyframe cannot be decoded and are
        left out, sound before it too. Where the file cannot be read on, it ends.

        Raises:
            StreamError: The file cannot be read at all.
        """
        streams = [self.video] + ([self.sound] if self.sound else [])
        early: list[SourcePacket] = []  # Sound that lies in the file before the keyframe.
        began: Fraction | None = None
        for packet in self._demuxed(from_us, streams):
            if began is None:
                if not (packet.is_video and packet.data.is_keyframe):
                    early.append(packet)
                    continue
                began = packet.shown
                yield from (p for p in early if not p.is_video and p.shown >= packet.shown)
            if packet.decoded >= until_us * MICROSECOND or _begins_later(packet, until_us):
                if packet.is_video and self._is_over(packet, until_us):
                    return
                continue
            if packet.shown >= began:
                yield packet

    def _video_kind(self, rotation: int) -> VideoKind:
        context = self.video.codec_context
        size = Size(context.width, context.height)
        parameters, aspect = bytes(context.extradata or b""), self.framer.pixel_aspect
        first = self._first_frame()
        colour = Colour.of(first.image) if first else Colour(usual_matrix(size))
        turn = first.turn(rotation) if first else rotation
        return VideoKind(context.name, size, parameters, aspect, turn, colour)

    def _first_frame(self) -> Frame | None:
        """The turn stands in the header, too, but FFmpeg tells it with the picture alone."""
        packets = islice(self._demuxed(0, [self.video]), _PROBED_PACKETS)
        # A decoder may hold frames back until it is told that nothing follows.
        for data in chain((packet.data for packet in packets), [None]):
            with suppress(av.FFmpegError):
                if images := self.video.codec_context.decode(data):
                    return self.framer.frames(images)[0]
        return None

    def _is_over(self, packet: SourcePacket, until_us: int) -> bool:
        return self.sound is None or packet.decoded >= until_us * MICROSECOND + SOUND_LATE

    def codec(self) -> str:
        """What the pictures are called by people: AV1, VP8."""
        name: str = self.video.codec_context.codec.canonical_name
        return VIDEO_NAMES.get(name, name.upper())

    def _demuxed(self, from_us: int, streams: list[Any]) -> Iterator[SourcePacket]:
        ticks = round(from_us * MICROSECOND / self.video.time_base) + (self.video.start_time or 0)
        try:
            self._container.seek(ticks, stream=self.video)
            for packet in self._container.demux(streams):
                if packet.dts is not None and packet.size:
                    yield self._timed(packet)
        except av.FFmpegError:
            return  # The file ends in the middle of a packet.
        except OSError as err:
            raise StreamError(Problem.UNREACHABLE, err.strerror or "") from None

    def _timed(self, packet: AvPacket) -> SourcePacket:
        base: Any = packet.time_base
        decoded = packet.dts * base - self.zero
        shown = decoded if packet.pts is None else packet.pts * base - self.zero
        is_video = packet.stream.type == "video"
        return SourcePacket(packet, is_video, shown, decoded, (packet.duration or 0) * base)

    def _us(self, ticks: int) -> int:
        return round(Fraction(ticks * self.video.time_base) / MICROSECOND)


def _video_of(container: InputContainer) -> Any:
    if not container.streams.video:
        raise StreamError(Problem.NO_VIDEO)
    video: Any = container.streams.video[0]
    if video.codec_context is None:
        raise StreamError(Problem.UNSUPPORTED_CODEC)
    if not video.codec_context.width or not video.codec_context.height:
        raise StreamError(Problem.BAD_DATA)
    return video


def _begins_later(packet: SourcePacket, until_us: int) -> bool:
    """With B-frames a keyframe is decoded before its time: the next file begins with it."""
    is_keyframe = packet.is_video and packet.data.is_keyframe
    return is_keyframe and packet.shown >= until_us * MICROSECOND


def _sound_kind(context: Any) -> SoundKind:
    config = bytes(context.extradata or b"")
    if context.name == "aac":
        config = config.removesuffix(_NO_SBR)
    return SoundKind(context.name, context.sample_rate, context.layout.name, config)
