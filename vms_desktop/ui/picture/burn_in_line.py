"""Time and camera as a line of text for pictures: Qt joins letters, orders them, finds fonts.

Called by the thread that exports: Qt lets any thread paint on a `QImage`.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter, QTextLayout, QTextOption

# Letters shrink to this before the name is cut.
_SMALLEST_SHARE = 0.6
_FEWEST_PX = 6


def paint_burn_in_line(when: str, name: str, letter_px: int, room_px: int) -> NDArray[np.uint8]:
    """A line with the name cut where there is no room; as `LineWriter` says."""
    least_px = letter_px * _SMALLEST_SHARE
    line = _Line(when, name, _font(letter_px))
    if line.width_px > room_px:
        line = _Line(when, name, _font(max(letter_px * room_px / line.width_px, least_px)))
    if line.width_px > room_px:
        line = line.cut(room_px)
    if line.width_px > room_px:
        line = _Line(when, "", _font(least_px * room_px / line.width_px))
    return line.painted(room_px)


def _font(letter_px: float) -> QFont:
    font = QFont()
    font.setPixelSize(max(_FEWEST_PX, int(letter_px)))
    font.setWeight(QFont.Weight.DemiBold)
    return font


@dataclass(frozen=True, slots=True)
class _Text:
    """Text laid out in one line, in the direction of its own script."""

    layout: QTextLayout
    width_px: float
    ascent_px: float
    descent_px: float


def _text(words: str, font: QFont) -> _Text:
    layout = QTextLayout(words, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    layout.setTextOption(option)
    layout.beginLayout()
    line = layout.createLine()
    layout.endLayout()
    return _Text(layout, line.naturalTextWidth(), line.ascent(), line.descent())


class _Line:
    """Time and name side by side.

    Laid out apart: a name that is read from the right does not turn the time around, and one
    in a script that no font of this machine has does not take its letters from it.
    """

    def __init__(self, when: str, name: str, font: QFont) -> None:
        self._when, self._name, self._font = when, name, font
        self._metrics = QFontMetricsF(font)
        self._time, self._camera = _text(when, font), _text(name, font)
        self._name_from_px = self._time.width_px + self._metrics.horizontalAdvance("  ")

    @property
    def width_px(self) -> float:
        if not self._name:
            return self._time.width_px
        return self._name_from_px + self._camera.width_px

    def cut(self, room_px: float) -> "_Line":
        """As much of the name as there is room for, with an ellipsis; or none of it."""
        room_px -= self._name_from_px
        line, asked_px = self, room_px
        # The fonts that stand in for missing letters are wider than the one that is asked.
        while asked_px > self._metrics.horizontalAdvance("…") and line._camera.width_px > room_px:
            name = self._metrics.elidedText(self._name, Qt.TextElideMode.ElideRight, asked_px)
            line = _Line(self._when, name, self._font)
            asked_px -= max(1.0, line._camera.width_px - room_px)
        return line if line._camera.width_px <= room_px else _Line(self._when, "", self._font)

    def painted(self, room_px: int) -> NDArray[np.uint8]:
        """White on black; what exceeds the room is cut."""
        ascent_px = max(self._time.ascent_px, self._camera.ascent_px)
        height = ceil(ascent_px + max(self._time.descent_px, self._camera.descent_px))
        width = max(1, min(ceil(self.width_px), room_px))
        image = QImage(width, height, QImage.Format.Format_Grayscale8)
        image.fill(Qt.GlobalColor.black)
        painter = QPainter(image)
        painter.setPen(Qt.GlobalColor.white)
        for text, left_px in ((self._time, 0.0), (self._camera, self._name_from_px)):
            text.layout.draw(painter, QPointF(left_px, ascent_px - text.ascent_px))
        painter.end()
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())
        return rows[:, :width].copy()
