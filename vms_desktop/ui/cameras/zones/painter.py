"""Paints areas on a picture: outlines, handles, names. Light on dark, whatever the theme.

A watched area has a blue line, an ignored one a dashed red line and a tint, so
that they are told apart without their colours.
"""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from vms_desktop.core.config import Point, Zone, ZoneKind
from vms_desktop.ui.base import DARK_THEME, Tone
from vms_desktop.ui.cameras.zones.edits import Chosen, Draft
from vms_desktop.ui.cameras.zones.shapes import View, polygon_of
from vms_desktop.ui.picture import PILL_HEIGHT_PX

COLOURS = {ZoneKind.WATCH: Tone.BLUE, ZoneKind.IGNORE: Tone.RED}
# Under every line: a video may have any colour.
_SHADOW = QColor(0, 0, 0, 150)
_HANDLE = QColor(255, 255, 255)
_LINE_PX, _CHOSEN_LINE_PX, _SHADOW_PX = 2.0, 2.5, 2.0
_HANDLE_PX, _CHOSEN_HANDLE_PX = 4.0, 6.0
# A corner at the edge of the picture is seen and taken beside it, too.
HANDLE_ROOM_PX = 8
_TINT, _CHOSEN_TINT = 60, 45
_CROSS_PX = 9
_LABEL_PX = 6


def paint_zone(painter: QPainter, view: View, zone: Zone, *, is_chosen: bool = False) -> None:
    """Paint one area."""
    polygon = polygon_of(view.places(zone.points))
    painter.setBrush(_tint(zone.kind, is_chosen=is_chosen))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawPolygon(polygon)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in _pens(zone.kind, _CHOSEN_LINE_PX if is_chosen else _LINE_PX):
        painter.setPen(pen)
        painter.drawPolygon(polygon)


def paint_handles(
    painter: QPainter, view: View, zone: Zone, chosen: Chosen, refused: Point | None
) -> None:
    """Paint the corners of the chosen area; red where a corner may not go."""
    for corner, place in enumerate(view.places(zone.points)):
        colour = DARK_THEME.colour(COLOURS[zone.kind])
        if corner == chosen.corner:
            _paint_handle(painter, place, _HANDLE, colour, large=True)
        else:
            _paint_handle(painter, place, colour, _HANDLE)
    if refused is not None:
        _paint_cross(painter, view.place(refused), DARK_THEME.colour(Tone.RED))


def paint_draft(painter: QPainter, view: View, draft: Draft, to: Point | None) -> None:
    """Paint what is being drawn, and the next edge up to the pointer; red where it may not go."""
    places = view.places(draft.points)
    for pen in _pens(draft.kind, _LINE_PX):
        painter.setPen(pen)
        painter.drawPolyline(polygon_of(places))
    if to is not None and places:
        _paint_next(painter, places[-1], view.place(to), is_allowed=draft.takes(to))
    colour = DARK_THEME.colour(COLOURS[draft.kind])
    for number, place in enumerate(places):
        _paint_handle(painter, place, colour, _HANDLE, large=number == 0 and len(places) >= 3)


def paint_cursor(painter: QPainter, view: View, at: Point) -> None:
    """Paint where the keyboard would put the next corner."""
    _paint_cross(painter, view.place(at), _HANDLE)


def label_places(
    view: View, labels: Iterable[tuple[Zone, QPixmap]], taken: Sequence[QRectF]
) -> list[tuple[QPointF, QPixmap]]:
    """A place for each name, in its area's upper left corner and not over another one."""
    covered = list(taken)
    placed = []
    for zone, pill in labels:
        room = QRectF(_label_corner(view, zone), pill.deviceIndependentSize())
        room = _kept_within(room, view)
        while other := next((other for other in covered if other.intersects(room)), None):
            room.moveTop(other.bottom() + 2)
        covered.append(room)
        placed.append((room.topLeft(), pill))
    return placed


def _label_corner(view: View, zone: Zone) -> QPointF:
    places = view.places(zone.points)
    nearest = min(places, key=lambda place: place.x + place.y)
    return QPointF(round(nearest.x) + _LABEL_PX, round(nearest.y) + _LABEL_PX)


def _kept_within(room: QRectF, view: View) -> QRectF:
    x, y, width, height = view.area
    left = min(x + width - room.width() - _LABEL_PX, max(x + _LABEL_PX, room.x()))
    top = min(y + height - PILL_HEIGHT_PX - _LABEL_PX, max(y + _LABEL_PX, room.y()))
    return QRectF(round(left), round(top), room.width(), room.height())


def _tint(kind: ZoneKind, *, is_chosen: bool) -> QColor:
    colour = DARK_THEME.colour(COLOURS[kind])
    shown = kind is ZoneKind.IGNORE or is_chosen
    colour.setAlpha((_TINT if kind is ZoneKind.IGNORE else _CHOSEN_TINT) if shown else 0)
    return colour


def _pens(kind: ZoneKind, width_px: float) -> tuple[QPen, QPen]:
    """The shadow's pen, then the line's."""
    shadow, line = (
        QPen(_SHADOW, width_px + _SHADOW_PX),
        QPen(DARK_THEME.colour(COLOURS[kind]), width_px),
    )
    for pen in (shadow, line):
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if kind is ZoneKind.IGNORE:
        line.setDashPattern([3, 2])
    return shadow, line


def _paint_handle(
    painter: QPainter, place: Point, rim: QColor, middle: QColor, *, large: bool = False
) -> None:
    radius = _CHOSEN_HANDLE_PX if large else _HANDLE_PX
    painter.setPen(QPen(_SHADOW, 1))
    painter.setBrush(rim)
    painter.drawEllipse(QPointF(*place), radius + 1.5, radius + 1.5)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(middle)
    painter.drawEllipse(QPointF(*place), radius - 1, radius - 1)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_next(painter: QPainter, start: Point, end: Point, *, is_allowed: bool) -> None:
    painter.setPen(QPen(_SHADOW, 3))
    painter.drawLine(QPointF(*start), QPointF(*end))
    pen = QPen(_HANDLE if is_allowed else DARK_THEME.colour(Tone.RED), 1)
    painter.setPen(pen)
    painter.drawLine(QPointF(*start), QPointF(*end))
    if not is_allowed:
        _paint_cross(painter, end, DARK_THEME.colour(Tone.RED))


def _paint_cross(painter: QPainter, place: Point, colour: QColor) -> None:
    for pen in (QPen(_SHADOW, 4), QPen(colour, 2)):
        painter.setPen(pen)
        for way in (QPointF(_CROSS_PX, 0), QPointF(0, _CROSS_PX)):
            painter.drawLine(QPointF(*place) - way, QPointF(*place) + way)
