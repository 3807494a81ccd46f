"""One clip's file, read and decoded from any keyframe on."""

import errno
import os
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import IO, Any

import av
from av.container import InputContainer

from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.base.picture import Size
from vms_desktop.core.media.frame import Frame, Framer
from vms_desktop.core.stream.packets.packet import VIDEO_NAMES, AvPacket

HD_WIDTH_PX = 1280
"""From this width on a decoder gets two threads: a seek in 1080p takes 0.6 of the time."""
# What an MP4 holds stands in its header; probing would decode its first second.
OPEN_OPTIONS = {"probesize": "32768", "analyzeduration": "0", "fpsprobesize": "0"}


@dataclass(frozen=True, slots=True, eq=False)
class DecodedFrame:
    """A frame, and its time since the clip's first one."""

    at_us: int
    frame: Frame
    is_keyframe: bool

    @property
    def size_bytes(self) -> int:
        """What it holds in memory."""
        return sum(plane.buffer_size for plane in self.frame.image.planes)


class ClipReader:
    """Decodes a clip forwards from a keyframe; owned by one thread.

    A file that is deleted meanwhile stays readable to its end where the system
    allows it, since it is held open.

    Attributes:
        length_us: What the file holds; less once it has turned out to be cut short.
        keyframes_us: The times of its keyframes; only the first where the file has no index.
        decoded, decoding_s: Frames decoded so far, and the time that this took.

    Raises:
        StreamError: It cannot be opened or is no video.
    """

    def __init__(self, path: Path) -> None:
        self.decoded, self.decoding_s = 0, 0.0
        self._file, self._container = open_clip(path)
        try:
            self._source = _video_of(self._container)
        except StreamError:
            self.close()
            raise
        context: Any = self._source.codec_context
        self.size = Size(context.width, context.height)
        self._framer = Framer(self._source)
        self.codec_name = VIDEO_NAMES.get(context.name, context.name)
        self.frame_rate = float(self._source.average_rate or 0)
        two = context.width >= HD_WIDTH_PX
        context.thread_type, context.thread_count = ("AUTO", 2) if two else ("SLICE", 1)
        self._packets: Iterator[AvPacket] | None = None
        self._last_us = -1
        self.length_us = self._read_index()

    def close(self) -> None:
        """Let go of the file."""
        self._container.close()
        self._file.close()

    @property
    def interval_us(self) -> int:
        """Time between two frames, on average."""
        return round(1e6 / self.frame_rate) if self.frame_rate > 0 else 40_000

    def keyframe_before(self, at_us: int) -> int:
        """The time of the keyframe from which a time is decoded."""
        return self.keyframes_us[max(0, bisect_right(self.keyframes_us, at_us) - 1)]

    def keyframe_after(self, at_us: int) -> int | None:
        """The time of the next keyframe."""
        index = bisect_right(self.keyframes_us, at_us)
        return self.keyframes_us[index] if index < len(self.keyframes_us) else None

    def seek(self, at_us: int) -> None:
        """Go to the keyframe before a time; what is read next is decoded from there.

        Raises:
            StreamError: The file cannot be read any more.
        """
        index = max(0, bisect_right(self.keyframes_us, at_us) - 1)
        ticks = self._keyframe_ticks[index]
        try:
            self._container.seek(ticks, stream=self._source)
            self._packets = self._container.demux(self._source)
        except av.FFmpegError:
            self._packets = iter(())  # Cut off before its index ends: there is nothing.
        except OSError as err:
            raise _lost(err) from None
        self._last_us = -1

    def read(self) -> list[DecodedFrame] | None:
        """The frames that the next packet completes, mostly one; None at the end.

        A packet that is damaged is passed over.

        Raises:
            StreamError: The file cannot be read any more.
        """
        began = perf_counter()
        packet = self._next_packet()
        if packet is None:
            self._end()
            return None
        frames = self._timed(_decoded(packet))
        self.decoding_s += perf_counter() - began
        self.decoded += len(frames)
        # Times that go back cannot be reached by any seek.
        kept = [frame for frame in frames if frame.at_us > self._last_us]
        if kept:
            self._last_us = kept[-1].at_us
        return kept

    def keyframe(self, at_us: int) -> DecodedFrame | None:
        """The keyframe before a time alone; `seek` is due after it."""
        self.seek(at_us)
        context: Any = self._source.codec_context
        while (packet := self._next_packet()) is not None:
            images = _decoded(packet)
            try:
                images += context.decode(None)
            except av.FFmpegError:
                pass
            self._packets = iter(())
            if images:
                return self._timed(images)[0]
            self.seek(at_us)
            return self._first_decodable()
        return None

    def _first_decodable(self) -> DecodedFrame | None:
        while (frames := self.read()) is not None:
            if frames:
                return frames[0]
        return None

    def _next_packet(self) -> AvPacket | None:
        if self._packets is None:
            self.seek(0)
        assert self._packets is not None
        try:
            return next(self._packets, None)
        except av.FFmpegError:
            return None  # The file ends in the middle of a packet.
        except OSError as err:
            raise _lost(err) from None

    def _timed(self, images: list[av.VideoFrame]) -> list[DecodedFrame]:
        return [
            DecodedFrame(self._time_of(frame.image), frame, bool(frame.image.key_frame))
            for frame in self._framer.frames(images)
        ]

    def _time_of(self, image: av.VideoFrame) -> int:
        if image.pts is None:
            return self._last_us + self.interval_us
        return self._microseconds(image.pts - self._first)

    def _microseconds(self, ticks: int) -> int:
        return round(ticks * 1_000_000 * self._base.numerator / self._base.denominator)

    def _end(self) -> None:
        """The last packet has been read: the file may hold less than its header says."""
        if self._last_us >= 0 and self._last_us + 2 * self.interval_us < self.length_us:
            self.length_us = self._last_us + self.interval_us

    def _read_index(self) -> int:
        """Learn where the keyframes are; the length."""
        assert self._source.time_base is not None
        self._base = self._source.time_base
        self._first = self._source.start_time or 0
        size_bytes = os.fstat(self._file.fileno()).st_size
        entries = list(self._source.index_entries)
        there = [entry for entry in entries if entry.pos + entry.size <= size_bytes]
        # The index counts in DTS; the first frame's one is that of time 0.
        zero = entries[0].timestamp if entries else self._first
        ticks = [entry.timestamp - zero for entry in there if entry.is_keyframe] or [0]
        # A seek wants PTS: with DTS it would land a keyframe too early where frames are reordered.
        self._keyframe_ticks = [self._first + tick for tick in ticks]
        self.keyframes_us = tuple(map(self._microseconds, ticks))
        if len(there) < len(entries):  # Cut short: its header says more than it holds.
            told = self._microseconds(there[-1].timestamp - zero) if there else 0
            told += self.interval_us
        else:
            told = self._microseconds(self._source.duration or 0)
        return max(told, self.interval_us)


def open_clip(
    path: Path, seen: Callable[[IO[bytes]], IO[bytes]] = lambda file: file
) -> tuple[IO[bytes], InputContainer]:
    """Open a clip's file as an MP4.

    Args:
        seen: Gives the file as it is to be read; may raise OSError.

    Raises:
        StreamError: It is not there, cannot be read, or is no MP4.
    """
    try:
        # An open file rather than a path: FFmpeg reads this one and follows no address in it.
        file: IO[bytes] = path.open("rb")
    except FileNotFoundError:
        raise StreamError(Problem.NOT_FOUND) from None
    except OSError as err:
        raise _lost(err) from None
    try:
        file = seen(file)
        # Tags may be in any encoding.
        return file, av.open(
            file, mode="r", format="mp4", options=OPEN_OPTIONS, metadata_errors="replace"
        )
    except av.FFmpegError as err:
        file.close()
        raise StreamError(Problem.BAD_DATA, err.strerror or "") from None
    except OSError as err:
        file.close()
        raise _lost(err) from None


def _video_of(container: InputContainer) -> av.VideoStream:
    if not container.streams.video:
        raise StreamError(Problem.NO_VIDEO)
    source = container.streams.video[0]
    context: Any = source.codec_context
    if context is None:
        raise StreamError(Problem.UNSUPPORTED_CODEC)
    if not context.width or not context.height:
        raise StreamError(Problem.BAD_DATA)
    return source


def _decoded(packet: AvPacket) -> list[av.VideoFrame]:
    try:
        return list(packet.decode())
    except av.FFmpegError:
        return []


def _lost(err: OSError) -> StreamError:
    """A share that went away, a disk that fails; the path stays out of it."""
    # EINVAL: what the file says of itself led FFmpeg to a place that no file has.
    kind = Problem.BAD_DATA if err.errno == errno.EINVAL else Problem.UNREACHABLE
    return StreamError(kind, err.strerror or "")
