"""The wall of several cameras' pictures, which are asked for only while they can be seen."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from vms_desktop.ui.base import DARK_THEME, Tone


class PictureWall(QWidget):
    """Calls `fetch_pictures` on a timer while it is on the screen.

    Its kinds say where the pictures come from, how they are placed, and whom
    to tell what each of them has room for.
    """

    def __init__(self, poll_ms: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._is_window_seen = True
        self._timer = QTimer(self, interval=poll_ms, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.fetch_pictures)

    def fetch_pictures(self) -> None:
        """Show what is new."""

    def tell_viewports(self) -> None:
        """Tell what each picture has room for; None where it cannot be seen."""

    def arrange(self) -> None:
        """Place the pictures: the room is another."""

    def has_cameras(self) -> bool:
        """True if there is anything to fetch."""
        return True

    def is_on_screen(self) -> bool:
        """True if anybody can see it."""
        return self.isVisible() and self._is_window_seen

    def set_window_seen(self, seen: bool) -> None:
        """The window can be seen, or no longer: it is minimised or covered."""
        if seen != self._is_window_seen:
            self._is_window_seen = seen
            self.start_or_stop()

    def start_or_stop(self) -> None:
        """Fetch, or rest, as it is seen."""
        if self.is_on_screen() and self.has_cameras():
            self._timer.start()
        else:
            self._timer.stop()
        self.tell_viewports()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.start_or_stop()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.start_or_stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()


def show_dark(ground: QWidget, dark: bool) -> None:
    """Let what lies between and around pictures be as dark as they are, whatever the theme."""
    if dark:
        ground.setPalette(DARK_THEME.colour(Tone.WINDOW))
    else:
        ground.setPalette(QPalette())
    ground.setAutoFillBackground(dark)
