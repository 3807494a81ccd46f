"""One camera in the grid: its picture, and what is said about it."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from vms_desktop.core.base import CameraState, Picture, Status
from vms_desktop.core.config import CameraConfig
from vms_desktop.ui.base import DARK_THEME, Theme, Tone, words
from vms_desktop.ui.picture import (
    BORDER_PX,
    PILL_HEIGHT_PX,
    Area,
    CameraSurface,
    Pill,
    PillPlaces,
    Pills,
    cut_words,
    paint_message,
    pill_places,
)

# A camera that should be live and shows nothing new for so long is said to be silent.
STALE_S = 5.0
# Between two pills of one row.
_BETWEEN_PX = 6
_BOX = DARK_THEME.colour(Tone.AMBER)


class CameraTile(CameraSurface):
    """Shows a camera with its name, state and boxes; says what is done to it by mouse.

    Attributes:
        camera: The camera that is shown.
        status: Its state.

    Signals:
        dragged, dropped: It is carried over, and let go at, a point of the screen.
    """

    dragged = Signal(str, QPoint)
    dropped = Signal(str, QPoint)

    def __init__(
        self,
        camera: CameraConfig,
        status: Status,
        theme: Theme,
        pills: Pills,
        *,
        painted: Callable[[Picture], None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(camera.id, parent, painted)
        self.camera = camera
        self.status = status
        self._theme = theme
        self._pills = pills
        self._now = status.since_at
        self._message: words.PictureMessage | None = None
        # What is painted fifteen times a second is worked out only when it changes.
        self._badge = words.badge(status, self._now)
        self._border = self._border_colour()
        self._placed_pills: list[tuple[QPoint, QPixmap]] = []
        self._placed_for: tuple[object, ...] = ()
        self._silent_s = 0.0
        self._is_target = self._tells_stream = False
        self._press_at: QPoint | None = None
        self._is_carried = False
        self.setMouseTracking(False)
        self.set_status(status, status.since_at)

    def set_camera(self, camera: CameraConfig) -> None:
        """The camera's configuration is another."""
        self.camera = camera
        self._describe()
        self.update()

    def set_status(self, status: Status, now: datetime) -> None:
        """The camera does something else."""
        self.status = status
        self._silent_s = 0.0
        self._border = self._border_colour()
        self.tick(now)
        self._describe()
        self.update()

    def tick(self, now: datetime) -> None:
        """Another second has passed: count on what counts."""
        self._now = now
        before = self._message, self._badge
        self._message, self._badge = self._current_message(), words.badge(self.status, now)
        if self._message is not None:
            self.hold_still()
        if (self._message, self._badge) != before:
            self.update()

    def grow_silent(self, seconds: float) -> None:
        """Count how long no new picture has come, although this tile can be seen."""
        self._silent_s = self._silent_s + seconds if self.status.state.has_picture else 0.0

    def show_picture(self, picture: Picture) -> None:
        self._silent_s = 0.0
        if not self.status.state.has_picture:
            return  # the last one in flight: what is lost must not look live again
        if self.is_still:
            self._message = None
            self.update()
        super().show_picture(picture)

    def recall(self, picture: Picture) -> None:
        """Show a picture that was shown before, by another tile of this camera."""
        super().show_picture(picture)
        if self._message is not None:
            self.hold_still()

    def set_target(self, target: bool) -> None:
        """Show that what is carried would land here."""
        if target != self._is_target:
            self._is_target = target
            self.update()

    def set_telling_stream(self, telling: bool) -> None:
        """Always show size, rate and codec, not only under the pointer."""
        self._tells_stream = telling
        self.update()

    def _current_message(self) -> words.PictureMessage | None:
        if self.status.state.has_picture and self._silent_s >= STALE_S:
            return words.stale_message(self._silent_s)
        if self.status.state.has_picture and self.picture is None:
            return words.PictureMessage("connecting", self.tr("Waiting for the first picture…"))
        return words.message(self.status, self._now)

    def _describe(self) -> None:
        said = f"{self.camera.name}: {words.state_word(self.status.state)}"
        if self.status.problem:
            said = f"{said}, {words.problem_words(self.status.problem, self.status.detail)}"
        self.setAccessibleName(said)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        place = self._place()
        whole = not place.shown.contains(event.rect())
        if whole:
            self._paint_border(painter)
        self.paint_picture(painter, whole=whole)
        if self._message is not None:
            paint_message(painter, self._room(), self._message, place.ratio)
        elif self._picture is not None and self._picture.boxes and self.camera.show_detection:
            self.paint_boxes(painter, self._picture.boxes, _BOX)
        self._paint_pills(painter)
        if self._is_chosen or self._is_target:
            self._paint_outline(painter)
        painter.end()

    def _paint_border(self, painter: QPainter) -> None:
        colour, width, height = self._border, self.width(), self.height()
        painter.fillRect(0, 0, width, BORDER_PX, colour)
        painter.fillRect(0, height - BORDER_PX, width, BORDER_PX, colour)
        painter.fillRect(0, BORDER_PX, BORDER_PX, height - 2 * BORDER_PX, colour)
        right = width - BORDER_PX
        painter.fillRect(right, BORDER_PX, BORDER_PX, height - 2 * BORDER_PX, colour)

    def _border_colour(self) -> QColor:
        colour = self._theme.colour(words.COLOURS[self.status.state])
        if self.status.state is not CameraState.LIVE:
            return colour
        # What is as it should be stays in the background.
        ground = self._theme.colour(Tone.WINDOW)
        pairs = zip(_rgb(ground), _rgb(colour), strict=True)
        mixed = (round((3 * a + 2 * b) / 5) for a, b in pairs)
        return QColor(*mixed)

    def _paint_pills(self, painter: QPainter) -> None:
        told = self._stream_words() if self._is_hovered or self._tells_stream else ""
        place = self._place()
        key = (place, told, self._badge, self.status.storage, self.camera.name)
        if key != self._placed_for:
            self._placed_for, self._placed_pills = key, self._place_pills(place.ratio, told)
        for at, pill in self._placed_pills:
            painter.drawPixmap(at, pill)

    def _place_pills(self, ratio: float, told: str) -> list[tuple[QPoint, QPixmap]]:
        """Badge, name, stream and trouble with the disk, each with its place."""
        places = self._pill_places(ratio)
        room = max(0, places.right - places.left)
        badge = self._pills.get(Pill(self._badge.text, dot=self._badge.colour), room, ratio)
        name_pill = Pill(self.camera.name, bold=True)
        name = self._pills.get(name_pill, room, ratio)
        self.cut_words = cut_words(name_pill, room)
        placed = [
            (QPoint(places.left, places.top), badge),
            (QPoint(places.left, places.bottom), name),
        ]
        if told:
            pill = self._pills.get(Pill(told), self.width(), ratio)
            width = round(pill.deviceIndependentSize().width())
            if width + _BETWEEN_PX + badge.deviceIndependentSize().width() <= room:
                placed.append((QPoint(places.right - width, places.top), pill))
        if self.status.storage is not None:
            trouble = Pill(words.storage_words(self.status.storage), icon="warning")
            pill = self._pills.get(trouble, room, ratio)
            placed.append((QPoint(places.left, places.below_top), pill))
        return placed

    def _pill_places(self, ratio: float) -> PillPlaces:
        picture = Area(*(length / ratio for length in self.picture_area()))
        return pill_places(picture, self._room_area(), PILL_HEIGHT_PX)

    def _stream_words(self) -> str:
        """Size, rate and codec of what is shown; empty where nothing is."""
        if self.picture is None or self._message:
            return ""
        source, rate = self.picture.source, self.picture.frame_rate
        text = words.codec_info(source.width, source.height, rate, self.picture.codec)
        return f"{words.zoom_factor(self.zoom.scale)} · {text}" if self.zoom.is_on else text

    def _paint_outline(self, painter: QPainter) -> None:
        """Blue around the chosen tile, and around the one that something is carried to."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.colour(Tone.BLUE), 6 if self._is_target else 2))
        inset = 4 if self._is_target else 3
        painter.drawRect(self.rect().adjusted(inset, inset, -inset, -inset))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() is Qt.MouseButton.LeftButton and not self.zoom.is_on:
            self._press_at = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if self._press_at is None:
            return
        way = (event.position().toPoint() - self._press_at).manhattanLength()
        if self._is_carried or way >= QApplication.startDragDistance():
            self._is_carried = True
            self.dragged.emit(self.camera.id, event.globalPosition().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        was_carried, self._is_carried, self._press_at = self._is_carried, False, None
        if was_carried:
            self.dropped.emit(self.camera.id, event.globalPosition().toPoint())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._press_at = None
        super().mouseDoubleClickEvent(event)


def _rgb(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()
