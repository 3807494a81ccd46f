"""Paints a timeline: what lies still once into a picture, what moves on top of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPixmap, QPolygonF

from vms_desktop.ui.base import TEXT_PX, Theme, Tone, resized_font
from vms_desktop.ui.playback.timeline.places import LABELS_PX, Places
from vms_desktop.ui.playback.timeline.rows import (
    Columns,
    Look,
    Paints,
    Pixels,
    RowClips,
    row_pixels,
)
from vms_desktop.ui.playback.timeline.scale import DayClock, TimeView, labels, step_s, ticks
from vms_desktop.ui.widgets import elided, tabular_font

HANDLE_PX = 9
_LABEL_PX = 12
_LABEL_GAP_PX = 14
_TICK_PX = 4
_NAME_BAR_PX = 3
_AT_MIDDLE = Qt.TextElideMode.ElideMiddle
_AT_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
# Ground and track; a track is lighter than its ground in the dark theme, darker in the light.
_GROUNDS = {"light": (Tone.PANEL, Tone.WINDOW)}


@dataclass(frozen=True, slots=True)
class Scene:
    """The part that lies still: all that the backdrop depends on."""

    view: TimeView
    clock: DayClock
    rows: tuple[RowClips, ...]
    chosen: str
    now_s: float | None
    places: Places
    size: QSize
    ratio: float
    font: QFont


class TimelinePainter:
    """Paints in the colours of one theme."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._ground, self._track = _GROUNDS.get(theme.name, (Tone.WINDOW, Tone.PANEL))
        self._overview: tuple[object, Columns | None] | None = None
        self._paints = _paints(theme, self._ground, self._track)

    def backdrop(self, scene: Scene) -> QPixmap:
        """Names, ruler, rows and overview."""
        made = QPixmap(scene.size * scene.ratio)
        made.setDevicePixelRatio(scene.ratio)
        made.fill(self._theme.colour(self._ground))
        painter = QPainter(made)
        painter.setFont(scene.font)
        self._paint_rows(painter, scene)
        self._paint_ruler(painter, scene)
        if not scene.view.is_whole:
            self._paint_overview(painter, scene)
        painter.end()
        return made

    def _paint_rows(self, painter: QPainter, scene: Scene) -> None:
        area = scene.places
        painter.setClipRect(QRect(0, area.tracks.top(), scene.size.width(), area.tracks.height()))
        for number, row in enumerate(scene.rows):
            track = area.track(number)
            if track.bottom() < area.tracks.top() or track.top() > area.tracks.bottom():
                continue
            self._paint_name(painter, scene, row, QRect(area.names.left(), track.top(),
                             area.names.width(), track.height()))  # fmt: skip
            self._paint_track(painter, scene, row.columns(scene.view, scene.ratio), track)
        painter.setClipping(False)

    def _paint_name(self, painter: QPainter, scene: Scene, row: RowClips, room: QRect) -> None:
        is_chosen = row.row.key == scene.chosen
        font = resized_font(scene.font, TEXT_PX, bold=is_chosen)
        painter.setFont(font)
        painter.setPen(self._theme.colour(Tone.TEXT if is_chosen else Tone.MUTED))
        width = int(room.width())
        name = elided(row.row.name, painter.fontMetrics(), width, _AT_MIDDLE)
        painter.drawText(room, _AT_RIGHT, name)
        if is_chosen:
            bar = QRect(0, room.top(), _NAME_BAR_PX, room.height())
            painter.fillRect(bar, self._theme.colour(Tone.BLUE))

    def _paint_track(self, painter: QPainter, scene: Scene, columns: Columns, track: QRect) -> None:
        future_px = len(columns.look)
        if scene.now_s is not None:
            future_px = round(scene.view.x_of(scene.now_s) * scene.ratio)
        height = round(track.height() * scene.ratio)
        pixels = row_pixels(columns, height, self._paints, future_px, scene.ratio)
        painter.drawImage(track.topLeft(), _image(pixels, scene.ratio))

    def _paint_ruler(self, painter: QPainter, scene: Scene) -> None:
        font = tabular_font(resized_font(scene.font, _LABEL_PX))
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        ruler, view = scene.places.ruler, scene.view

        def room_px(with_seconds: bool) -> float:
            text = "00:00:00" if with_seconds else "00:00"
            return metrics.horizontalAdvance(text) + _LABEL_GAP_PX

        found = ticks(view, scene.clock, step_s(view, room_px))
        painter.setPen(self._theme.colour(Tone.LINE))
        for tick in found:
            x = ruler.left() + view.x_of(tick.at_s)
            painter.drawLine(QPointF(x, ruler.bottom() - _TICK_PX), QPointF(x, ruler.bottom()))
        painter.setPen(self._theme.colour(Tone.MUTED))
        for label in labels(found, view, metrics.horizontalAdvance, _LABEL_GAP_PX / 2):
            left = ruler.left() + label.left_px
            room = QRectF(left, ruler.top(), label.width_px + 1, LABELS_PX)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, label.tick.text)

    def _paint_overview(self, painter: QPainter, scene: Scene) -> None:
        area, view = scene.places.overview, scene.view
        whole = TimeView.whole(view.first_s, view.last_s, view.width_px)
        painter.fillRect(area, self._theme.colour(self._track))
        columns = self._overview_columns(scene, whole)
        if columns is not None:
            height = round(area.height() * scene.ratio)
            pixels = row_pixels(columns, height, self._paints, len(columns.look), scene.ratio)
            painter.drawImage(area.topLeft(), _image(pixels, scene.ratio))
        left, right = whole.x_of(view.start_s), whole.x_of(view.end_s)
        frame = QRectF(area.left() + left - 1, area.top() - 2, max(6.0, right - left + 2),
                       area.height() + 4)  # fmt: skip
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour(Tone.TEXT), 1.5))
        painter.setBrush(_faded(self._theme.colour(Tone.TEXT), 30))
        painter.drawRoundedRect(frame, 3, 3)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _overview_columns(self, scene: Scene, whole: TimeView) -> Columns | None:
        """All clips of the day; zooming does not change them."""
        made_for = (whole, scene.rows, scene.ratio)
        if self._overview is None or self._overview[0] != made_for:
            columns = _together([row.columns(whole, scene.ratio) for row in scene.rows])
            self._overview = made_for, columns
        return self._overview[1]

    def paint_range(
        self, painter: QPainter, scene: Scene, start_s: float | None, end_s: float | None
    ) -> None:
        """The marks I and O, with what lies between them shaded and flags to drag."""
        places = scene.places
        tall = QRectF(places.handles.united(places.tracks))
        left, right = (self._mark_x(scene, at_s) for at_s in (start_s, end_s))
        painter.save()
        painter.setClipRect(tall.adjusted(-HANDLE_PX - 2, 0, HANDLE_PX + 2, 0))
        if left is not None and right is not None:
            shaded = QRectF(left, tall.top(), right - left, tall.height()).intersected(tall)
            painter.fillRect(shaded, _faded(self._theme.colour(Tone.BLUE), 46))
        for x, side in ((left, -1), (right, 1)):
            if x is not None and tall.left() - 1 <= x <= tall.right() + 1:
                self._paint_flag(painter, x, side, places)
        painter.restore()

    def _mark_x(self, scene: Scene, at_s: float | None) -> float | None:
        return None if at_s is None else scene.places.ruler.left() + scene.view.x_of(at_s)

    def _paint_flag(self, painter: QPainter, x: float, side: int, places: Places) -> None:
        """The line of a mark and its flag, `I` to the left or `O` to the right."""
        colour = self._theme.colour(Tone.BLUE)
        top, bottom = places.handles.top(), places.tracks.bottom()
        painter.fillRect(QRectF(x - 0.75, top, 1.5, bottom - top + 1), colour)
        width = HANDLE_PX + 3
        flag = QRectF(x if side > 0 else x - width, top, width, places.handles.height())
        painter.fillRect(flag, colour)
        painter.setFont(resized_font(painter.font(), 10, bold=True))
        painter.setPen(self._theme.colour(Tone.ON_BLUE))
        painter.drawText(flag, Qt.AlignmentFlag.AlignCenter, "O" if side > 0 else "I")

    def paint_now(self, painter: QPainter, scene: Scene) -> None:
        """A dashed line where time has come to."""
        if scene.now_s is None or not scene.view.shows(scene.now_s):
            return
        tracks = scene.places.tracks
        x = tracks.left() + scene.view.x_of(scene.now_s)
        pen = QPen(self._theme.colour(Tone.MUTED), 1, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(QPointF(x, tracks.top() - _TICK_PX), QPointF(x, tracks.bottom()))

    def paint_pointer(self, painter: QPainter, places: Places, x: float) -> None:
        """A faint line under the pointer."""
        painter.setPen(_faded(self._theme.colour(Tone.TEXT), 90))
        painter.drawLine(QPointF(x, places.tracks.top()), QPointF(x, places.tracks.bottom()))

    def paint_playhead(self, painter: QPainter, places: Places, x: float) -> None:
        """The line where playback is, with its handle in the ruler."""
        colour = self._theme.colour(Tone.TEXT)
        top, bottom = places.handles.top(), places.tracks.bottom() + 3
        # A seam of the ground keeps the line visible on a block of nearly its colour.
        seam = _faded(self._theme.colour(self._ground), 150)
        painter.fillRect(QRectF(x - 2, top, 4, bottom - top), seam)
        painter.fillRect(QRectF(x - 1, top, 2, bottom - top), colour)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        half = HANDLE_PX / 2 + 0.5
        painter.drawPolygon(
            QPolygonF([
                QPointF(x - half, top), QPointF(x + half, top), QPointF(x + half, top + 5),
                QPointF(x, top + 11), QPointF(x - half, top + 5),
            ])
        )  # fmt: skip
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def paint_focus(self, painter: QPainter, rect: QRect) -> None:
        """The frame of the widget that has the keyboard."""
        painter.setPen(QPen(self._theme.colour(Tone.BLUE), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def paint_words(self, painter: QPainter, rect: QRect, words: str) -> None:
        """Words in the place of rows."""
        painter.setPen(self._theme.colour(Tone.MUTED))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)


def _paints(theme: Theme, ground: Tone, track: Tone) -> Paints:
    under = theme.colour(track)
    blocks = {
        Look.NONE: under,
        Look.UNREADABLE: theme.colour(Tone.GREY),
        Look.STILL: _mixed(theme.colour(Tone.BLUE), under, 0.5),
        Look.FAINT: _mixed(theme.colour(Tone.BLUE), under, 0.65),
        Look.CLEAR: _mixed(theme.colour(Tone.BLUE), under, 0.82),
        Look.MANUAL: theme.colour(Tone.BLUE),
        Look.STRONG: theme.colour(Tone.AMBER),
    }
    insides = {look: _mixed(colour, under, 0.3) for look, colour in blocks.items()}
    return Paints(
        ground=theme.colour(ground).rgb(),
        track=under.rgb(),
        future=_mixed(under, theme.colour(ground), 0.4).rgb(),
        hatch=_mixed(theme.colour(Tone.GREY), under, 0.75).rgb(),
        kept=theme.colour(Tone.TEXT).rgb(),
        blocks=tuple(blocks[look].rgb() for look in Look),
        insides=tuple(insides[look].rgb() for look in Look),
    )


def _mixed(colour: QColor, other: QColor, share: float) -> QColor:
    """So much of one colour, the rest of another."""
    one, two = np.array([(c.red(), c.green(), c.blue()) for c in (colour, other)])
    return QColor(*(int(part) for part in np.rint(one * share + two * (1 - share))))


def _faded(colour: QColor, alpha: int) -> QColor:
    faded = QColor(colour)
    faded.setAlpha(alpha)
    return faded


def _image(pixels: Pixels, ratio: float) -> QImage:
    """A view of the pixels, for as long as the caller keeps them."""
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    return image


def _together(found: Sequence[Columns]) -> Columns | None:
    """All rows in one; None where there is none."""
    if not found:
        return None
    look = np.maximum.reduce([columns.look for columns in found])
    nothing = np.zeros(len(look), bool)
    return Columns(look, nothing, nothing, nothing)
