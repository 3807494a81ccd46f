"""Paints the gallery's rows: headings of hours, and pictures of clips."""

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import (
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from vms_desktop.core.index import IndexedClip
from vms_desktop.ui.base import Theme, Tone, resized_font
from vms_desktop.ui.clips import ClipMarks, ClipPainter, clip_captions
from vms_desktop.ui.picture import Pill
from vms_desktop.ui.playback.gallery.model import Hour, Role
from vms_desktop.ui.widgets import elided

if TYPE_CHECKING:
    from vms_desktop.ui.clips import ClipThumbnails
    from vms_desktop.ui.playback.gallery.view import GalleryView

HOUR_PX = 34
# Around a picture; between two of them it is twice that.
GAP_PX = 3
_CAPTION_PX = 22
# So that a name is nearer to its own picture than to the one below.
_BELOW_CAPTION_PX = 10
_METER = QSize(44, 4)
_ARROW_PX = 14
_Index = QModelIndex | QPersistentModelIndex


class Look(NamedTuple):
    """The layout of the gallery.

    Attributes:
        least_px: The least width of a cell.
        captions: Whether camera and motion stand under a picture.
        ticks: Whether several clips can be selected.
    """

    least_px: int
    captions: bool
    ticks: bool


COMPACT = Look(120, captions=False, ticks=False)
WIDE = Look(220, captions=True, ticks=True)


class GalleryDelegate(QStyledItemDelegate):
    """Paints a row of the gallery and says how large it is."""

    def __init__(
        self, theme: Theme, thumbnails: "ClipThumbnails", look: Look, view: "GalleryView"
    ) -> None:
        super().__init__(view)
        self._theme = theme
        self._thumbnails = thumbnails
        self._look = look
        self._view = view
        self._clips = ClipPainter(theme)
        self.cell = QSize(look.least_px, look.least_px)
        self._heading = QSize(look.least_px, HOUR_PX)

    def fit(self, width_px: int) -> None:
        """Lay out for a list of this width: columns of one width fill it."""
        columns = max(1, width_px // self._look.least_px)
        cell_px = width_px // columns
        picture_px = round((cell_px - 2 * GAP_PX) * 9 / 16)
        caption = _CAPTION_PX + _BELOW_CAPTION_PX if self._look.captions else 0
        self.cell = QSize(cell_px, picture_px + 2 * GAP_PX + caption)
        self._heading = QSize(columns * cell_px, HOUR_PX)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return self._heading if isinstance(index.data(Role.ROW), Hour) else self.cell

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row = index.data(Role.ROW)
        painter.save()
        if isinstance(row, Hour):
            self._paint_hour(painter, option, row)
        else:
            self._paint_clip(painter, option, row)
        painter.restore()

    def delete_place(self, area: QRect) -> QRect:
        """The place at which a heading offers to delete its hour."""
        metrics = self._view.fontMetrics()
        width = metrics.horizontalAdvance(self._view.delete_hour_words) + 16
        return QRect(area.right() + 1 - width, area.y() + 5, width, area.height() - 8)

    def _paint_hour(self, painter: QPainter, option: QStyleOptionViewItem, hour: Hour) -> None:
        area = option.rect.adjusted(GAP_PX, 2, -GAP_PX, 0)
        self._paint_arrow(painter, QPointF(area.x() + 6, area.center().y() + 1), hour.is_open)
        deleting = self.delete_place(option.rect) if hour.deletable else QRect()
        self._paint_title(painter, area.adjusted(_ARROW_PX + 4, 0, -deleting.width(), 0), hour)
        self._paint_delete(painter, deleting)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(self._theme.colour(Tone.BLUE))
            painter.drawRoundedRect(option.rect.adjusted(0, 3, -1, -2), 4, 4)

    def _paint_title(self, painter: QPainter, room: QRect, hour: Hour) -> None:
        """The hour's time, and how many clips; the number alone where there is no room."""
        centred = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(resized_font(QApplication.font(), 13, bold=True))
        painter.setPen(self._theme.colour(Tone.TEXT))
        painter.drawText(room, centred, hour.title)
        room.setLeft(room.left() + painter.fontMetrics().horizontalAdvance(hour.title))
        painter.setFont(resized_font(QApplication.font(), 13))
        painter.setPen(self._theme.colour(Tone.MUTED))
        words = f" · {clip_captions.clip_count(len(hour.clips))}"
        if painter.fontMetrics().horizontalAdvance(words) > room.width():
            words = f" · {len(hour.clips)}"
        painter.drawText(room, centred, words)

    def _paint_arrow(self, painter: QPainter, middle: QPointF, is_open: bool) -> None:
        """A chevron that points down where the hour is open, else to the right."""
        corners = [QPointF(-4, -2), QPointF(0, 2), QPointF(4, -2)]
        if not is_open:
            corners = [QPointF(-2, -4), QPointF(2, 0), QPointF(-2, 4)]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour(Tone.MUTED), 1.6))
        painter.drawPolyline(QPolygonF([middle + corner for corner in corners]))

    def _paint_delete(self, painter: QPainter, place: QRect) -> None:
        if place.isEmpty():
            return
        is_under = place.contains(self._view.pointer)
        if is_under:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour(Tone.LINE))
            painter.drawRoundedRect(place, 4, 4)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setFont(QApplication.font())
        painter.setPen(self._theme.colour(Tone.TEXT if is_under else Tone.MUTED))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self._view.delete_hour_words)

    def _paint_clip(
        self, painter: QPainter, option: QStyleOptionViewItem, clip: IndexedClip
    ) -> None:
        room = option.rect.adjusted(GAP_PX, GAP_PX, -GAP_PX, -GAP_PX)
        if self._look.captions:
            room.setBottom(room.bottom() - _BELOW_CAPTION_PX)
            self._paint_caption(painter, room, clip)
            room.setBottom(room.bottom() - _CAPTION_PX)
        ratio = painter.device().devicePixelRatioF()
        thumbnail = self._thumbnails.get(clip, round(room.width() * ratio))
        text = clip_captions.time_and_length(clip)
        self._clips.paint(painter, room, clip, thumbnail, Pill(text), self._marks(option, clip))

    def _marks(self, option: QStyleOptionViewItem, clip: IndexedClip) -> ClipMarks:
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        return ClipMarks(
            outlined=is_selected or clip.path == self._view.shown_path,
            ticked=is_selected and self._look.ticks,
            focused=bool(option.state & QStyle.StateFlag.State_HasFocus),
        )

    def _paint_caption(self, painter: QPainter, room: QRect, clip: IndexedClip) -> None:
        line = QRect(room.x() + 2, room.bottom() - _CAPTION_PX + 3, room.width() - 4, _CAPTION_PX)
        if clip.strength:
            self._paint_meter(painter, line, clip.strength)
            line.setRight(line.right() - _METER.width() - 8)
        painter.setFont(resized_font(QApplication.font(), 12))
        painter.setPen(self._theme.colour(Tone.TEXT))
        name = elided(clip.camera_name, painter.fontMetrics(), line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, name)

    def _paint_meter(self, painter: QPainter, line: QRect, strength: float) -> None:
        """How much moved, as the length of a bar."""
        ground = QRect(QPoint(0, 0), _METER)
        ground.moveCenter(line.center())
        ground.moveRight(line.right())
        painter.fillRect(ground, self._theme.colour(Tone.LINE))
        ground.setWidth(max(2, round(strength * _METER.width())))
        painter.fillRect(ground, self._theme.colour(Tone.AMBER))
