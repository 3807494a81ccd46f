"""One camera that plays: its picture, and what is said about it."""

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from vms_desktop.core.player import PlayedPicture, PlayState
from vms_desktop.ui.base import DARK_THEME, Theme, Tone, words
from vms_desktop.ui.picture import (
    BORDER_PX,
    PILL_HEIGHT_PX,
    Area,
    CameraSurface,
    Pill,
    Pills,
    cut_words,
    paint_message,
    pill_places,
)
from vms_desktop.ui.playback.clip_words import milliseconds


@dataclass(frozen=True, slots=True)
class PlayedCamera:
    """A camera as far as its view has to know it.

    Attributes:
        key: Its folder, which names its track.
        show_boxes: What moved is framed.
    """

    key: str
    name: str
    show_boxes: bool = True
    rotation: int = 0


class PlayerView(CameraSurface):
    """Shows one track.

    Attributes:
        at: The exact time of the frame that is shown.
        message: Said in the place of a picture.
    """

    def __init__(
        self, camera: PlayedCamera, theme: Theme, pills: Pills, parent: QWidget | None = None
    ) -> None:
        super().__init__(camera.key, parent)
        self.camera = camera
        self._theme = theme
        self._pills = pills
        self._state = PlayState()
        self.at: datetime | None = None
        self.message: words.PictureMessage | None = None
        self._describe()

    def set_camera(self, camera: PlayedCamera) -> None:
        """Its camera has another name, or other boxes."""
        self.camera = camera
        self._describe()
        self.update()

    def set_state(self, state: PlayState) -> None:
        """It plays, stands or waits."""
        if state != self._state:
            self._state = state
            self._describe()
            self.update()

    def set_message(self, message: words.PictureMessage | None) -> None:
        """Say something in the place of the picture; None: show it again.

        The picture is kept: it may be newer than the news that there was none.
        """
        if message != self.message:
            self.message = message
            self._describe()
            self.update()

    def show_played(self, played: PlayedPicture) -> None:
        """Show a frame."""
        self.at = played.at
        super().show_picture(played.picture)
        self.set_message(None)
        self.update()  # The time stands in the black bars, too.

    def _describe(self) -> None:
        said = self.message.title if self.message else self._state_words()
        self.setAccessibleName(f"{self.camera.name}: {said}")

    def _state_words(self) -> str:
        if self._state.is_waiting:
            return self.tr("Loading…")
        return self.tr("Playing") if self._state.is_playing else self.tr("Paused")

    def _time_words(self) -> str:
        if self.at is None or self.message is not None:
            return "{name}"
        exact = milliseconds(self.at) if self._is_chosen else ""
        return f"{{name}} · {words.clock_time(self.at)}{exact}"

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour(Tone.LINE))
        if self.message is not None:
            painter.fillRect(self._room(), Qt.GlobalColor.black)
            room = self._room().adjusted(0, 0, 0, -PILL_HEIGHT_PX)  # The name stands there.
            paint_message(painter, room, self.message, self.devicePixelRatioF())
        else:
            self.paint_picture(painter)
            if self._picture is not None and self.camera.show_boxes:
                self.paint_boxes(painter, self._picture.boxes, DARK_THEME.colour(Tone.AMBER))
        self._paint_pills(painter)
        if self._is_chosen:
            self._paint_outline(painter)
        painter.end()

    def _paint_pills(self, painter: QPainter) -> None:
        ratio = self.devicePixelRatioF()
        places = pill_places(self._picture_place(ratio), self._room_area(), PILL_HEIGHT_PX)
        room = max(0, places.right - places.left)
        left, right = places.left, places.right
        used = 0
        if self.message is None:
            dot = Tone.GREEN if self._state.is_playing and not self._state.is_waiting else Tone.GREY
            state = self._pills.get(Pill(self._state_words(), dot=dot), room, ratio)
            painter.drawPixmap(left, places.top, state)
            used = round(state.deviceIndependentSize().width()) + 6
        name_pill = Pill(self._time_words(), bold=True, name=self.camera.name)
        name = self._pills.get(name_pill, room, ratio)
        self.cut_words = self.camera.name if cut_words(name_pill, room) else ""
        painter.drawPixmap(left, places.bottom, name)
        if told := self._told():
            pill = self._pills.get(Pill(told), self.width(), ratio)
            width = round(pill.deviceIndependentSize().width())
            if used + width <= room:
                painter.drawPixmap(right - width, places.top, pill)

    def _picture_place(self, ratio: float) -> Area:
        if self.message is not None or self._picture is None:
            return self._room_area()
        return Area(*(length / ratio for length in self.picture_area()))

    def _told(self) -> str:
        """The words about the enlargement; under the pointer about the file, too."""
        if self._picture is None or self.message:
            return ""
        told = [words.zoom_factor(self.zoom.scale)] if self.zoom.is_on else []
        if self._is_hovered:
            picture = self._picture
            told.append(words.codec_info(*picture.source, picture.frame_rate, picture.codec))
        return " · ".join(told)

    def _paint_outline(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.colour(Tone.BLUE), BORDER_PX))
        painter.drawRect(QRect(0, 0, self.width(), self.height()).adjusted(1, 1, -1, -1))
