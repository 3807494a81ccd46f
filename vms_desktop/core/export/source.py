"""A clip's file as an export reads it: its packets with their times in the clip."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from vms_desktop.core.base import Problem, Size, StreamError
from vms_desktop.core.media import (
    Colour,
    Frame,
    Framer,
    VideoFile,
    first_image,
    open_with_sound,
    shown_size,
    turned_size,
    usual_colour_matrix,
)
from vms_desktop.core.stream import VIDEO_NAMES, AvPacket

MICROSECOND = Fraction(1, 1_000_000)
# Sound is looked for at most this far behind the picture in a file.
SOUND_LATE = Fraction(1)

# Some encoders append this to a configuration (14496-3, 1.6.5.2): as if it were not there.
_NO_SBR = b"\x56\xe5\x00"


@dataclass(frozen=True, slots=True)
class SoundKind:
    """The kind of a sound: only sounds of one kind can stand in one track."""

    codec: str
    rate: int
    layout: str
    parameters: bytes


@dataclass(frozen=True, slots=True)
class VideoKind:
    """The kind of a picture: only pictures of one kind can stand in one track.

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
        return turned_size(shown_size(self.size, self.pixel_aspect), self.turn)


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
    """Describe a clip's file, from its header and its first picture.

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

    def __init__(self, clip: VideoFile) -> None:
        self._clip = clip
        self.video: Any = clip.video
        self.video.codec_context.thread_count = 1
        self.framer = Framer(self.video)
        sounds: Any = clip.container.streams.audio
        self.sound = sounds[0] if sounds and sounds[0].codec_context else None
        self.zero = (self.video.start_time or 0) * (self.video.time_base or Fraction(0))

    @staticmethod
    @contextmanager
    def opened(path: Path) -> Iterator["SourceReader"]:
        """Open a file as long as it is needed. Raises StreamError as `open_mp4` does."""
        with open_with_sound(path) as clip:
            yield SourceReader(clip)

    def describe(self, path: Path, rotation: int) -> ExportSource:
        """Describe it as far as the file is there. Raises StreamError for nothing.

        It cannot be read on afterwards.
        """
        index = self._clip.index()
        if index.is_cut_short and not index.there:
            raise StreamError(Problem.BAD_DATA)
        sounds = len(self.sound.index_entries) if self.sound else 0
        return ExportSource(
            path=path,
            video=self._video_kind(rotation),
            sound=_sound_kind(self.sound.codec_context) if self.sound else None,
            keyframes_us=tuple(map(self._clip.us, index.keyframes)),
            length_us=index.length_us,
            interval_us=self._clip.interval_us,
            packets=index.told + sounds,
            size_bytes=self._clip.size_bytes,
            is_cut_short=index.is_cut_short,
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
        colour = Colour.of(first.image) if first else Colour(usual_colour_matrix(size))
        turn = first.turn(rotation) if first else rotation
        return VideoKind(context.name, size, parameters, aspect, turn, colour)

    def _first_frame(self) -> Frame | None:
        """The turn stands in the header, too, but FFmpeg tells it with the picture alone."""
        image = first_image(self.video, self._clip.packets(at=self.video.start_time or 0))
        return self.framer.frames([image])[0] if image else None

    def _is_over(self, packet: SourcePacket, until_us: int) -> bool:
        return self.sound is None or packet.decoded >= until_us * MICROSECOND + SOUND_LATE

    def codec(self) -> str:
        """The name that people have for its pictures: AV1, VP8."""
        name: str = self.video.codec_context.codec.canonical_name
        return VIDEO_NAMES.get(name, name.upper())

    def _demuxed(self, from_us: int, streams: list[Any]) -> Iterator[SourcePacket]:
        ticks = round(from_us * MICROSECOND / self.video.time_base) + (self.video.start_time or 0)
        for packet in self._clip.packets(*streams, at=ticks):
            if packet.dts is not None and packet.size:
                yield self._timed(packet)

    def _timed(self, packet: AvPacket) -> SourcePacket:
        base: Any = packet.time_base
        decoded = packet.dts * base - self.zero
        shown = decoded if packet.pts is None else packet.pts * base - self.zero
        is_video = packet.stream.type == "video"
        return SourcePacket(packet, is_video, shown, decoded, (packet.duration or 0) * base)


def _begins_later(packet: SourcePacket, until_us: int) -> bool:
    """With B-frames a keyframe is decoded before its time: the next file begins with it."""
    is_keyframe = packet.is_video and packet.data.is_keyframe
    return is_keyframe and packet.shown >= until_us * MICROSECOND


def _sound_kind(context: Any) -> SoundKind:
    config = bytes(context.extradata or b"")
    if context.name == "aac":
        config = config.removesuffix(_NO_SBR)
    return SoundKind(context.name, context.sample_rate, context.layout.name, config)
