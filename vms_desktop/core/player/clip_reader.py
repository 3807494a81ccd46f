"""One clip's file, read and decoded from any keyframe on."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import av

from vms_desktop.core.base import Size
from vms_desktop.core.media import Frame, Framer, decode_packet, open_mp4
from vms_desktop.core.stream import VIDEO_NAMES, AvPacket

# From this width on a decoder gets two threads: a seek in 1080p takes 0.6 of the time.
HD_WIDTH_PX = 1280


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

    Attributes:
        length_us: What the file holds; less once it has turned out to be cut short.
        keyframes_us: The times of its keyframes; only the first where the file has no index.
        decoded, decoding_s: Frames decoded so far, and the time that this took.

    Raises:
        StreamError: It cannot be opened or is no video.
    """

    def __init__(self, path: Path) -> None:
        self.decoded, self.decoding_s = 0, 0.0
        self._clip = open_mp4(path)
        self._source = self._clip.video
        context: Any = self._source.codec_context
        self.size = Size(context.width, context.height)
        self._framer = Framer(self._source)
        self.codec_name = VIDEO_NAMES.get(context.name, context.name)
        self.frame_rate = float(self._source.average_rate or 0)
        two = context.width >= HD_WIDTH_PX
        context.thread_type, context.thread_count = ("AUTO", 2) if two else ("SLICE", 1)
        self._packets: Iterator[AvPacket] = iter(())
        self._last_us = -1
        index = self._clip.index()
        self.length_us = index.length_us
        self._first = self._source.start_time or 0
        ticks = index.keyframes or (0,)
        # A seek wants PTS: with DTS it would land a keyframe too early where frames are reordered.
        self._keyframe_ticks = [self._first + tick for tick in ticks]
        self.keyframes_us = tuple(map(self._clip.us, ticks))
        self.seek(0)

    def close(self) -> None:
        """Let go of the file."""
        self._clip.close()

    @property
    def interval_us(self) -> int:
        """Time between two frames, on average."""
        return self._clip.interval_us

    def keyframe_before(self, at_us: int) -> int:
        """The time of the keyframe from which a time is decoded."""
        return self.keyframes_us[max(0, bisect_right(self.keyframes_us, at_us) - 1)]

    def keyframe_after(self, at_us: int) -> int | None:
        """The time of the next keyframe."""
        index = bisect_right(self.keyframes_us, at_us)
        return self.keyframes_us[index] if index < len(self.keyframes_us) else None

    def seek(self, at_us: int) -> None:
        """Go to the keyframe before a time; what is read next is decoded from there."""
        index = max(0, bisect_right(self.keyframes_us, at_us) - 1)
        self._packets = self._clip.packets(at=self._keyframe_ticks[index])
        self._last_us = -1

    def read(self) -> list[DecodedFrame] | None:
        """The frames that the next packet completes, mostly one; None at the end.

        A packet that is damaged is passed over.

        Raises:
            StreamError: The file cannot be read any more.
        """
        began = perf_counter()
        packet = next(self._packets, None)
        if packet is None:
            self._end()
            return None
        frames = self._timed(decode_packet(self._source.codec_context, packet))
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
        context = self._source.codec_context
        packet = next(self._packets, None)
        if packet is None:
            return None
        if images := decode_packet(context, packet) + decode_packet(context, None):
            self._packets = iter(())
            return self._timed(images)[0]
        self.seek(at_us)
        return next((frames[0] for frames in iter(self.read, None) if frames), None)

    def _timed(self, images: list[av.VideoFrame]) -> list[DecodedFrame]:
        return [
            DecodedFrame(self._time_of(frame.image), frame, bool(frame.image.key_frame))
            for frame in self._framer.frames(images)
        ]

    def _time_of(self, image: av.VideoFrame) -> int:
        if image.pts is None:
            return self._last_us + self.interval_us
        return self._clip.us(image.pts - self._first)

    def _end(self) -> None:
        """The last packet has been read: the file may hold less than its header says."""
        if self._last_us >= 0 and self._last_us + 2 * self.interval_us < self.length_us:
            self.length_us = self._last_us + self.interval_us
