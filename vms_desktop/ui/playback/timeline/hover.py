"""The card about the moment under the pointer: when, which clip, why there is none."""

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from vms_desktop.core.index import IndexedClip

PICTURE_PX = (160, 90)
_ABOVE_PX = 6
_EDGE_PX = 4


class HoverPopup(QFrame):
    """A small card over the window, beside what it is about; takes neither focus nor mouse.

    A child of the window and no window of its own: those may not place themselves
    everywhere (Wayland).
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("timelinePopup")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._picture = QLabel()
        self._picture.setObjectName("timelinePicture")
        self._picture.setFixedSize(*PICTURE_PX)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        column = QVBoxLayout(self)
        column.setContentsMargins(5, 5, 5, 5)
        column.setSpacing(4)
        column.addWidget(self._picture)
        column.addWidget(self._text)
        self.hide()

    @property
    def text(self) -> str:
        """What stands under the picture."""
        return self._text.text()

    @property
    def has_picture(self) -> bool:
        """Whether a picture is shown, and not only its room."""
        return not self._picture.pixmap().isNull()

    def tell(self, text: str, *, with_picture: bool) -> None:
        """Show a text, with room for a picture or without."""
        self._text.setText(text)
        self._picture.setVisible(with_picture)

    def show_picture(self, picture: QImage | QPixmap | None) -> None:
        """Fill the room for the picture; None empties it."""
        if picture is None or picture.isNull():
            self._picture.clear()
            return
        whole = QPixmap.fromImage(picture) if isinstance(picture, QImage) else picture
        ratio = self.devicePixelRatioF()
        fitted = whole.scaled(
            round(PICTURE_PX[0] * ratio),
            round(PICTURE_PX[1] * ratio),
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        fitted.setDevicePixelRatio(ratio)
        self._picture.setPixmap(fitted)

    def stand_above(self, pointer: QPoint) -> None:
        """Stand with the lower edge above a point of the window, inside the window."""
        self.adjustSize()
        room = self._window.rect().adjusted(_EDGE_PX, _EDGE_PX, -_EDGE_PX, -_EDGE_PX)
        left = min(room.right() - self.width(), pointer.x() - self.width() // 2)
        top = pointer.y() - self.height() - _ABOVE_PX
        self.move(max(room.left(), left), max(room.top(), top))
        self.show()
        self.raise_()


# A picture is asked for at most so often: it has to be decoded.
PAUSE_MS = 40


@dataclass(frozen=True, slots=True)
class Spot:
    """Something to tell about: a row's moment, in words, and where it is in the widget."""

    key: str
    at: datetime
    clip: IndexedClip | None
    text: str
    place: QPoint


class Hover(QObject):
    """Shows the popup at once and asks for pictures now and then.

    Attributes:
        spot: The place that it tells of now.
        popup: The card, once it was needed.

    Signals:
        hovered: Row and moment of which a picture is wanted.
        unhovered: No more.
    """

    hovered = Signal(str, object)
    unhovered = Signal()

    def __init__(self, timeline: QWidget) -> None:
        super().__init__(timeline)
        self._timeline = timeline
        self.popup: HoverPopup | None = None
        self.spot: Spot | None = None
        self._asked: Spot | None = None
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._ask)

    def point_at(self, spot: Spot) -> None:
        """The pointer is there."""
        before, self.spot = self.spot, spot
        popup = self._made_popup()
        if before is None or (before.key, before.clip) != (spot.key, spot.clip):
            popup.show_picture(None)
        popup.tell(spot.text, with_picture=spot.clip is not None)
        popup.stand_above(self._timeline.mapTo(self._timeline.window(), spot.place))
        if not self._pause.isActive():
            self._ask()

    def leave(self) -> None:
        """The pointer is nowhere."""
        self._pause.stop()
        if self.popup is not None:
            self.popup.hide()
        if self.spot is not None:
            self.spot = self._asked = None
            self.unhovered.emit()

    def show_picture(
        self, key: str, clip: IndexedClip | None, picture: QImage | QPixmap | None, text: str
    ) -> None:
        """Show an answer, unless the pointer has gone on to another row or clip."""
        spot = self.spot
        if spot is None or self.popup is None or (spot.key, spot.clip) != (key, clip):
            return
        if picture is not None:
            self.popup.show_picture(picture)
        with_picture = clip is not None or self.popup.has_picture
        self.popup.tell(text or spot.text, with_picture=with_picture)
        self.popup.stand_above(self._timeline.mapTo(self._timeline.window(), spot.place))

    def _ask(self) -> None:
        if self.spot is not None and self.spot is not self._asked:
            self._asked = self.spot
            self._pause.start()
            self.hovered.emit(self.spot.key, self.spot.at)

    def _made_popup(self) -> HoverPopup:
        """The card belongs to the window, and goes when the timeline goes."""
        window = self._timeline.window()
        if self.popup is not None and self.popup.parentWidget() is not window:
            self.popup.deleteLater()
            self.popup = None
        if self.popup is None:
            self.popup = HoverPopup(window)
            self._timeline.destroyed.connect(self.popup.deleteLater)
        return self.popup
