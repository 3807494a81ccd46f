"""Pictures for events under way: what the camera's tile shows, until the clip has a thumbnail."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QSize, Qt, QTimer
from PySide6.QtGui import QImage

from vms_desktop.core.base import Picture
from vms_desktop.ui.live.events_model import EventsModel
from vms_desktop.ui.picture import to_image

# By then whoever set the event off has come into the picture.
SECOND_LOOK_MS = 1000


class EventPictures(QObject):
    """Gives every event that begins a picture at once, and a better one a second later.

    Where its camera cannot be seen then, it gets one as soon as it can.

    Args:
        shown: The picture that a camera's tile shows; None where none can be seen.
        size_px: Of the room for it, in device pixels.
    """

    def __init__(
        self,
        model: EventsModel,
        shown: Callable[[str], Picture | None],
        size_px: QSize,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._shown = shown
        self._size_px = size_px
        model.row_began.connect(self._begin)

    def _begin(self, camera_id: str) -> None:
        self._take(camera_id)
        self._look_later(camera_id)

    def _look_later(self, camera_id: str) -> None:
        QTimer.singleShot(SECOND_LOOK_MS, self, lambda: self._look_again(camera_id))

    def _look_again(self, camera_id: str) -> None:
        self._take(camera_id)
        if self._model.lacks_picture(camera_id):
            self._look_later(camera_id)

    def _take(self, camera_id: str) -> None:
        picture = self._shown(camera_id)
        if picture is not None:
            self._model.set_picture(camera_id, scaled_copy(picture, self._size_px))


def scaled_copy(picture: Picture, size_px: QSize) -> QImage:
    """A picture of its own that covers a size, its aspect kept."""
    return to_image(picture).scaled(
        size_px,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
