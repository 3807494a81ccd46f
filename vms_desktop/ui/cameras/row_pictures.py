"""Small pictures for the rows that can be seen, asked for now and then, a few at a time."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt, QTimer
from PySide6.QtGui import QPixmap

from vms_desktop.core.base import Picture, Viewport
from vms_desktop.ui.picture import to_image

if TYPE_CHECKING:
    from vms_desktop.workers.camera import Fleet

ROUND_MS = 150
AT_ONCE = 4
# So many rounds a camera is given for its picture.
PATIENCE = 20
# After so many rounds it is asked for another.
AGAIN = 30


class RowPictures(QObject):
    """Fetches one picture of a camera, lets go of it, and asks the next one.

    A camera that is not asked costs no conversion; whoever shows live pictures
    must be hidden meanwhile, since a picture is taken but once.
    """

    def __init__(
        self,
        fleet: "Fleet",
        size: QSize,
        seen_ids: Callable[[], list[str]],
        show: Callable[[str, QPixmap], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._fleet = fleet
        self._viewport = Viewport(size.width(), size.height(), fill=True)
        self._seen_ids = seen_ids
        self._show = show
        self._round = 0
        self._asked: dict[str, int] = {}
        self._next: dict[str, int] = {}
        self._timer = QTimer(self, interval=ROUND_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """The page can be seen."""
        self._timer.start()

    def stop(self) -> None:
        """Nobody sees it."""
        self._timer.stop()
        for camera_id in list(self._asked):
            self._let_go(camera_id)

    def recall(self, pictures: Mapping[str, Picture]) -> None:
        """Show what another page has shown, until there is something newer."""
        for camera_id, picture in pictures.items():
            self._show(camera_id, self._shrunk(picture))

    def look(self) -> None:
        """Take the pictures that have come, and ask for those that are due."""
        self._round += 1
        for camera_id, since in list(self._asked.items()):
            picture = self._fleet.pictures(camera_id).take()
            if picture is not None:
                self._show(camera_id, self._shrunk(picture))
            if picture is not None or self._round - since > PATIENCE:
                self._let_go(camera_id)
        for camera_id in self._due()[: AT_ONCE - len(self._asked)]:
            self._asked[camera_id] = self._round
            self._fleet.pictures(camera_id).take()  # What may be left there is old.
            self._fleet.set_viewport(camera_id, self._viewport)

    def _due(self) -> list[str]:
        """Cameras that can be seen, have a picture and have waited; the longest first."""
        known = {camera.id for camera in self._fleet.cameras()}
        waiting = [
            camera_id
            for camera_id in self._seen_ids()
            if camera_id in known
            and camera_id not in self._asked
            and self._next.get(camera_id, 0) <= self._round
            and self._fleet.status(camera_id).state.has_picture
        ]
        return sorted(waiting, key=lambda camera_id: self._next.get(camera_id, 0))

    def _let_go(self, camera_id: str) -> None:
        del self._asked[camera_id]
        self._next[camera_id] = self._round + AGAIN
        self._fleet.set_viewport(camera_id, None)

    def _shrunk(self, picture: Picture) -> QPixmap:
        size = QSize(self._viewport.width, self._viewport.height)
        image = to_image(picture)
        if image.size() != size:
            keep = Qt.AspectRatioMode.KeepAspectRatioByExpanding
            image = image.scaled(size, keep, Qt.TransformationMode.SmoothTransformation)
            left, top = image.width() - size.width(), image.height() - size.height()
            image = image.copy(left // 2, top // 2, size.width(), size.height())
        return QPixmap.fromImage(image.copy())
