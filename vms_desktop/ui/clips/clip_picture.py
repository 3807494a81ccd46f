"""Paints a clip's picture, in the gallery and on the cards of the archives."""

from typing import NamedTuple

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QApplication

from vms_desktop.core.index import ClipState, IndexedClip
from vms_desktop.ui.base import Theme, Tone, icons, resized_font
from vms_desktop.ui.clips import clip_captions
from vms_desktop.ui.picture import PILL_HEIGHT_PX, Pill, Pills
from vms_desktop.ui.widgets import elided

RADIUS_PX = 4
_PILL_GAP_PX = 4
_BADGE_PX = 20
_SYMBOL_PX = 24
# A picture of which less would be seen stands whole between two bars: one turned upright.
_LEAST_COVERED = 0.7


class ClipMarks(NamedTuple):
    """The marks of a clip: how its picture is framed.

    Attributes:
        outlined: It is the one in the player, or selected.
        ticked: It is one of those selected, where several can be.
        focused: The keyboard is here.
    """

    outlined: bool = False
    ticked: bool = False
    focused: bool = False


class ClipPainter:
    """Paints pictures of clips; keeps what it has rendered of their words."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._pills = Pills()

    def paint(
        self,
        painter: QPainter,
        room: QRect,
        clip: IndexedClip,
        thumbnail: QPixmap | None,
        pill: Pill,
        marks: ClipMarks,
    ) -> None:
        """Paint a clip's picture with its words; `thumbnail` as `ClipThumbnails.get` gives it."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.save()
        shape = QPainterPath()
        shape.addRoundedRect(room, RADIUS_PX, RADIUS_PX)
        painter.setClipPath(shape)
        painter.fillRect(room, self._theme.colour(Tone.LINE))
        self._paint_ground(painter, room, clip, thumbnail)
        painter.restore()
        self._paint_pills(painter, room, clip, pill)
        self._paint_marks(painter, room, marks)

    def _paint_ground(
        self, painter: QPainter, room: QRect, clip: IndexedClip, thumbnail: QPixmap | None
    ) -> None:
        if clip.state is ClipState.UNREADABLE:
            self._paint_word(painter, room, "failed", clip_captions.unreadable())
        elif thumbnail is None:
            return
        elif thumbnail.isNull():
            self._paint_word(painter, room, "camera", clip_captions.no_picture())
        else:
            shown, part = placed(thumbnail.size(), room)
            painter.drawPixmap(shown, thumbnail, part)

    def _paint_word(self, painter: QPainter, room: QRect, symbol: str, word: str) -> None:
        """A symbol over a word, in what the pill leaves free."""
        ratio = painter.device().devicePixelRatioF()
        free = room.adjusted(4, 0, -4, -PILL_HEIGHT_PX)
        painter.setFont(resized_font(QApplication.font(), 12))
        painter.setPen(self._theme.colour(Tone.TEXT))
        line_px = painter.fontMetrics().height()
        top = free.center().y() - (_SYMBOL_PX + line_px) // 2
        picture = icons.pixmap(symbol, self._theme.text, _SYMBOL_PX, ratio)
        painter.drawPixmap(free.center().x() - _SYMBOL_PX // 2, top, picture)
        line = QRect(free.x(), top + _SYMBOL_PX, free.width(), line_px)
        cut = elided(word, painter.fontMetrics(), line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, cut)

    def _paint_pills(self, painter: QPainter, room: QRect, clip: IndexedClip, pill: Pill) -> None:
        ratio = painter.device().devicePixelRatioF()
        widest = room.width() - 2 * _PILL_GAP_PX
        low = QPoint(room.x() + _PILL_GAP_PX, room.bottom() + 1 - _PILL_GAP_PX - PILL_HEIGHT_PX)
        painter.drawPixmap(low, self._pills.get(pill, widest, ratio))
        if clip.is_archived and pill.text == clip_captions.time_and_length(clip):
            high = QPoint(low.x(), room.y() + _PILL_GAP_PX)
            word = Pill(clip_captions.archived())
            painter.drawPixmap(high, self._pills.get(word, widest - _BADGE_PX, ratio))

    def _paint_marks(self, painter: QPainter, room: QRect, marks: ClipMarks) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if marks.outlined or marks.ticked:
            painter.setPen(QPen(self._theme.colour(Tone.BLUE), 2))
            painter.drawRoundedRect(QRectF(room), RADIUS_PX, RADIUS_PX)
        if marks.ticked:
            self._paint_tick(painter, clip_tick_place(room))
        if marks.focused:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.colour(Tone.TEXT), 1.5))
            frame = QRectF(room).adjusted(-2.5, -2.5, 2.5, 2.5)
            painter.drawRoundedRect(frame, RADIUS_PX + 2, RADIUS_PX + 2)

    def _paint_tick(self, painter: QPainter, place: QRect) -> None:
        ratio = painter.device().devicePixelRatioF()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(Tone.BLUE))
        painter.drawEllipse(place)
        tick = icons.pixmap("check", self._theme.on_blue, _BADGE_PX - 6, ratio)
        painter.drawPixmap(place.topLeft() + QPoint(3, 3), tick)


def clip_tick_place(room: QRect) -> QRect:
    """The place of a selected clip's tick on its picture."""
    return QRect(room.right() - _BADGE_PX - 4, room.y() + 6, _BADGE_PX, _BADGE_PX)


def placed(picture: QSize, room: QRect) -> tuple[QRect, QRect]:
    """The place of a picture that is painted in a room, and the part of it that is seen."""
    whole = QRect(QPoint(0, 0), picture)
    part = QRect(QPoint(0, 0), room.size().scaled(picture, Qt.AspectRatioMode.KeepAspectRatio))
    part.moveCenter(whole.center())
    if part.width() * part.height() >= _LEAST_COVERED * picture.width() * picture.height():
        return room, part
    shown = QRect(QPoint(0, 0), picture.scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio))
    shown.moveCenter(room.center())
    return shown, whole
