"""The surface that shows a camera's pictures, with digital zoom by wheel and hand.

Knows no camera and no state: Live's tiles and Playback draw on top of it.
"""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from vms_desktop.core.base import Box, Picture, Size, Viewport
from vms_desktop.ui.picture.fit import WHOLE_PICTURE, Area, crop, fitted, placed, seen
from vms_desktop.ui.picture.images import to_image
from vms_desktop.ui.picture.zoom import NO_ZOOM, STEP, Zoom

# No more is asked of a worker for a picture that is zoomed in.
WIDEST_PX = 1920
_NOTCH = 120
_DIM = QColor(0, 0, 0, 180)
_BLACK = QColor(0, 0, 0)


class _Place(NamedTuple):
    """The place of everything until the widget or the picture has another size.

    `area` and `bars` (black, beside the picture) are in device pixels, `shown`
    is what a new picture changes in logical ones.
    """

    area: Area
    bars: tuple[QRectF, ...]
    at: QPoint
    shown: QRect
    ratio: float


class PictureSurface(QWidget):
    """Shows one picture: 1:1 where it was made for this room, scaled elsewhere.

    Attributes:
        margin_px: The frame around the picture, in logical pixels.
        fill: Pictures are wanted cropped to the room.

    Signals:
        view_changed: The room or the zoom is another; a worker may be told.
    """

    view_changed = Signal()

    def __init__(
        self, parent: QWidget | None = None, painted: Callable[[Picture], None] | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.margin_px = 0
        self.fill = False
        self._painted = painted
        self._picture: Picture | None = None
        self._image: QImage | None = None
        self._is_still = False
        self._is_news = False
        self._zoom = NO_ZOOM
        self._pan_from: QPointF | None = None
        # What is painted fifteen times a second is worked out only when it changes.
        self._known_place: _Place | None = None

    @property
    def picture(self) -> Picture | None:
        """The picture that is shown."""
        return self._picture

    @property
    def zoom(self) -> Zoom:
        """The part of the picture that is seen."""
        return self._zoom

    @property
    def is_still(self) -> bool:
        """True if the picture is shown as an old one: grey and dimmed."""
        return self._is_still

    def show_picture(self, picture: Picture) -> None:
        """Show a new picture at the next paint."""
        before, self._picture, self._image = self._picture, picture, to_image(picture)
        if before is None or before.pixels.shape != picture.pixels.shape:
            self._known_place = None
            self.update()
        self._is_still, self._is_news = False, True
        self.update(self._place().shown)

    def hold_still(self) -> None:
        """Show the picture as an old one from now on: without colour, and dark."""
        if self._is_still:
            return
        self._is_still = True
        if self._image is not None:
            self._image = self._image.convertToFormat(QImage.Format.Format_Grayscale8)
        self.update()

    def set_zoom(self, zoom: Zoom) -> None:
        """Look at another part of the picture."""
        if zoom != self._zoom:
            self._zoom = zoom
            self.update()
            self.view_changed.emit()

    def zoom_by(self, notches: float) -> None:
        """Zoom around the middle of what is seen."""
        self.set_zoom(self._zoom.by(STEP**notches, 0.5, 0.5))

    def viewport(self, *, hd: bool = False) -> Viewport | None:
        """The picture that this surface wants now; None while it has no room."""
        room = self.room_px()
        if room.width < 2 or room.height < 2:
            return None
        factor = self._detail_factor(room)
        return Viewport(
            round(room.width * factor), round(room.height * factor), hd=hd, fill=self.fill
        )

    def room_px(self) -> Size:
        """The room for the picture in device pixels."""
        ratio, margin = self.devicePixelRatioF(), self._margin_px()
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        return Size(max(0, width - 2 * margin), max(0, height - 2 * margin))

    def _detail_factor(self, room: Size) -> float:
        """The factor by which a picture larger than the room still gains detail."""
        if not self._zoom.is_on or self._picture is None:
            return 1.0
        shown = self._picture.shown
        useful = max(shown.width / room.width, shown.height / room.height)
        wanted = math.ceil(self._zoom.scale * 2) / 2
        return max(1.0, min(wanted, useful, WIDEST_PX / room.width))

    def _margin_px(self) -> int:
        return round(self.margin_px * self.devicePixelRatioF())

    def _room(self) -> QRect:
        margin = self.margin_px
        return self.rect().adjusted(margin, margin, -margin, -margin)

    def picture_area(self) -> Area:
        """The area in which the picture is drawn, in device pixels of the widget."""
        return self._place().area

    def _place(self) -> _Place:
        ratio = self.devicePixelRatioF()
        if self._known_place is None or self._known_place.ratio != ratio:
            area = self._picture_area()
            shown = QRectF(*(length / ratio for length in area)).toAlignedRect()
            bars, at = tuple(self._bars(area)), QPoint(int(area.x), int(area.y))
            self._known_place = _Place(area, bars, at, shown, ratio)
        return self._known_place

    def _picture_area(self) -> Area:
        room, margin = self.room_px(), self._margin_px()
        if self._image is None or not room.width or not room.height:
            return Area(margin, margin, room.width, room.height)
        area = fitted(Size(self._image.width(), self._image.height()), room)
        return Area(area.x + margin, area.y + margin, area.width, area.height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_picture(painter, whole=not self._place().shown.contains(event.rect()))
        painter.end()

    def paint_picture(self, painter: QPainter, *, whole: bool = True) -> None:
        """Paint the picture, and with the whole the black beside it.

        A subclass paints its own on top.
        """
        place = self._place()
        if place.ratio != 1:
            # In device pixels, so that a picture of the right size is copied, not scaled.
            painter.save()
            painter.scale(1 / place.ratio, 1 / place.ratio)
        if whole:
            for bar in place.bars:
                painter.fillRect(bar, _BLACK)
        if self._image is not None:
            self._paint_image(painter, self._image, place)
        if place.ratio != 1:
            painter.restore()
        self._tell_painted()

    def paint_boxes(self, painter: QPainter, boxes: tuple[Box, ...], colour: QColor) -> None:
        """Paint frames, 2 px, around parts of the picture."""
        if not boxes or self._picture is None or self._image is None:
            return
        ratio = self.devicePixelRatioF()
        target, crop_part = self.picture_area(), self._crop()
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        painter.setClipRect(QRectF(*target))
        painter.setPen(QPen(colour, 2 * ratio))
        for box in boxes:
            inside = Box(*seen(box, crop_part))
            painter.drawRect(QRectF(*placed(seen(inside, Area(*self._zoom.part)), target)))
        painter.restore()

    def _crop(self) -> Area:
        if not self.fill or self._picture is None or self._image is None:
            return WHOLE_PICTURE
        return crop(self._picture.shown, Size(self._image.width(), self._image.height()))

    def _bars(self, area: Area) -> Iterator[QRectF]:
        """The bars beside the picture."""
        margin, room = self._margin_px(), self.room_px()
        x, y, width, height = area
        if self._image is None:
            yield QRectF(margin, margin, *room)
            return
        right, bottom = margin + room.width, margin + room.height
        if height < room.height:
            yield QRectF(margin, margin, room.width, y - margin)
            yield QRectF(margin, y + height, room.width, bottom - y - height)
        if width < room.width:
            yield QRectF(margin, y, x - margin, height)
            yield QRectF(x + width, y, right - x - width, height)

    def _paint_image(self, painter: QPainter, image: QImage, place: _Place) -> None:
        x, y, width, height = place.area
        if not self._zoom.is_on and image.width() == width and image.height() == height:
            painter.drawImage(place.at, image)
        else:
            part = placed(Area(*self._zoom.part), Area(0, 0, image.width(), image.height()))
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(x, y, width, height), image, QRectF(*part))
        if self._is_still:
            painter.fillRect(QRectF(x, y, width, height), _DIM)

    def _tell_painted(self) -> None:
        if self._is_news:
            self._is_news = False
            if self._painted and self._picture:
                self._painted(self._picture)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._known_place = None
        self.view_changed.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._image is None or not event.angleDelta().y():
            event.ignore()
            return
        x, y = self._shares(event.position())
        self.set_zoom(self._zoom.by(STEP ** (event.angleDelta().y() / _NOTCH), x, y))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.MiddleButton:
            self.set_zoom(NO_ZOOM)
        elif event.button() is Qt.MouseButton.LeftButton and self._zoom.is_on:
            self._pan_from = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is None:
            return
        from_x, from_y = self._shares(self._pan_from, bounded=False)
        to_x, to_y = self._shares(event.position(), bounded=False)
        self.set_zoom(self._zoom.moved(to_x - from_x, to_y - from_y))
        self._pan_from = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pan_from is not None:
            self._pan_from = None
            self.unsetCursor()

    def _shares(self, at: QPointF, *, bounded: bool = True) -> tuple[float, float]:
        """A place in the widget, in shares of the picture's area."""
        ratio, area = self.devicePixelRatioF(), self.picture_area()
        x = (at.x() * ratio - area.x) / max(1, area.width)
        y = (at.y() * ratio - area.y) / max(1, area.height)
        return (min(1, max(0, x)), min(1, max(0, y))) if bounded else (x, y)
