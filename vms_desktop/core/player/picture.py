"""Frames of clips as the screen wants them, with the boxes of their moment."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import cv2

from vms_desktop.core.base import Box, Picture, Viewport
from vms_desktop.core.clips import read_sidecar
from vms_desktop.core.media import Fitter, Frame, turned_size, upright_pixels
from vms_desktop.core.motion import Motion
from vms_desktop.core.player.clip_reader import HD_WIDTH_PX, ClipReader, DecodedFrame

# Boxes stand at most this far from their frame: a little more than the detector's slowest pace.
BOXES_S = 0.3

# zlib's quickest: half a second less for a 4K picture, and a tenth larger.
PNG_SPEED = 1


@dataclass(frozen=True, slots=True)
class PlayedPicture:
    """A picture of a clip.

    Attributes:
        at: The exact time of its frame.
        clip: The file that it is from.
    """

    picture: Picture
    at: datetime
    clip: Path


class ClipBoxes:
    """The boxes of what moved in a clip, by time; none where it has no side-car."""

    def __init__(self, motions: Sequence[Motion]) -> None:
        self._motions = sorted(motions, key=lambda motion: motion.at)

    @classmethod
    def read(cls, sidecar: Path, clip: Path) -> "ClipBoxes":
        """Those that a side-car tells."""
        described = read_sidecar(sidecar, clip)
        return cls(described.motions if described else ())

    def at(self, at_s: float) -> tuple[Box, ...]:
        """The boxes of the moving frame nearest in time, unless that is too far."""
        index = bisect_left(self._motions, at_s, key=lambda motion: motion.at)
        beside = self._motions[max(0, index - 1) : index + 1]
        nearest = min(beside, key=lambda motion: abs(motion.at - at_s), default=None)
        if nearest is None or abs(nearest.at - at_s) > BOXES_S:
            return ()
        return nearest.boxes


class PictureMaker:
    """Makes the pictures of one track; owned by one thread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._fitter = Fitter()

    def picture(
        self,
        decoded: DecodedFrame,
        reader: ClipReader,
        viewport: Viewport,
        rotation: int,
        boxes: tuple[Box, ...],
    ) -> Picture:
        """A frame fitted to the viewport."""
        decoded_at = self._clock()
        frame = decoded.frame
        return Picture(
            pixels=self._fitter.fit(frame, viewport, rotation),
            source=turned_size(frame.size, frame.turn(rotation)),
            shown=turned_size(frame.shown_size, frame.turn(rotation)),
            boxes=boxes,
            decoded_at=decoded_at,
            frame_rate=reader.frame_rate,
            codec=reader.codec_name,
            hd=frame.size.width >= HD_WIDTH_PX,
        )


def png(frame: Frame, rotation: int) -> bytes:
    """The full frame in its true shape, turned clockwise, as a PNG."""
    pixels = upright_pixels(frame, rotation)
    return cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, PNG_SPEED])[1].tobytes()
