"""The picture above the pointer: what a camera saw at that moment."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

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
