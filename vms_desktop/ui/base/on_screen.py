"""Windows stay within the available area of their screen, also when that becomes smaller.

A screen is always looked up, by its name or its place. PySide hands the owner's rights in what a
window's `screen()` gives to that window, and the screen itself is deleted once a collected window
goes (seen with PySide6 6.11.3: the next window made then crashes the program).
"""

from PySide6.QtCore import QEvent, QMargins, QObject, QPoint, QRect, QTimer
from PySide6.QtGui import QGuiApplication, QScreen, QWindow
from PySide6.QtWidgets import QDialog, QWidget

# What a desktop adds to a window, as long as it has not said so: none adds more.
_LIKELY_FRAME = QMargins(6, 38, 6, 6)
# The window's property with the name of the screen it came to: a screen may go at any time.
_SCREEN_NAME = "screenName"


def keep_on_screen(window: QWidget) -> None:
    """Bring a window in whenever it is shown, comes to another screen, or its screen changes.

    A person may still push a part of it over the edge: only its size is held.
    """
    _Keeper(window)


def room_on_screen(window: QWidget) -> QRect:
    """The room for the inside of a window, within the frame that the desktop gives it."""
    return _screen_of(window).availableGeometry().marginsRemoved(_frame(window))


def bring_onto_screen(window: QWidget) -> None:
    """Make a window small enough for its screen, and move it there as far as needed."""
    if window.isMaximized() or window.isFullScreen() or window.isMinimized():
        return
    room = room_on_screen(window)
    window.setMinimumSize(window.minimumSize().boundedTo(room.size()))
    size = window.size().boundedTo(room.size())
    if size != window.size():
        window.resize(size)
    if isinstance(window, QDialog) and not window.isVisible():
        return  # Qt places it over its parent, from where it is brought in once it is shown.
    at = window.geometry().topLeft()
    nearest = QPoint(
        max(room.left(), min(at.x(), room.left() + room.width() - size.width())),
        max(room.top(), min(at.y(), room.top() + room.height() - size.height())),
    )
    if nearest != at:
        window.move(window.pos() + nearest - at)


def _screen_of(window: QWidget) -> QScreen:
    """The screen of a window's centre, or of its parent's as long as it has not been shown."""
    parent = window.parentWidget()
    if parent is not None and window.windowHandle() is None:
        return _screen_of(parent.window())
    named = window.property(_SCREEN_NAME)  # Where windows know no place, it tells the screen.
    for screen in QGuiApplication.screens():
        if named and screen.name() == named:
            return screen
    return QGuiApplication.screenAt(window.geometry().center()) or QGuiApplication.primaryScreen()


def _frame(window: QWidget) -> QMargins:
    outside, inside = window.frameGeometry(), window.geometry()
    if outside == inside:
        return QMargins() if window.isVisible() else _LIKELY_FRAME
    return QMargins(
        inside.left() - outside.left(),
        inside.top() - outside.top(),
        outside.right() - inside.right(),
        outside.bottom() - inside.bottom(),
    )


class _Keeper(QObject):
    """Watches one window, whose child it is, and all screens: its own may be any of them."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._handle: QWindow | None = None
        window.installEventFilter(self)
        for screen in QGuiApplication.screens():
            self._watch(screen)
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.screenAdded.connect(self._watch)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Bring the window in before it is seen, and once its frame or another state is known."""
        if event.type() is QEvent.Type.Show and not event.spontaneous():
            bring_onto_screen(self._window)
            self._follow_handle()
            self._soon()
        elif event.type() is QEvent.Type.WindowStateChange:
            self._soon()
        return super().eventFilter(watched, event)

    def _watch(self, screen: QScreen) -> None:
        screen.availableGeometryChanged.connect(self._soon)

    def _follow_handle(self) -> None:
        handle = self._window.windowHandle()
        if handle is not None and handle is not self._handle:
            self._handle = handle
            handle.screenChanged.connect(self._come_to_screen)

    def _come_to_screen(self, screen: QScreen | None) -> None:
        self._window.setProperty(_SCREEN_NAME, screen.name() if screen else "")
        # A person who carries it over goes on carrying: nothing is moved that has room there.
        room, place = room_on_screen(self._window), self._window.geometry()
        if place.size() != place.size().boundedTo(room.size()) or not room.intersects(place):
            self._soon()

    def _soon(self, *_change: object) -> None:
        QTimer.singleShot(0, self, self._bring_in)

    def _bring_in(self) -> None:
        if self._window.isVisible():
            bring_onto_screen(self._window)
