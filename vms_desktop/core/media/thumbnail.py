"""A small picture of a clip."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO

import av
import av.container
import cv2
from av.video.reformatter import Interpolation

from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.base.picture import Size
from vms_desktop.core.media.decode import turned, upright
from vms_desktop.core.media.frame import Frame, Framer

WIDTH_PX = 320
JPEG_QUALITY = 82
MAX_DECODED = 1000
"""Frames decoded to reach one: more than a keyframe interval, less than a clip."""


def make_thumbnail(
    clip_path: Path, at_s: float | None, width: int = WIDTH_PX, rotation: int = 0
) -> bytes:
    """A JPEG of the frame at `at_s` seconds into a clip, turned clockwise.

    The first frame that can be decoded for None, the last one for a time after
    the end; at most `width` pixels wide.

    Raises:
        StreamError: The file is no MP4, or has no frame that can be decoded.
    """
    try:
        # An open file rather than a path: FFmpeg reads this one and follows no address in it.
        with clip_path.open("rb") as file:
            frame = _frame_at(file, at_s)
    except FileNotFoundError:
        raise StreamError(Problem.NOT_FOUND) from None
    except (OSError, av.FFmpegError) as err:
        raise StreamError(Problem.BAD_DATA, err.strerror or "") from None
    return small_jpeg(frame, rotation, width)


def _frame_at(file: IO[bytes], at_s: float | None) -> Frame:
    # Tags may be in any encoding.
    with av.open(file, mode="r", format="mp4", metadata_errors="replace") as container:
        if not container.streams.video:
            raise StreamError(Problem.NO_VIDEO)
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        start_s = _seek(container, stream, at_s or 0)
        found = None
        for number, frame in enumerate(_frames(container, stream)):
            found = frame
            moment = frame.image.time - start_s if frame.image.time is not None else 0
            if at_s is None or moment >= at_s or number >= MAX_DECODED:
                break
    if found is None:
        raise StreamError(Problem.BAD_DATA)
    return found


def _seek(container: av.container.InputContainer, stream: av.VideoStream, at_s: float) -> float:
    """Go to the keyframe before `at_s`; the stream's first time in s."""
    base = float(stream.time_base or 0)
    start = stream.start_time or 0
    if at_s > 0 and base:
        container.seek(start + int(at_s / base), stream=stream)
    return start * base


def _frames(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[Frame]:
    """The frames that can be decoded; a damaged packet is passed over."""
    framer = Framer(stream)
    for packet in container.demux(stream):
        try:
            yield from framer.frames(packet.decode())
        except av.FFmpegError:
            continue


def small_jpeg(frame: Frame, rotation: int, width: int = WIDTH_PX) -> bytes:
    """A JPEG of a frame in its true shape, turned clockwise, at most `width` pixels wide."""
    shown = turned(frame.shown_size, frame.turn(rotation))
    scale = min(1.0, width / shown.width)
    size = Size(round(shown.width * scale), max(1, round(shown.height * scale)))
    pixels = upright(frame, rotation, size, scaling=Interpolation.AREA)
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return bytes(data.tobytes())
