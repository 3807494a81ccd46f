"""A day's heat map as a picture to lay over another, and the scale that explains it."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from vms_desktop.ui.base import DARK_THEME, Tone

_MOST_ALPHA = 190
# What moved at all can be seen.
_LEAST_ALPHA = 40
_LEGEND = QSize(130, 30)
_SCALE_PX = 8


def heat_image(heat: NDArray[np.float32]) -> QImage | None:
    """A picture, one pixel per cell; None where nothing moved.

    `heat` is 36×64, 0…1, of the picture as it is shown. Its square root is shown:
    a street that moves all day would leave nothing to be seen of the rest.
    """
    if not heat.any():
        return None
    strength = np.sqrt(np.clip(heat, 0, 1))
    span = _MOST_ALPHA - _LEAST_ALPHA
    alpha = np.where(strength > 0, _LEAST_ALPHA + strength * span, 0).astype(np.uint8)
    colour = DARK_THEME.colour(Tone.AMBER)
    pixels = np.empty((*heat.shape, 4), np.uint8)
    pixels[..., :3] = colour.red(), colour.green(), colour.blue()
    pixels[..., 3] = alpha
    height, width = heat.shape
    # A copy: the picture lives longer than the array.
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


class HeatLegend(QWidget):
    """The scale from little to much motion."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self._words())

    def _words(self) -> str:
        return self.tr("Heat map: from little motion to much motion")

    def sizeHint(self) -> QSize:
        return _LEGEND

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = QRectF(0, 0, self.width(), _SCALE_PX)
        ramp = QLinearGradient(scale.topLeft(), scale.topRight())
        least, most = DARK_THEME.colour(Tone.AMBER), DARK_THEME.colour(Tone.AMBER)
        least.setAlpha(_LEAST_ALPHA)
        most.setAlpha(_MOST_ALPHA)
        ramp.setColorAt(0, least)
        ramp.setColorAt(1, most)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("black"))  # What lies under it on most pictures is dark.
        painter.drawRoundedRect(scale, 2, 2)
        painter.setBrush(ramp)
        painter.drawRoundedRect(scale, 2, 2)
        painter.setPen(self.palette().placeholderText().color())
        room = QRectF(0, _SCALE_PX, self.width(), self.height() - _SCALE_PX)
        font = painter.font()
        font.setPixelSize(11)
        painter.setFont(font)
        bottom = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, bottom | Qt.AlignmentFlag.AlignLeft, self.tr("little"))
        painter.drawText(room, bottom | Qt.AlignmentFlag.AlignRight, self.tr("much motion"))
        painter.end()
