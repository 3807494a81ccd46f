"""The detector of Live over a video file, as fast as it can be decoded.

Knows PyAV and the detector; no camera, and no clock but the file's own.
"""

import logging
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

from vms_desktop.core.base import Problem, StreamError
from vms_desktop.core.config import Zone
from vms_desktop.core.media import Frame, VideoFile, luma, open_mp4, video_length_s
from vms_desktop.core.motion.detector import Motion, MotionDetector
from vms_desktop.core.motion.events import EventEnded, EventTracker

log = logging.getLogger(__name__)

# How much of a file is looked at beforehand to learn its background.
LOOK_AHEAD_S = 20.0

# Raw H.264 and H.265 mostly have neither times nor a rate.
GUESSED_FRAME_RATE = 25.0
DECODER_THREADS = 2


@dataclass(frozen=True, slots=True)
class DetectedEvent:
    """Motion over time in a file, in s since its first frame.

    `peak_area_px` is the largest moving area of one frame, as `Motion.area_px`.
    """

    start_s: float
    end_s: float
    peak_area_px: float


class Span(NamedTuple):
    """A part of a file, in s since its first frame."""

    start_s: float = 0
    end_s: float = math.inf


def detect_file(
    path: Path,
    *,
    sensitivity: float = 0,
    from_s: float = 0,
    to_s: float = math.inf,
    zones: tuple[Zone, ...] = (),
    progress: Callable[[float], None] | None = None,
) -> Iterator[DetectedEvent]:
    """The events between two moments of a file: those that Live would tell of.

    Detector, thresholds, rate of analysis and joining are Live's. What a file
    does not have is a connection after which the picture settles: where Live is
    silent for 5 s, the first `LOOK_AHEAD_S` from `from_s` on are decoded twice,
    once to learn the background, then again to detect. So an event in a clip's
    first seconds is told. The end of the span ends an event that is under way.
    Frames that cannot be decoded are left out.

    `progress` is told the share (0…1) that is done, where the length is known.

    Raises:
        StreamError: NOT_FOUND (no such regular file), NO_VIDEO, or BAD_DATA
            (nothing that can be decoded).
    """
    span, opened = Span(from_s, to_s), partial(_open, path)
    detector = MotionDetector(sensitivity=sensitivity, zones=zones)
    for _ in _learn(detector, opened, span):
        pass
    yield from _events(detector, _pictures(opened, span, progress=progress), from_s)


def motions_of_clip(path: Path, rotation: int = 0) -> Iterator[Motion | None]:
    """The motion in each analysed frame of a clip, `at` in s since the first one.

    The picture is judged as it is shown, as in Live: turned as `Frame.turn` says. None for
    every other frame that was decoded, so that whoever has time can rest after each. Learns
    as `detect_file`.

    Raises:
        StreamError: It is no clip, or the disk does not give all of it.
    """
    detector, whole, opened = MotionDetector(), Span(), partial(open_mp4, path)
    for _ in _learn(detector, opened, whole, rotation):
        yield None
    for at, picture in _pictures(opened, whole, rotation):
        yield detector.analyse(picture, at) if detector.wants(at) else None


def _learn(
    detector: MotionDetector, opened: Callable[[], VideoFile], span: Span, rotation: int = 0
) -> Iterator[None]:
    """Look at the background of a span's beginning, frame by frame."""
    learnt = Span(span.start_s, min(span.end_s, span.start_s + LOOK_AHEAD_S))
    for at, picture in _pictures(opened, learnt, rotation):
        # Time before the span: it has to grow from here on.
        if detector.wants(learnt_at := at - span.start_s - LOOK_AHEAD_S):
            detector.learn(picture, learnt_at)
        yield


def _events(
    detector: MotionDetector, pictures: Iterator[tuple[float, NDArray[np.uint8]]], from_s: float
) -> Iterator[DetectedEvent]:
    tracker, peak_area_px = EventTracker(), 0.0
    for at, picture in pictures:
        if not detector.wants(at - from_s):
            continue
        motion = detector.analyse(picture, at - from_s)
        change = tracker.update(motion.at, motion.since)
        if isinstance(change, EventEnded):
            yield _event(change, from_s, peak_area_px)
            peak_area_px = 0.0
        if motion.moving:
            peak_area_px = max(peak_area_px, motion.area_px)
    if ended := tracker.lost():
        yield _event(ended, from_s, peak_area_px)


def _event(ended: EventEnded, from_s: float, peak_area_px: float) -> DetectedEvent:
    return DetectedEvent(ended.event.start + from_s, ended.event.end + from_s, peak_area_px)


def _pictures(
    opened: Callable[[], VideoFile],
    span: Span,
    rotation: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Time in s since the file's first frame, and luma, of the frames of a span."""
    with opened() as file:
        file.video.thread_type = "AUTO"
        file.video.codec_context.thread_count = DECODER_THREADS
        file_s = video_length_s(file.video)
        is_empty = True
        for at, frame in _timed(file, span.start_s):
            is_empty = False
            if at > span.end_s:
                return
            if at >= span.start_s:
                yield at, luma(frame.image, frame.turn(rotation))
                _tell(progress, at, span, file_s)
        if is_empty and span.start_s == 0:
            raise StreamError(Problem.BAD_DATA)


def _tell(
    progress: Callable[[float], None] | None, at: float, span: Span, file_s: float | None
) -> None:
    end_s = min(span.end_s, file_s or math.inf)
    if progress and span.start_s < end_s < math.inf:
        progress(min(1.0, (at - span.start_s) / (end_s - span.start_s)))


def _open(path: Path) -> VideoFile:
    """A video file of any kind."""
    if not path.is_file():
        raise StreamError(Problem.NOT_FOUND, path.name)
    try:
        # A playlist is a file too, and could name addresses.
        options = {"protocol_whitelist": "file"}
        # Tags may be in any encoding.
        container = av.open(
            str(path.resolve()), container_options=options, metadata_errors="replace"
        )
    except av.FFmpegError as err:
        raise StreamError(Problem.BAD_DATA, err.strerror or path.name) from None
    return VideoFile(container)


def _timed(file: VideoFile, from_s: float) -> Iterator[tuple[float, Frame]]:
    """Frames with times that grow, in s since the first; from a keyframe before `from_s` on."""
    video, start, base = file.video, file.video.start_time, file.video.time_base
    # Raw streams tell no time.
    begin_s = float(start * base) if start is not None and base is not None else None
    if begin_s is not None and from_s > 0:
        _seek(file, begin_s + from_s)
    # The codec's own rate, where it tells one; the average rate of a raw stream is made up.
    rate = video.codec_context.framerate or video.average_rate or GUESSED_FRAME_RATE
    frame_s = 1 / float(rate)
    at = -frame_s
    for frame in file.frames():
        if frame.image.is_corrupt:
            continue
        time_s = frame.image.time
        told_s = None if time_s is None or begin_s is None else time_s - begin_s
        at = told_s if told_s is not None and told_s > at else at + frame_s
        yield at, frame


def _seek(file: VideoFile, to_s: float) -> None:
    """Go to the keyframe before; where a format cannot, reading goes on from its start."""
    assert file.video.time_base is not None
    try:
        file.container.seek(int(to_s / file.video.time_base), stream=file.video)
    except av.FFmpegError as err:
        log.info("cannot seek: %s", err.strerror)
