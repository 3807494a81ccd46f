"""A surface that stands for a camera: says what is done to it by mouse."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QEnterEvent, QHelpEvent, QMouseEvent
from PySide6.QtWidgets import QToolTip, QWidget

from vms_desktop.core.base import Picture
from vms_desktop.ui.picture.fit import Area
from vms_desktop.ui.picture.surface import PictureSurface

BORDER_PX = 2


class CameraSurface(PictureSurface):
    """Shows a camera's pictures in a frame.

    Attributes:
        key: Names the camera where pictures are fetched.
        cut_words: The words on it that had no room; its tooltip.

    Signals:
        pressed: It was clicked: it is the chosen one (its key).
        opened: It was double-clicked: it wants to be alone, or no longer.
        menu_wanted: Its menu is to open at a point of the screen.
    """

    pressed = Signal(str)
    opened = Signal(str)
    menu_wanted = Signal(str, QPoint)

    def __init__(
        self,
        key: str,
        parent: QWidget | None = None,
        painted: Callable[[Picture], None] | None = None,
    ) -> None:
        super().__init__(parent, painted)
        self.key = key
        self.margin_px = BORDER_PX
        self._is_chosen = self._is_hovered = False
        self.cut_words = ""

    def set_chosen(self, chosen: bool) -> None:
        """Outline it as the chosen one."""
        if chosen != self._is_chosen:
            self._is_chosen = chosen
            self.update()

    def _room_area(self) -> Area:
        room = self._room()
        return Area(room.x(), room.y(), room.width(), room.height())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.cut_words, self)
            return True
        return super().event(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._is_hovered = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._is_hovered = False
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            self.pressed.emit(self.key)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.opened.emit(self.key)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(self.key, event.globalPos())
