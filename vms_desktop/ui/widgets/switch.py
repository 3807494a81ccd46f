"""A switch: a check box that looks like what it does."""

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QWidget

from vms_desktop.ui.base import Theme, Tone

SWITCH_SIZE = QSize(32, 18)
_KNOB_PX = 12
_GAP_PX = 8
_HEIGHT_PX = 30


class Switch(QCheckBox):
    """On, its knob is at the right and it is green; off, at the left and grey."""

    def __init__(self, text: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        text_px = QFontMetrics(self.font()).horizontalAdvance(self.text())
        return QSize(SWITCH_SIZE.width() + _GAP_PX + text_px + 6, _HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, at: QPoint) -> bool:
        return self.rect().contains(at)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = (self.height() - SWITCH_SIZE.height()) / 2
        track = QRectF(1.5, top, SWITCH_SIZE.width(), SWITCH_SIZE.height())
        is_mixed = self.checkState() is Qt.CheckState.PartiallyChecked
        on = None if is_mixed else self.isChecked()
        focused = self.hasFocus()
        paint_switch(painter, track, self._theme, on, enabled=self.isEnabled(), focused=focused)
        painter.setPen(self._theme.colour(Tone.TEXT if self.isEnabled() else Tone.MUTED))
        left = round(track.right()) + _GAP_PX
        room = self.rect().adjusted(left, 0, 0, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.end()


def paint_switch(
    painter: QPainter,
    track: QRectF,
    theme: Theme,
    on: bool | None,
    *,
    enabled: bool = True,
    focused: bool = False,
) -> None:
    """Paint a switch in its track (`SWITCH_SIZE` large); None is one of several that differ."""
    lit = on is True and enabled
    painter.setBrush(theme.colour(Tone.GREEN if lit else Tone.LINE))
    outline = Tone.BLUE if focused else Tone.GREEN if lit else Tone.MUTED
    painter.setPen(QPen(theme.colour(outline), 2 if focused else 1))
    painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.GlobalColor.white if enabled else theme.colour(Tone.MUTED))
    if on is None:
        bar = QRectF(0, 0, _KNOB_PX, 4)
        bar.moveCenter(track.center())
        painter.drawRoundedRect(bar, 2, 2)
        return
    inset = (track.height() - _KNOB_PX) / 2
    left = track.right() - inset - _KNOB_PX if on else track.left() + inset
    painter.drawEllipse(QRectF(left, track.top() + inset, _KNOB_PX, _KNOB_PX))
