"""A button of a bar: icon and word stand in its middle, with the same room on both sides.

Qt's own tool button puts them at its left once a style sheet dresses it.
"""

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QAction, QFontMetrics, QIcon, QPaintEvent
from PySide6.QtWidgets import (
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
)

from vms_desktop.ui.base import Theme, Tone, icons

_HEIGHT_PX = 28
_PAD_PX = 11
_ICON_PAD_PX = 8
_GAP_PX = 6


class BarButton(QToolButton):
    """Shows an action as its icon, with or without its word."""

    def __init__(self, action: QAction, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("barButton")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setDefaultAction(action)
        self.setIconSize(icons.icon_size())
        self.setAccessibleName(action.text())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def set_worded(self, worded: bool) -> None:
        """Show the word beside the icon, or the icon alone."""
        styles = Qt.ToolButtonStyle
        self.setToolButtonStyle(
            styles.ToolButtonTextBesideIcon if worded else styles.ToolButtonIconOnly
        )

    def sizeHint(self) -> QSize:
        pad = _PAD_PX if self._word() else _ICON_PAD_PX
        return QSize(self._content_px() + 2 * pad, _HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.EnabledChange:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        option.text, option.icon = "", QIcon()
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
        mode = QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled
        icon_px = self.iconSize().width()
        left = (self.width() - self._content_px()) // 2
        place = QRect(left, (self.height() - icon_px) // 2, icon_px, icon_px)
        self.icon().paint(painter, place, mode=mode)
        painter.setPen(self._theme.colour(Tone.TEXT if self.isEnabled() else Tone.MUTED))
        room = QRect(left + icon_px + _GAP_PX, 0, self.width(), self.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self._word())

    def _word(self) -> str:
        is_worded = self.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        return self.text() if is_worded else ""

    def _content_px(self) -> int:
        word = self._word()
        icon_px = self.iconSize().width()
        if not word:
            return icon_px
        return icon_px + _GAP_PX + QFontMetrics(self.font()).horizontalAdvance(word)
