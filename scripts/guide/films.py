"""The demo films, cut into what a camera and a library would have of them."""

import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from vms_desktop.core.base.picture import Picture, Size, Viewport
from vms_desktop.core.motion.detector import Motion
from vms_desktop.core.motion.file_detector import motions_of_clip
from vms_desktop.resources import demo_folder

SIZE = Size(640, 360)
FRAME_RATE = 12.0


@dataclass(frozen=True, slots=True)
class Cut:
    """A piece of a film: an MP4, how long it is, and what moves in it."""

    data: bytes
    length_s: float
    motions: tuple[Motion, ...]


class Film:
    """A demo film, decoded where it is asked for."""

    def __init__(self, name: str) -> None:
        self._path: Path = demo_folder() / f"{name}.mp4"

    @cached_property
    def motions(self) -> tuple[Motion, ...]:
        """What the detector says of it from beginning to end."""
        return tuple(motion for motion in motions_of_clip(self._path) if motion is not None)

    def motion(self, at_s: float) -> Motion:
        """What the detector says of the moment."""
        return min(self.motions, key=lambda motion: abs(motion.at - at_s))

    def picture(self, at_s: float, room: Viewport) -> Picture:
        """The frame of a moment, as the camera's worker fits it into a tile."""
        frame = self._frame(at_s)
        scale = min(room.width / SIZE.width, room.height / SIZE.height)
        size = (round(SIZE.width * scale), round(SIZE.height * scale))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        pixels = cv2.cvtColor(cv2.resize(frame, size, interpolation=how), cv2.COLOR_BGR2BGRA)
        pixels.flags.writeable = False
        boxes = self.motion(at_s).boxes
        return Picture(np.asarray(pixels, np.uint8), SIZE, SIZE, boxes, 0.0, FRAME_RATE, "H.264")

    def _frame(self, at_s: float) -> NDArray[np.uint8]:
        with av.open(str(self._path)) as film:
            frames = film.decode(video=0)
            found = next(frame for frame in frames if (frame.time or 0) >= at_s)
            return np.asarray(found.to_ndarray(format="bgr24"), np.uint8)

    def cut(self, from_s: float, to_s: float) -> Cut:
        """The piece that begins with the last keyframe before `from_s`, copied packet by packet."""
        out = io.BytesIO()
        with av.open(str(self._path)) as film, av.open(out, "w", format="mp4") as clip:
            source = film.streams.video[0]
            target = clip.add_stream_from_template(source)
            assert source.time_base is not None
            film.seek(round(from_s / source.time_base), stream=source)
            start: int | None = None
            for packet in film.demux(source):
                if packet.pts is None or packet.dts is None:
                    continue
                start = packet.pts if start is None else start
                if packet.pts * source.time_base > to_s:
                    break
                packet.pts, packet.dts, packet.stream = (
                    packet.pts - start,
                    packet.dts - start,
                    target,
                )
                clip.mux(packet)
            assert start is not None
            began_s = float(start * source.time_base)
        moved = [motion for motion in self.motions if began_s <= motion.at <= to_s]
        return Cut(out.getvalue(), to_s - began_s, tuple(_shifted(each, began_s) for each in moved))


def _shifted(motion: Motion, by_s: float) -> Motion:
    since = None if motion.since is None else max(0.0, motion.since - by_s)
    return Motion(
        motion.at - by_s, since, motion.boxes, motion.area_px, motion.threshold_px, motion.cells
    )
