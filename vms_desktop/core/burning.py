"""Local time and camera written into a picture."""

from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from vms_desktop.core.export_encoding import I420, planes_of
from vms_desktop.core.local_day import comes_twice, offset_text
from vms_desktop.core.player.track import to_datetime

_TEXT_SHARE = 0.045
"""Of the picture's height."""
_FEWEST_PX = 12
_WEIGHT = 600
_SHADE = 0.3
"""What is left of the picture's light behind the text."""
_WHITE, _BLACK, _NO_COLOUR = 235, 16, 128


class TimeStamp:
    """Draws `2026-11-22 14:31:03  Front door` at the lower left, light on a dark strip.

    In an hour that comes twice the distance to UTC tells which it is. The text is
    made once a second. OpenCV brings its own font, which has the letters of most
    languages, those that it lacks as question marks.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._font = cv2.FontFace("sans")
        self._text = ""
        self._strip: NDArray[np.float32] = np.zeros((0, 0), np.float32)

    def draw(self, picture: I420, moment_us: int) -> None:
        """Draw the moment, in µs since the epoch."""
        luma, *colours = planes_of(picture)
        text = f"{_clock(to_datetime(moment_us))}  {self._name}"
        if text != self._text:
            self._text, self._strip = text, self._drawn(text, luma.shape[0], luma.shape[1])
        height, width = self._strip.shape
        under = luma[-height:, :width]
        shaded = _BLACK + (under.astype(np.float32) - _BLACK) * _SHADE
        under[:] = (shaded + (_WHITE - shaded) * self._strip).clip(0, 255).astype(np.uint8)
        for colour in colours:
            colour[-height // 2 :, : width // 2] = _NO_COLOUR

    def _drawn(self, text: str, height_px: int, width_px: int) -> NDArray[np.float32]:
        """How much of each pixel the text covers, 0…1; even in size, as 4:2:0 asks for."""
        size = max(_FEWEST_PX, round(height_px * _TEXT_SHARE))
        line = size * 8 // 5 // 2 * 2
        margin = size // 2
        canvas = np.zeros((line, 20 * size + len(text) * size), np.uint8)
        base = margin, round(line * 0.72)
        (end, _), _ = cv2.putText(canvas, text, base, (255,), self._font, size, _WEIGHT)
        width = min(end + margin, width_px, canvas.shape[1]) // 2 * 2
        covered = canvas[: min(line, height_px // 2 * 2), :width]
        return covered.astype(np.float32) * np.float32(1 / 255)


def _clock(at: datetime) -> str:
    text = f"{at:%Y-%m-%d %H:%M:%S}"
    # OpenCV's font has no minus sign, only a hyphen.
    return f"{text} {offset_text(at).replace('−', '-')}" if comes_twice(at) else text
