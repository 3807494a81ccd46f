"""Local time and camera written into a picture."""

from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vms_desktop.core.base.local_day import comes_twice, offset_text
from vms_desktop.core.export_encoding import I420, planes_of
from vms_desktop.core.player.track import to_datetime

_TEXT_SHARE = 0.045
"""Of the picture's height."""
_FEWEST_PX = 12
_SHADE = 0.3
"""What is left of the picture's light behind the text."""
_WHITE, _BLACK, _NO_COLOUR = 235, 16, 128


class LineWriter(Protocol):
    """Writes a line of text; called by the thread that exports.

    Shaping letters, ordering them and finding a font for each script is the work of a
    library for text, which the layers above have.
    """

    def __call__(self, when: str, name: str, letter_px: int, room_px: int) -> NDArray[np.uint8]:
        """How much of each pixel the line covers, 0…255, in as many rows as its letters want.

        Args:
            when: Stands at the left, whole.
            name: After it, in whatever script; cut where there is no room.
            letter_px: Size of the letters; they may be smaller for want of room.
            room_px: The most columns that there may be.
        """
        ...


class TimeStamp:
    """Draws `2026-11-22 14:31:03  Front door` at the lower left, light on a dark strip.

    In an hour that comes twice the distance to UTC tells which it is. The text is
    made once a second.
    """

    def __init__(self, name: str, write: LineWriter) -> None:
        self._name = " ".join(name.split())
        self._write = write
        self._when = ""
        self._strip: NDArray[np.float32] = np.zeros((0, 0), np.float32)

    def draw(self, picture: I420, moment_us: int) -> None:
        """Draw the moment, in µs since the epoch."""
        luma, *colours = planes_of(picture)
        when = _clock(to_datetime(moment_us))
        if when != self._when:
            self._when, self._strip = when, self._drawn(when, luma.shape[0], luma.shape[1])
        height, width = self._strip.shape
        under = luma[-height:, :width]
        shaded = _BLACK + (under.astype(np.float32) - _BLACK) * _SHADE
        under[:] = (shaded + (_WHITE - shaded) * self._strip).clip(0, 255).astype(np.uint8)
        for colour in colours:
            colour[-height // 2 :, : width // 2] = _NO_COLOUR

    def _drawn(self, when: str, height_px: int, width_px: int) -> NDArray[np.float32]:
        """How much of each pixel the text covers, 0…1; even in size, as 4:2:0 asks for."""
        letter = max(_FEWEST_PX, round(height_px * _TEXT_SHARE))
        margin = letter // 2
        line = self._write(when, self._name, letter, max(1, width_px - 2 * margin))
        above = max(0, letter * 8 // 5 - line.shape[0]) // 2
        edges = ((above, above + line.shape[0] % 2), (margin, margin + line.shape[1] % 2))
        covered = np.pad(line, edges)[: height_px // 2 * 2, : width_px // 2 * 2]
        return covered.astype(np.float32) * np.float32(1 / 255)


def _clock(at: datetime) -> str:
    text = f"{at:%Y-%m-%d %H:%M:%S}"
    return f"{text} {offset_text(at)}" if comes_twice(at) else text
