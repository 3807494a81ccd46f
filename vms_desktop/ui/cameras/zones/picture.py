"""A camera's picture with its areas painted on it, and what is said about both.

The areas are painted by `painter` and changed by `editor`.
"""

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from vms_desktop.core.base import Picture, Reason
from vms_desktop.core.config import Point, Zone
from vms_desktop.ui.base import DARK_THEME, PictureMessage, Tone
from vms_desktop.ui.cameras.zones.edits import ZoneEdits, Zones
from vms_desktop.ui.cameras.zones.painter import (
    HANDLE_ROOM_PX,
    label_places,
    paint_cursor,
    paint_draft,
    paint_handles,
    paint_zone,
)
from vms_desktop.ui.cameras.zones.shapes import View
from vms_desktop.ui.cameras.zones.words import kind_words, refusal_words
from vms_desktop.ui.picture import PILL_HEIGHT_PX, Area, PictureSurface, Pill, Pills, paint_message

_INSET_PX = 6


class ZonePicture(PictureSurface):
    """Shows pictures with boxes, areas and what is being drawn, or the reason why there are none.

    Attributes:
        edits: The areas, what is chosen and what is being drawn.

    Signals:
        edit_changed: Something else is chosen or drawn, or can be undone or edited.
    """

    edit_changed = Signal()

    def __init__(self, pills: Pills, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edits = ZoneEdits()
        self._pills = pills
        self._message: PictureMessage | None = None
        self._description = ""
        self._refusal: Reason | None = None
        self._refused_at: Point | None = None
        self._held: tuple[int, Zone] | None = None
        self._drawn: Zone | None = None
        self._at = Point(0.5, 0.5)
        self._at_by_keys = True

    @property
    def can_edit(self) -> bool:
        """True if there is a picture to draw on."""
        return self.picture is not None and self._message is None

    def set_message(self, message: PictureMessage | None) -> None:
        """Say why there is no picture; an old one is dimmed behind it."""
        if message == self._message:
            return
        self._message = message
        if message is not None:
            self.hold_still()
        self.update()
        self.edit_changed.emit()

    def set_description(self, text: str) -> None:
        """Write this in the upper right corner."""
        if text != self._description:
            self._description = text
            self.update()

    def view(self) -> View:
        """The place at which the picture is seen, in logical pixels."""
        ratio = self.devicePixelRatioF()
        area = Area(*(length / ratio for length in self.picture_area()))
        return View(area, Area(*self.zoom.part))

    def show_picture(self, picture: Picture) -> None:
        was_without = self.picture is None
        super().show_picture(picture)
        if was_without:
            self.edit_changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_picture(painter)
        if self.can_edit:
            if self.picture is not None:
                self.paint_boxes(painter, self.picture.boxes, DARK_THEME.colour(Tone.AMBER))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_zones(painter)
        elif self._message is not None:
            paint_message(painter, self.rect(), self._message, self.devicePixelRatioF())
        self._paint_focus(painter)
        painter.end()

    def _paint_zones(self, painter: QPainter) -> None:
        view = self.view()
        spare = 0 if self.zoom.is_on else HANDLE_ROOM_PX
        painter.setClipRect(QRectF(*view.area).adjusted(-spare, -spare, spare, spare))
        zones, chosen = self._shown_zones(), self.edits.chosen
        for number, zone in enumerate(zones):
            is_chosen = chosen is not None and number == chosen.zone
            paint_zone(painter, view, zone, is_chosen=is_chosen)
        self._paint_pills(painter, view, zones)
        if chosen is not None:
            paint_handles(painter, view, zones[chosen.zone], chosen, self._refused_at)
        self._paint_draft(painter, view)
        self._paint_refusal(painter, view)

    def _shown_zones(self) -> Zones:
        """The areas, one of them as the mouse holds it."""
        if self._held is None:
            return self.edits.zones
        number, held = self._held
        zones = self.edits.zones
        return (*zones[:number], held, *zones[number + 1 :])

    def _paint_draft(self, painter: QPainter, view: View) -> None:
        draft = self.edits.draft
        if draft is None:
            return
        if self._drawn is not None:
            paint_zone(painter, view, self._drawn)
            return
        paint_draft(painter, view, draft, self._at)
        if self._at_by_keys:
            paint_cursor(painter, view, self._at)

    def _paint_pills(self, painter: QPainter, view: View, zones: Zones) -> None:
        ratio = self.devicePixelRatioF()
        x, y, width, _ = view.area
        taken: list[QRectF] = []
        if self._description:
            pill = self._pills.get(Pill(self._description), round(width), ratio)
            room = QRectF(QPointF(0, y + _INSET_PX), pill.deviceIndependentSize())
            room.moveRight(round(x + width) - _INSET_PX)
            painter.drawPixmap(room.topLeft(), pill)
            taken.append(room)
        widest = round(width / 2)
        labels = [
            (zone, self._pills.get(Pill(zone.name or kind_words(zone.kind)), widest, ratio))
            for zone in zones
        ]
        for place, pill in label_places(view, labels, taken):
            painter.drawPixmap(place, pill)

    def _paint_refusal(self, painter: QPainter, view: View) -> None:
        if not self._refusal:
            return
        x, y, width, height = view.area
        told = Pill(refusal_words(self._refusal), icon="warning")
        pill = self._pills.get(told, round(width), self.devicePixelRatioF())
        left = x + (width - pill.deviceIndependentSize().width()) / 2
        bottom = y + height - PILL_HEIGHT_PX - _INSET_PX
        painter.drawPixmap(QPointF(round(left), round(bottom)), pill)

    def _paint_focus(self, painter: QPainter) -> None:
        if self.hasFocus():
            painter.setClipping(False)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(DARK_THEME.colour(Tone.BLUE), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
