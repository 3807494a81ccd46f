"""Today's events at the right of Live: thumbnail, camera, time and length."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHelpEvent, QImage, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from vms_desktop.ui.base import Theme, Tone, resized_font, words
from vms_desktop.ui.live.events_model import EventRow, EventsModel, Role, length_words
from vms_desktop.ui.picture import Thumbnails, paint_thumbnail
from vms_desktop.ui.widgets import elided

if TYPE_CHECKING:
    from vms_desktop.workers.library import ThumbnailReader

WIDTH_PX = 268
_ROW_PX = 68
EVENT_THUMBNAIL_SIZE = QSize(96, 54)
_PAD_PX = 12
_Index = QModelIndex | QPersistentModelIndex


class EventsPanel(QWidget):
    """The list of today's events with their number above.

    Signals:
        opened: An event's clip is to be played (its path).
        opened_outside: It is wanted in the system's own player.
    """

    opened = Signal(object)
    opened_outside = Signal(object)

    def __init__(
        self,
        model: EventsModel,
        reader: "ThumbnailReader",
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("eventsPanel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(WIDTH_PX)
        self._model = model
        self._thumbnails = Thumbnails(reader, EVENT_THUMBNAIL_SIZE, self)
        self._count = QLabel()
        self._list = self._made_list(theme)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._list)
        self._stack.addWidget(self._empty())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._header())
        layout.addLayout(self._stack, 1)
        for changed in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            changed.connect(self._show_count)
        model.dataChanged.connect(self._forget_thumbnail)
        self._thumbnails.loaded.connect(lambda _path: self._list.viewport().update())
        self._show_count()

    def stop(self) -> None:
        """Read no more thumbnails."""
        self._thumbnails.stop()

    def _header(self) -> QHBoxLayout:
        title = QLabel(self.tr("Events today"))
        title.setObjectName("eventsTitle")
        self._count.setProperty("quiet", True)
        row = QHBoxLayout()
        row.setContentsMargins(_PAD_PX, 11, _PAD_PX, 9)
        row.addWidget(title)
        row.addStretch()
        row.addWidget(self._count)
        return row

    def _made_list(self, theme: Theme) -> "EventsList":
        view = EventsList()
        view.setObjectName("events")
        view.setAccessibleName(self.tr("Events today"))
        view.setUniformItemSizes(True)
        view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setMouseTracking(True)
        view.setModel(self._model)
        view.setItemDelegate(EventDelegate(theme, self._thumbnails, view))
        view.clicked.connect(self._open)
        view.entered_by_key.connect(self._open)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._show_menu)
        return view

    def _empty(self) -> QWidget:
        page = QWidget()
        text = QLabel(self.tr("Nothing has moved today. Events appear here as they happen."))
        text.setProperty("quiet", True)
        text.setWordWrap(True)
        text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 40, 24, 24)
        column.addWidget(text)
        column.addStretch()
        return page

    def _show_count(self) -> None:
        number = self._model.rowCount()
        self._count.setText(str(number))
        self._stack.setCurrentIndex(0 if number else 1)

    def _forget_thumbnail(self, index: QModelIndex) -> None:
        path = index.data(Role.THUMBNAIL)
        if path is not None:
            self._thumbnails.forget(path)

    def _show_menu(self, at: QPoint) -> None:
        index = self._list.indexAt(at)
        row: EventRow | None = index.data(Role.ROW) if index.isValid() else None
        if row is None or row.clip is None:
            return
        path = row.clip.path
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Play"), lambda: self.opened.emit(path))
        outside = self.tr("Open with the system's player")
        menu.addAction(outside, lambda: self.opened_outside.emit(path))
        menu.popup(self._list.viewport().mapToGlobal(at))

    def _open(self, index: QModelIndex) -> None:
        row: EventRow = index.data(Role.ROW)
        if row.clip is not None:
            self.opened.emit(row.clip.path)


class EventsList(QListView):
    """A list whose rows open at one click, or at Enter.

    Qt's own `activated` comes with a click on some desktops and without on others.

    Signals:
        entered_by_key: Enter was pressed on a row.
    """

    entered_by_key = Signal(QModelIndex)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.entered_by_key.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class EventDelegate(QStyledItemDelegate):
    """Paints a row of the list."""

    def __init__(self, theme: Theme, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._thumbnails = thumbnails

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(WIDTH_PX - 12, _ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row: EventRow = index.data(Role.ROW)
        area: QRect = option.rect
        painter.save()
        self._paint_ground(painter, option)
        place = _picture_place(area)
        paint_thumbnail(painter, place, self._picture(painter, index), self._theme)
        self._paint_words(painter, _words_place(area), row)
        painter.restore()

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: _Index,
    ) -> bool:
        row: EventRow | None = index.data(Role.ROW)
        name = row.camera_name if row is not None else ""
        metrics = QFontMetrics(resized_font(QApplication.font(), 13, bold=True))
        is_cut = metrics.horizontalAdvance(name) > _words_place(option.rect).width()
        QToolTip.showText(event.globalPos(), name if is_cut else "", view)
        return True

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        area: QRect = option.rect
        has_focus = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if option.state & QStyle.StateFlag.State_MouseOver or has_focus:
            painter.fillRect(area, self._theme.colour(Tone.RAISED))
        painter.setPen(self._theme.colour(Tone.BLUE if has_focus else Tone.LINE))
        if has_focus:
            painter.drawRect(area.adjusted(1, 1, -2, -2))
        else:
            painter.drawLine(area.bottomLeft(), area.bottomRight())

    def _picture(self, painter: QPainter, index: _Index) -> QPixmap | None:
        """The clip's thumbnail; until there is one, what the camera showed."""
        ratio = painter.device().devicePixelRatioF()
        path: Path | None = index.data(Role.THUMBNAIL)
        thumbnail = self._thumbnails.get(path, ratio) if path else None
        if thumbnail is not None and not thumbnail.isNull():
            return thumbnail
        seen: QImage | None = index.data(Role.PICTURE)
        if seen is None:
            return None
        made = QPixmap.fromImage(seen)
        made.setDevicePixelRatio(made.width() / EVENT_THUMBNAIL_SIZE.width())
        return made

    def _paint_words(self, painter: QPainter, area: QRect, row: EventRow) -> None:
        font = QApplication.font()
        lines = [
            (row.camera_name, resized_font(font, 13, bold=True), Tone.TEXT),
            (words.clock_time(row.start_at), resized_font(font, 12), Tone.TEXT),
            (length_words(row), resized_font(font, 12), Tone.MUTED),
        ]
        for number, (text, line_font, colour) in enumerate(lines):
            painter.setFont(line_font)
            painter.setPen(self._theme.colour(colour))
            room = QRect(area.x(), area.y() + 18 * number, area.width(), 18)
            cut = elided(text, painter.fontMetrics(), room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, cut)


def _picture_place(area: QRect) -> QRect:
    return QRect(area.topLeft() + QPoint(_PAD_PX, 7), EVENT_THUMBNAIL_SIZE)


def _words_place(area: QRect) -> QRect:
    left = _picture_place(area).right() + 10
    return QRect(left, area.y() + 7, area.right() - left - 6, EVENT_THUMBNAIL_SIZE.height())
