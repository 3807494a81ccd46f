"""Video files opened, probed and decoded: the one way in which a clip is read.

Damage ends what a file gives or is passed over; a disk that does not give it is an error.
Knows FFmpeg and files; no clip, no camera and no thread.
"""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, Self

import av
from av.container import InputContainer
from av.stream import Stream

from vms_desktop.core.base import Problem, Size, StreamError
from vms_desktop.core.media.decode import decode_packet
from vms_desktop.core.media.frame import Frame, Framer
from vms_desktop.core.stream import AvPacket

# What an MP4 holds stands in its header; probing would decode its first second.
OPEN_OPTIONS = {"probesize": "32768", "analyzeduration": "0", "fpsprobesize": "0"}
# Tried until one gives a picture: damage at the beginning is not the whole clip's.
PROBED_PACKETS = 100
# Between two frames of a file that does not say it: 25 Hz.
USUAL_INTERVAL_US = 40_000


@dataclass(frozen=True, slots=True)
class ProbedFile:
    """The facts that a clip's file tells of itself."""

    codec: str
    size: Size
    duration_s: float


@dataclass(frozen=True, slots=True)
class VideoIndex:
    """The pictures that a file's index tells of, and how many of them the file holds.

    Attributes:
        keyframes: The times of those that are there, since the first frame, in ticks.
        length_us: Of what is there.
        told, there: How many packets the index tells, and the file has.
    """

    keyframes: tuple[int, ...]
    length_us: int
    told: int
    there: int

    @property
    def is_cut_short(self) -> bool:
        """Whether the file ends before what it says it holds."""
        return self.there < self.told


class VideoFile:
    """A video file that is open; owned by one thread, and closed by it.

    One that is deleted meanwhile stays readable to its end where the system
    allows it. Whatever reads it raises StreamError where the disk does not give it.

    Args:
        file: The file that the container reads, where that is not FFmpeg's own; closed with it.

    Attributes:
        container: FFmpeg's.
        video: Its pictures, see `video_of`, which may raise.
        size_bytes: Of the file as it was opened; 0 where FFmpeg opened it.
    """

    def __init__(self, container: InputContainer, file: IO[bytes] | None = None) -> None:
        self.container = container
        self.size_bytes = os.fstat(file.fileno()).st_size if file else 0
        self._file = file
        try:
            self.video = video_of(container)
        except StreamError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self.container.close()
        if self._file:
            self._file.close()

    @property
    def interval_us(self) -> int:
        """Time between two frames, on average."""
        rate = self.video.average_rate
        return round(1_000_000 / rate) if rate else USUAL_INTERVAL_US

    def us(self, ticks: int) -> int:
        """Ticks of its pictures as µs."""
        base = self.video.time_base
        assert base is not None
        return round(ticks * 1_000_000 * base.numerator / base.denominator)

    def index(self) -> VideoIndex:
        """The index of an MP4, compared with the size of the file."""
        told = list(self.video.index_entries)
        there = [entry for entry in told if entry.pos + entry.size <= self.size_bytes]
        # The index counts in DTS; the first frame's one is that of time 0.
        zero = told[0].timestamp if told else 0
        length_us = self.us(self.video.duration or 0)
        if len(there) < len(told):
            length_us = self.us(there[-1].timestamp - zero) + self.interval_us if there else 0
        keyframes = tuple(entry.timestamp - zero for entry in there if entry.is_keyframe)
        return VideoIndex(keyframes, max(length_us, self.interval_us), len(told), len(there))

    def packets(self, *streams: Stream, at: int | None = None) -> Iterator[AvPacket]:
        """The packets of streams, those of the pictures for none; see `packets_in`."""
        streams = streams or (self.video,)
        try:
            yield from packets_in(self.container, *streams, at=at)
        except OSError as err:
            raise _lost(err) from None

    def frames(self, at: int | None = None) -> Iterator[Frame]:
        """The frames that can be decoded, from the keyframe before a time in ticks on."""
        framer = Framer(self.video)
        for packet in self.packets(at=at):
            yield from framer.frames(decode_packet(self.video.codec_context, packet))


def open_mp4(path: Path, seen: Callable[[IO[bytes]], IO[bytes]] = lambda file: file) -> VideoFile:
    """Open a clip's file.

    Args:
        seen: Gives the file as it is to be read; may raise OSError.

    Raises:
        StreamError: It is not there, cannot be read, is no MP4, or has no pictures.
    """
    with ExitStack() as on_failure:
        try:
            # An open file rather than a path: FFmpeg reads this one and follows no address in it.
            file = on_failure.enter_context(path.open("rb"))
            clip = VideoFile(mp4_in(seen(file)), file)
        except OSError as err:
            raise _lost(err) from None
        on_failure.pop_all()
        return clip


def mp4_in(file: IO[bytes]) -> InputContainer:
    """The MP4 that a file holds, read from where the file stands; whoever opened it closes it.

    Raises:
        StreamError: It is none.
        OSError: The disk does not give it.
    """
    try:
        # Tags may be in any encoding.
        return av.open(
            file, mode="r", format="mp4", options=dict(OPEN_OPTIONS), metadata_errors="replace"
        )
    except av.FFmpegError as err:
        raise StreamError(Problem.BAD_DATA, err.strerror or "") from None
    except OSError as err:
        if not _is_damage(err):
            raise
        raise StreamError(Problem.BAD_DATA) from None


def probe_file(path: Path) -> ProbedFile | None:
    """The facts of a clip; None where it has no picture that can be decoded.

    Raises:
        OSError: The file is not there, or the disk does not give it.
    """
    with path.open("rb") as file, suppress(StreamError), mp4_in(file) as container:
        video = video_of(container)
        video.codec_context.thread_count = 1
        if image := first_image(video, packets_in(container, video)):
            size = Size(image.width, image.height)
            return ProbedFile(video.codec_context.name, size, video_length_s(video) or 0.0)
    return None


def video_of(container: InputContainer) -> av.VideoStream:
    """The pictures of a file.

    Raises:
        StreamError: It has none, of no size, or of a codec that nobody here knows.
    """
    if not container.streams.video:
        raise StreamError(Problem.NO_VIDEO)
    video = container.streams.video[0]
    context: Any = video.codec_context  # None for a codec without decoder, which no stub tells.
    if context is None:
        raise StreamError(Problem.UNSUPPORTED_CODEC)
    if not context.width or not context.height:
        raise StreamError(Problem.BAD_DATA)
    return video


def video_length_s(video: av.VideoStream) -> float | None:
    """The length of a file's pictures, in s, as its header tells; None where it does not."""
    if video.duration and video.time_base:
        return float(video.duration * video.time_base)
    container: Any = video.container  # Its stubs do not tell that it is one that is read.
    return container.duration / av.time_base if container.duration else None


def packets_in(
    container: InputContainer, *streams: Stream, at: int | None = None
) -> Iterator[AvPacket]:
    """The packets of streams as they lie in the file, the last of each empty; less of a torn one.

    Args:
        at: Go to the keyframe before this time first, in ticks of the first stream.

    Raises:
        OSError: The disk does not give them.
    """
    try:
        if at is not None:
            container.seek(at, stream=streams[0])
        yield from container.demux(streams)
    except av.FFmpegError:
        return  # The file ends in the middle of a packet, or of what its index tells.
    except OSError as err:
        if not _is_damage(err):
            raise


def first_image(video: av.VideoStream, packets: Iterator[AvPacket]) -> av.VideoFrame | None:
    """The first picture that can be decoded; nothing can be decoded after it."""
    # A decoder may hold frames back until it is told that nothing follows.
    for packet in chain(islice(packets, PROBED_PACKETS), [None]):
        if images := decode_packet(video.codec_context, packet):
            return images[0]
    return None


def _is_damage(err: OSError) -> bool:
    """True if a file has led FFmpeg to a place that no file has."""
    return err.errno == errno.EINVAL


def _lost(err: OSError) -> StreamError:
    """The error of a file that is not there, of a share or a disk that fails; without the path."""
    if isinstance(err, FileNotFoundError):
        return StreamError(Problem.NOT_FOUND)
    kind = Problem.BAD_DATA if _is_damage(err) else Problem.UNREACHABLE
    return StreamError(kind, err.strerror or "")
