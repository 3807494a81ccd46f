"""A small picture of a clip: made, and read."""

from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from vms_desktop.core.base import Problem, Size, StreamError
from vms_desktop.core.media.decode import turned_size, upright_pixels
from vms_desktop.core.media.frame import Frame
from vms_desktop.core.media.mp4 import VideoFile, open_mp4
from vms_desktop.core.stream.bitstream import JpegFinder

WIDTH_PX = 320
JPEG_QUALITY = 82
# Frames decoded to reach one: more than a keyframe interval, less than a clip.
MAX_DECODED = 1000
# More than a camera's whole picture. A damaged head says anything, for gigabytes of memory.
_MOST_PX = 1 << 25


def make_thumbnail(
    clip_path: Path, at_s: float | None, width: int = WIDTH_PX, rotation: int = 0
) -> bytes:
    """A JPEG of the frame at `at_s` seconds into a clip, turned clockwise.

    The first frame that can be decoded for None, the last one for a time after
    the end; at most `width` pixels wide.

    Raises:
        StreamError: It cannot be read, is no MP4, or has no frame that can be decoded.
    """
    with open_mp4(clip_path) as clip:
        frame = _frame_at(clip, at_s)
    return small_jpeg(frame, rotation, width)


def _frame_at(clip: VideoFile, at_s: float | None) -> Frame:
    video = clip.video
    video.codec_context.thread_count = 1
    base, start = float(video.time_base or 0), video.start_time or 0
    at = start + int(at_s / base) if at_s and at_s > 0 and base else None
    found: Frame | None = None
    for found in islice(clip.frames(at), MAX_DECODED):
        if not at_s or (found.image.time or 0) - start * base >= at_s:
            break
    if found is None:
        raise StreamError(Problem.BAD_DATA)
    return found


def small_jpeg(frame: Frame, rotation: int, width: int = WIDTH_PX) -> bytes:
    """A JPEG of a frame in its true shape, turned clockwise, at most `width` pixels wide."""
    shown = turned_size(frame.shown_size, frame.turn(rotation))
    scale = min(1.0, width / shown.width)
    size = Size(round(shown.width * scale), max(1, round(shown.height * scale)))
    pixels = upright_pixels(frame, rotation, size, scaling=Interpolation.AREA)
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return bytes(data.tobytes())


def read_thumbnail(path: Path, room: Size) -> NDArray[np.uint8] | None:
    """The picture of a file, just large enough to cover a room; None where it cannot be read.

    Not by Qt, which holds Python's lock while it waits for the disk and while it decodes.

    Returns:
        Shape (height, width, 4), uint8, B G R X.
    """
    try:
        data = _jpeg_in(path.read_bytes())
    except OSError:
        return None
    if data is None:
        return None
    how = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), how)
    if pixels is None:
        return None
    height, width = pixels.shape[:2]
    scale = max(room.width / width, room.height / height)
    size = Size(max(1, round(scale * width)), max(1, round(scale * height)))
    # The mean of what falls into a pixel: a picture that shrinks does not flicker.
    scaling = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(pixels, size, interpolation=scaling)
    return cv2.cvtColor(scaled, cv2.COLOR_BGR2BGRA).astype(np.uint8, copy=False)


def _jpeg_in(data: bytes) -> bytes | None:
    """The picture that a file holds, cut short or not; None where it is none, or far too large."""
    finder = JpegFinder()
    found = finder.feed(data) + finder.end(is_complete=True)
    if not found or found[0].size.width * found[0].size.height > _MOST_PX:
        return None
    return found[0].data
