"""The results of a search in an area: thumbnails, best first, each with the second it happened."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from vms_desktop.core.index import AreaHit
from vms_desktop.ui.base import Theme, Tone, clock_time, resized_font, short_day
from vms_desktop.ui.picture import Thumbnails, paint_thumbnail
from vms_desktop.ui.widgets import elided

if TYPE_CHECKING:
    from vms_desktop.core.base import Layout
    from vms_desktop.workers.library import ThumbnailReader

THUMBNAIL = QSize(176, 99)
_PAD_PX = 6
_LINE_PX = 18
_SCORE_PX = 4
_TILE = QSize(
    THUMBNAIL.width() + 2 * _PAD_PX, THUMBNAIL.height() + 2 * _LINE_PX + _SCORE_PX + 4 * _PAD_PX
)
HIT_ROLE = Qt.ItemDataRole.UserRole
# The hit's score as a share of the best one's.
SHARE_ROLE = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex


def moment(hit: AreaHit) -> datetime:
    """The moment at which something moved there."""
    return hit.clip.start_at + timedelta(seconds=hit.at_s)


class HitsModel(QAbstractListModel):
    """The hits, best first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hits: list[AreaHit] = []

    @property
    def hits(self) -> Sequence[AreaHit]:
        """The hits, best first."""
        return tuple(self._hits)

    def set_hits(self, hits: Sequence[AreaHit]) -> None:
        """Show other hits."""
        self.beginResetModel()
        self._hits = sorted(hits, key=lambda hit: -hit.score)
        self.endResetModel()

    def improve(self, located: Sequence[AreaHit]) -> None:
        """Take the seconds that have been looked up since."""
        rows = {hit.clip.path: row for row, hit in enumerate(self._hits)}
        for hit in located:
            row = rows.get(hit.clip.path)
            if row is not None:
                self._hits[row] = hit
                self.dataChanged.emit(self.index(row), self.index(row))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - as Qt has it
        return 0 if parent.isValid() else len(self._hits)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        hit = self._hits[index.row()]
        if role == HIT_ROLE:
            return hit
        if role == SHARE_ROLE:
            return hit.score / self._hits[0].score
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._words(hit)
        return None

    def _words(self, hit: AreaHit) -> str:
        seconds = QLocale().toString(hit.score, "f", 1)
        words = self.tr("{camera}, {day}, {time}: {seconds} s of motion in the area")
        return words.format(
            camera=hit.clip.camera_name,
            day=short_day(moment(hit)),
            time=clock_time(moment(hit)),
            seconds=seconds,
        )


class HitsView(QListView):
    """A wall of hits that play at a click or at Enter.

    Signals:
        chosen: The `AreaHit`.
    """

    chosen = Signal(object)

    def __init__(
        self,
        model: HitsModel,
        reader: "ThumbnailReader",
        layout: "Layout",
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("hits")
        self.setAccessibleName(self.tr("Clips found, best first"))
        self.thumbnails = Thumbnails(reader, THUMBNAIL, self)
        self.thumbnails.loaded.connect(lambda _path: self.viewport().update())
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setSpacing(0)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setItemDelegate(HitDelegate(theme, layout, self.thumbnails, self))
        self.setModel(model)
        self.clicked.connect(self._choose)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if is_enter and self.currentIndex().isValid():
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(index.data(HIT_ROLE))


class HitDelegate(QStyledItemDelegate):
    """Paints a hit: thumbnail, how much moved, camera, day and time."""

    def __init__(
        self, theme: Theme, layout: "Layout", thumbnails: Thumbnails, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._layout = layout
        self._thumbnails = thumbnails

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return _TILE

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        hit: AreaHit = index.data(HIT_ROLE)
        area: QRect = option.rect.adjusted(_PAD_PX, _PAD_PX, -_PAD_PX, -_PAD_PX)
        picture = QRect(area.topLeft(), THUMBNAIL)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option)
        self._paint_thumbnail(painter, picture, hit)
        bar = QRect(area.x(), picture.bottom() + _PAD_PX, area.width(), _SCORE_PX)
        self._paint_score(painter, bar, index.data(SHARE_ROLE))
        text = QRect(area.x(), bar.bottom() + _PAD_PX - 1, area.width(), 2 * _LINE_PX)
        self._paint_words(painter, text, hit)
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        has_focus = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if not has_focus and not option.state & QStyle.StateFlag.State_MouseOver:
            return
        painter.setPen(self._theme.colour(Tone.BLUE if has_focus else Tone.RAISED))
        painter.setBrush(self._theme.colour(Tone.RAISED))
        painter.drawRoundedRect(option.rect.adjusted(1, 1, -2, -2), 6, 6)

    def _paint_thumbnail(self, painter: QPainter, place: QRect, hit: AreaHit) -> None:
        ratio = painter.device().devicePixelRatioF()
        path = self._layout.thumbnail_path(hit.clip.path)
        picture = self._thumbnails.get(path, ratio) if hit.clip.has_thumbnail else None
        paint_thumbnail(painter, place, picture, self._theme)

    def _paint_score(self, painter: QPainter, place: QRect, share: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(Tone.LINE))
        painter.drawRoundedRect(place, 2, 2)
        filled = QRect(place)
        filled.setWidth(max(_SCORE_PX, round(place.width() * share)))
        painter.setBrush(self._theme.colour(Tone.AMBER))
        painter.drawRoundedRect(filled, 2, 2)

    def _paint_words(self, painter: QPainter, area: QRect, hit: AreaHit) -> None:
        font, at = QApplication.font(), moment(hit)
        when = f"{short_day(at)} · {clock_time(at)}"
        lines = ((hit.clip.camera_name, True, Tone.TEXT), (when, False, Tone.MUTED))
        for number, (text, bold, colour) in enumerate(lines):
            painter.setFont(resized_font(font, 12, bold=bold))
            painter.setPen(self._theme.colour(colour))
            room = QRect(area.x(), area.y() + _LINE_PX * number, area.width(), _LINE_PX)
            cut = elided(text, painter.fontMetrics(), room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, cut)
