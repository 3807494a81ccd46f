"""A picture on which a person draws the rectangle that is searched, by mouse or by keys."""

from collections.abc import Mapping
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from vms_desktop.core.base import Box
from vms_desktop.core.motion import MOTION_GRID
from vms_desktop.ui.base import DARK_THEME, Tone

# Width and height of a cell of the motion grid: nothing finer is known.
CELL = (1 / MOTION_GRID.width, 1 / MOTION_GRID.height)
SMALLEST = (2 * CELL[0], 2 * CELL[1])
WHOLE = Box(0, 0, 1, 1)
START = Box(0.35, 0.35, 0.3, 0.3)

# The edges that a hand holds: -1 left or top, 1 right or bottom, 0 neither.
Grip = tuple[int, int]
INSIDE: Grip = (0, 0)

GRIPS: tuple[Grip, ...] = tuple((x, y) for y in (-1, 0, 1) for x in (-1, 0, 1) if x or y)


def between(x: float, y: float, other_x: float, other_y: float) -> Box:
    """The area whose corners are two places, cut to the picture."""
    x, y, other_x, other_y = (min(1.0, max(0.0, each)) for each in (x, y, other_x, other_y))
    left, top = min(x, other_x), min(y, other_y)
    return bounded(Box(left, top, max(x, other_x) - left, max(y, other_y) - top))


def bounded(area: Box) -> Box:
    """The area inside the picture and large enough to be seen, its place kept where it can be."""
    width = min(1.0, max(SMALLEST[0], area.width))
    height = min(1.0, max(SMALLEST[1], area.height))
    x = min(max(0.0, area.x), 1 - width)
    y = min(max(0.0, area.y), 1 - height)
    return Box(x, y, width, height)


def moved(area: Box, dx: float, dy: float) -> Box:
    """The area at another place; it stops at the picture's edge."""
    return bounded(Box(area.x + dx, area.y + dy, area.width, area.height))


def resized(area: Box, grip: Grip, dx: float, dy: float) -> Box:
    """The area with the held edges at another place; the others stay where they are."""
    left, width = _stretched(area.x, area.width, grip[0], dx, SMALLEST[0])
    top, height = _stretched(area.y, area.height, grip[1], dy, SMALLEST[1])
    return Box(left, top, width, height)


def _stretched(
    start: float, length: float, held: int, by: float, least: float
) -> tuple[float, float]:
    end = start + length
    if held < 0:
        start = min(max(0.0, start + by), end - least)
    elif held > 0:
        end = max(min(1.0, end + by), start + least)
    return start, end - start


def grip_places(area: Box) -> Mapping[Grip, tuple[float, float]]:
    """The place of each handle."""
    return {
        (x, y): (area.x + area.width * (x + 1) / 2, area.y + area.height * (y + 1) / 2)
        for x, y in GRIPS
    }


_GRAB_PX = 9
_HANDLE_PX = 7
_DIM = QColor(0, 0, 0, 110)
# Cells per key press with Ctrl.
_LONG_STEP = 4
# Of the room while there is no picture.
_ASPECT = 16 / 9
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_CURSORS = {
    (-1, -1): Qt.CursorShape.SizeFDiagCursor,
    (1, 1): Qt.CursorShape.SizeFDiagCursor,
    (1, -1): Qt.CursorShape.SizeBDiagCursor,
    (-1, 1): Qt.CursorShape.SizeBDiagCursor,
    (-1, 0): Qt.CursorShape.SizeHorCursor,
    (1, 0): Qt.CursorShape.SizeHorCursor,
    (0, -1): Qt.CursorShape.SizeVerCursor,
    (0, 1): Qt.CursorShape.SizeVerCursor,
    INSIDE: Qt.CursorShape.SizeAllCursor,
}


class _Held(NamedTuple):
    """The area that the mouse holds; a grip of None draws a new one."""

    grip: Grip | None
    x: float
    y: float
    area: Box


class AreaPicture(QWidget):
    """Shows a picture, the heat map over it and the searched area.

    Attributes:
        area: The searched one, in shares of the picture as it is shown.
        image: The picture; None while there is none.

    Signals:
        area_changed: The area as a `Box`, in shares of the picture as it is shown.
    """

    area_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 135)
        self.setAccessibleName(self.tr("Area to be searched"))
        self.setToolTip(
            self.tr(
                "Draw a rectangle. Arrows move it, Shift+arrows resize it, "
                "Ctrl takes larger steps, Home takes the whole picture."
            )
        )
        self.area = START
        self.image: QImage | None = None
        self._heat: QImage | None = None
        self._held: _Held | None = None

    def set_area(self, area: Box) -> None:
        """Search another area; tells where it is another."""
        area = bounded(area)
        if area != self.area:
            self.area = area
            self.update()
            self.area_changed.emit(area)

    def set_image(self, image: QImage | None) -> None:
        """Draw on the picture that a camera shows."""
        self.image = image
        self.update()

    def set_heat(self, heat: QImage | None) -> None:
        """Lay a heat map over the picture, turned like it; None for none."""
        self._heat = heat
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(560, 315)

    def target(self) -> QRectF:
        """The place at which the picture is drawn."""
        image = self.image
        aspect = image.width() / image.height() if image and image.height() else _ASPECT
        width = min(float(self.width()), self.height() * aspect)
        place = QRectF(0, 0, width, width / aspect)
        place.moveCenter(QRectF(self.rect()).center())
        return place

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), QColor("black"))
        target, chosen = self.target(), self._placed(self.area)
        if self.image is not None:
            painter.drawImage(target, self.image)
        else:
            painter.setPen(DARK_THEME.colour(Tone.MUTED))
            painter.drawText(target, Qt.AlignmentFlag.AlignCenter, self.tr("No picture yet"))
        if self._heat is not None:
            painter.drawImage(target, self._heat)
        self._paint_area(painter, target, chosen)
        painter.end()

    def _paint_area(self, painter: QPainter, target: QRectF, chosen: QRectF) -> None:
        outside = QPainterPath()
        outside.addRect(target)
        outside.addRect(chosen)
        painter.fillPath(outside, _DIM)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor("black"), 4))
        painter.drawRect(chosen)
        painter.setPen(QPen(DARK_THEME.colour(Tone.BLUE), 2))
        painter.drawRect(chosen)
        painter.setBrush(DARK_THEME.colour(Tone.TEXT))
        for x, y in grip_places(self.area).values():
            handle = QRectF(0, 0, _HANDLE_PX, _HANDLE_PX)
            handle.moveCenter(self._point(x, y))
            painter.drawRect(handle)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _placed(self, area: Box) -> QRectF:
        target = self.target()
        at = self._point(area.x, area.y)
        width, height = area.width * target.width(), area.height * target.height()
        return QRectF(at.x(), at.y(), width, height)

    def _point(self, x: float, y: float) -> QPointF:
        target = self.target()
        return QPointF(target.x() + x * target.width(), target.y() + y * target.height())

    def _shares(self, at: QPointF) -> tuple[float, float]:
        target = self.target()
        return (
            (at.x() - target.x()) / max(1.0, target.width()),
            (at.y() - target.y()) / max(1.0, target.height()),
        )

    def _grip_at(self, at: QPointF) -> Grip | None:
        for grip, (x, y) in grip_places(self.area).items():
            away = self._point(x, y) - at
            if max(abs(away.x()), abs(away.y())) <= _GRAB_PX:
                return grip
        return INSIDE if self._placed(self.area).contains(at) else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            x, y = self._shares(event.position())
            self._held = _Held(self._grip_at(event.position()), x, y, self.area)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is None:
            grip = self._grip_at(event.position())
            cross = Qt.CursorShape.CrossCursor
            self.setCursor(cross if grip is None else _CURSORS[grip])
            return
        x, y = self._shares(event.position())
        self.set_area(self._dragged(self._held, x, y))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None

    def _dragged(self, held: _Held, x: float, y: float) -> Box:
        if held.grip is None:
            return between(held.x, held.y, x, y)
        if held.grip == INSIDE:
            return moved(held.area, x - held.x, y - held.y)
        return resized(held.area, held.grip, x - held.x, y - held.y)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Home:
            self.set_area(WHOLE)
            return
        step = _ARROWS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        cells = _LONG_STEP if event.modifiers() & Qt.KeyboardModifier.ControlModifier else 1
        dx, dy = step[0] * CELL[0] * cells, step[1] * CELL[1] * cells
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.set_area(resized(self.area, (1, 1), dx, dy))
        else:
            self.set_area(moved(self.area, dx, dy))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()
