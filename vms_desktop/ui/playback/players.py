"""The views of one to four cameras that play in step."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from vms_desktop.core.player import PlayState
from vms_desktop.ui.base import Theme, Tone
from vms_desktop.ui.picture import PictureWall, Pills, Zoom, to_image
from vms_desktop.ui.playback.player_view import PlayedCamera, PlayerView

if TYPE_CHECKING:
    from vms_desktop.workers.library import Playback

POLL_MS = 15
GAP_PX = 4
_MAIN_SHARE = 2 / 3


def places(count: int, main: int, width: int, height: int) -> list[QRect]:
    """The places of the views: two side by side; of three or four the main one is large."""
    if count <= 2:
        each = (width - GAP_PX * (count - 1)) // max(1, count)
        return [QRect(number * (each + GAP_PX), 0, each, height) for number in range(count)]
    wide = round((width - GAP_PX) * _MAIN_SHARE)
    narrow, small = width - wide - GAP_PX, (height - GAP_PX * (count - 2)) // (count - 1)
    others = [
        QRect(wide + GAP_PX, number * (small + GAP_PX), narrow, small)
        for number in range(count - 1)
    ]
    return [*others[:main], QRect(0, 0, wide, height), *others[main:]]


class Players(PictureWall):
    """Places the views, fetches their pictures and tells the player what is seen.

    Attributes:
        chosen: The key of the view that is outlined; of several it is the large one.
        alone: The key of the view that is shown alone.

    Signals:
        chosen_changed: A person has clicked a view, or another one is chosen.
        menu_wanted: A view's key, and where on the screen.
    """

    chosen_changed = Signal(str)
    menu_wanted = Signal(str, QPoint)

    def __init__(self, playback: "Playback", theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(POLL_MS, parent)
        self.setMinimumSize(240, 135)
        self.setAccessibleName(self.tr("Pictures"))
        self._playback = playback
        self._theme = theme
        self._pills = Pills()
        self._views: dict[str, PlayerView] = {}
        self._state = PlayState()
        self._main = ""
        self.chosen: str | None = None
        self.alone: str | None = None
        # A double click must not miss the view because the first click has moved it.
        self._growth = QTimer(self, singleShot=True)
        self._growth.timeout.connect(self._grow)

    def stop(self) -> None:
        """Fetch and tell nothing more; the views stay as they are."""
        self._timer.stop()
        self._growth.stop()
        self._views = {}

    def tracks(self) -> list[str]:
        """The keys of the views, in their order."""
        return list(self._views)

    def view(self, key: str) -> PlayerView:
        """The view of a track."""
        return self._views[key]

    def image(self, key: str) -> QImage | None:
        """A copy of the picture that a view shows; None where it shows none."""
        view = self._views.get(key)
        if view is None or view.picture is None or view.message is not None:
            return None
        return to_image(view.picture).copy()

    def set_cameras(self, cameras: Sequence[PlayedCamera]) -> None:
        """Show these cameras; views that stay keep their picture and zoom."""
        for key in self._views.keys() - {camera.key for camera in cameras}:
            view = self._views.pop(key)
            view.hide()
            view.deleteLater()
        self._views = {camera.key: self._made_or_changed(camera) for camera in cameras}
        self.start_or_stop()
        if self.chosen not in self._views:
            self.choose(next(iter(self._views), None))
        if self.alone not in self._views:
            self.alone = None
        self.arrange()

    def choose(self, key: str | None) -> None:
        """Choose a view; it becomes the large one."""
        if key is not None and key not in self._views:
            return
        self._growth.stop()
        self._set_chosen(key)
        self._grow()

    def set_alone(self, key: str | None) -> None:
        """Show one view alone, or all."""
        self.alone = key if key in self._views else None
        if self.alone:
            self.choose(self.alone)
        self.arrange()

    def go_to(self, key: str) -> None:
        """Choose a view; where another is shown alone, this one is instead."""
        if self.alone:
            self.set_alone(key)
        else:
            self.choose(key)

    def zooms(self) -> dict[str, Zoom]:
        """How much each view is enlarged."""
        return {key: view.zoom for key, view in self._views.items()}

    def set_zooms(self, zooms: Mapping[str, Zoom]) -> None:
        """Enlarge the views that are there."""
        for key, view in self._views.items():
            view.set_zoom(zooms.get(key, view.zoom))

    def set_state(self, state: PlayState) -> None:
        """It plays, stands or waits."""
        self._state = state
        for view in self._views.values():
            view.set_state(state)

    def zoom_by(self, notches: float) -> None:
        """Zoom the chosen view; 0 shows its whole picture."""
        if self.chosen is None:
            return
        view = self._views[self.chosen]
        view.zoom_by(notches) if notches else view.set_zoom(type(view.zoom)())

    def has_cameras(self) -> bool:
        return bool(self._views)

    def fetch_pictures(self) -> None:
        """Show the newest picture of every track."""
        for key, view in self._views.items():
            played = self._playback.pictures(key).take()
            if played is not None:
                view.show_played(played)

    def tell_viewports(self) -> None:
        seen = self.is_on_screen()
        for key, view in self._views.items():
            is_shown = seen and (self.alone is None or key == self.alone)
            self._playback.set_viewport(key, view.viewport() if is_shown else None)

    def _made_or_changed(self, camera: PlayedCamera) -> PlayerView:
        view = self._views.get(camera.key)
        if view is not None:
            view.set_camera(camera)
            return view
        view = PlayerView(camera, self._theme, self._pills, self)
        view.set_state(self._state)
        view.pressed.connect(self._press)
        view.opened.connect(self._toggle_alone)
        view.menu_wanted.connect(self.menu_wanted)
        view.view_changed.connect(self.tell_viewports)
        return view

    def _set_chosen(self, key: str | None) -> None:
        for other, view in self._views.items():
            view.set_chosen(other == key and len(self._views) > 1)
        if key != self.chosen:
            self.chosen = key
            self.chosen_changed.emit(key or "")

    def _press(self, key: str) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._set_chosen(key)
        self._growth.start(QApplication.doubleClickInterval())

    def _toggle_alone(self, key: str) -> None:
        self._growth.stop()
        self.set_alone(None if self.alone == key else key)

    def _grow(self) -> None:
        self._main = self.chosen or ""
        self.arrange()

    def arrange(self) -> None:
        keys = list(self._views)
        main = keys.index(self._main) if self._main in keys else 0
        shown = [self.alone] if self.alone else keys
        room = places(len(shown), 0 if self.alone else main, self.width(), self.height())
        for key, view in self._views.items():
            view.setVisible(key in shown)
            view.set_chosen(key == self.chosen and len(shown) > 1)
        for key, place in zip(shown, room, strict=True):
            self._views[key].setGeometry(place)
        self.tell_viewports()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._theme.colour(Tone.WINDOW))
        painter.end()
