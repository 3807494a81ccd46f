"""The list of the gallery: headings over pictures, by mouse and by keyboard."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QWidget

from vms_desktop.core.index import IndexedClip
from vms_desktop.ui.playback.gallery.delegate import GalleryDelegate, Look
from vms_desktop.ui.playback.gallery.model import GalleryModel, Hour, Role, Row, key_of

if TYPE_CHECKING:
    from vms_desktop.ui.base import Theme
    from vms_desktop.ui.clips import ClipThumbnails

_SELECT = QItemSelectionModel.SelectionFlag.ClearAndSelect
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_WAYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
# Keys that mean the list's own while it has the keyboard, whatever the player does with them.
_OWN_KEYS = frozenset({*_ENTER, *_WAYS, Qt.Key.Key_Delete, Qt.Key.Key_Home, Qt.Key.Key_End})


class _Place(NamedTuple):
    """The list's place: what is selected, has the keyboard, and stands at the top."""

    selected: tuple[Path, ...]
    current: Path | datetime | None
    top: Path | datetime | None
    top_px: int


class GalleryView(QListView):
    """Shows a `GalleryModel`.

    Attributes:
        pointer: The mouse's place.
        shown_path: The clip in the player.
        delete_hour_words: Every heading's offer.

    Signals:
        opened: A clip is to be played (by double click, or a click in the compact one).
        chosen: Other clips are selected.
        delete_pressed: Del, on the clips that are selected.
        delete_hour_wanted: All of an `Hour` is to be deleted.
        menu_wanted: The context menu, at a place of the screen.
    """

    opened = Signal(object)
    chosen = Signal()
    delete_pressed = Signal()
    delete_hour_wanted = Signal(object)
    menu_wanted = Signal(QPoint)

    def __init__(
        self,
        model: GalleryModel,
        theme: "Theme",
        thumbnails: "ClipThumbnails",
        look: Look,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("gallery")
        self.pointer = QPoint(-1, -1)
        self.shown_path: Path | None = None
        self.delete_hour_words = self.tr("Delete hour")
        self._look = look
        self._gallery = model
        self._kept = _Place((), None, None, 0)
        self._delegate = GalleryDelegate(theme, thumbnails, look, self)
        self._set_up()
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        model.modelAboutToBeReset.connect(self._keep_place)
        model.modelReset.connect(self._restore_place)
        thumbnails.loaded.connect(self.viewport().update)

    def _set_up(self) -> None:
        modes = QAbstractItemView.SelectionMode
        self.setSelectionMode(
            modes.ExtendedSelection if self._look.ticks else modes.SingleSelection
        )
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        if not self._look.ticks:
            # A click here leaves the arrows with the player, whose clip it chooses.
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def row(self, index: QModelIndex) -> Row | None:
        """The clip or hour of a row."""
        return index.data(Role.ROW) if index.isValid() else None

    def selected(self) -> tuple[IndexedClip, ...]:
        """The clips that are selected, newest first."""
        rows = (self.row(index) for index in sorted(self.selectedIndexes()))
        return tuple(row for row in rows if isinstance(row, IndexedClip))

    def select(self, path: Path) -> None:
        """Select one clip alone, and bring it into sight; nothing where it does not show."""
        index = self._gallery.find(path)
        if index.isValid():
            # Not the view's own: it asks which keys are held down.
            self.selectionModel().setCurrentIndex(index, _SELECT)
            self.scrollTo(index)

    def select_also(self, paths: Iterable[Path]) -> None:
        """Select these clips beside what is selected."""
        for index in map(self._gallery.find, paths):
            if index.isValid():
                self.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Select)

    def show_as_current(self, path: Path | None) -> None:
        """Outline the clip that is in the player."""
        if path == self.shown_path:
            return
        self.shown_path = path
        index = self._gallery.find(path) if path else QModelIndex()
        if not self._look.ticks:
            # An invalid index takes the outline away: nothing of this list is played.
            self.selectionModel().setCurrentIndex(index, _SELECT)
        self._bring_shown()
        self.viewport().update()

    def event(self, event: QEvent) -> bool:
        """Take the keys that the page's shortcuts would take away."""
        is_asked = event.type() is QEvent.Type.ShortcutOverride
        if is_asked and isinstance(event, QKeyEvent) and self._is_own(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        row, key = self.row(index), event.key()
        if isinstance(row, Hour) and key in (*_ENTER, Qt.Key.Key_Space):
            self._turn(row)
        elif isinstance(row, Hour) and key == Qt.Key.Key_Delete:
            self._delete_hour(row)
        elif isinstance(row, IndexedClip) and key in _ENTER:
            self.opened.emit(row)
        elif key == Qt.Key.Key_Delete and self.selectedIndexes():
            self.delete_pressed.emit()
        elif isinstance(row, IndexedClip) and key == Qt.Key.Key_Space and self._look.ticks:
            self.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Toggle)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        row = self.row(index)
        if not isinstance(row, Hour):
            super().mousePressEvent(event)
        elif event.button() is Qt.MouseButton.LeftButton:
            self._press_hour(index, row, event.position().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        row = self.row(self.indexAt(event.position().toPoint()))
        is_click = event.button() is Qt.MouseButton.LeftButton and not self._look.ticks
        if is_click and isinstance(row, IndexedClip):
            self.opened.emit(row)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        row = self.row(self.indexAt(event.position().toPoint()))
        if isinstance(row, Hour):
            self.mousePressEvent(event)
        elif row is not None and self._look.ticks:
            self.opened.emit(row)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._point(event.position().toPoint())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point(QPoint(-1, -1))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() is QContextMenuEvent.Reason.Mouse:
            index = self.indexAt(event.pos())
            if isinstance(self.row(index), IndexedClip) and index not in self.selectedIndexes():
                self.selectionModel().setCurrentIndex(index, _SELECT)
            at = event.globalPos()
        else:
            at = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center())
        if self.selectedIndexes():
            self.menu_wanted.emit(at)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # It has its size only after this.
        QTimer.singleShot(0, self, self._bring_shown)

    def _bring_shown(self) -> None:
        """Bring the clip in the player into sight; unseen, the list has no true size yet."""
        index = self._gallery.find(self.shown_path) if self.shown_path else QModelIndex()
        if index.isValid() and self.isVisible():
            self.scrollTo(index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.chosen.emit()

    def _fit(self) -> None:
        # Room for the scroll bar always, as Qt leaves it, whose lines end a pixel earlier.
        bar = self.verticalScrollBar()
        bar_px = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, bar)
        before = self._delegate.cell
        self._delegate.fit(max(1, self.maximumViewportSize().width() - bar_px - 1))
        if self._delegate.cell != before:
            self.scheduleDelayedItemsLayout()
        bar.setSingleStep(max(20, self._delegate.cell.height() // 3))

    def _is_own(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Space:
            return self._look.ticks or isinstance(self.row(self.currentIndex()), Hour)
        plain = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        return plain and event.key() in _OWN_KEYS

    def _press_hour(self, index: QModelIndex, hour: Hour, at: QPoint) -> None:
        deletes = hour.deletable and self._delegate.delete_place(self.visualRect(index)).contains(
            at
        )
        if deletes:
            self._delete_hour(hour)
        else:
            self._turn(hour)

    def _delete_hour(self, hour: Hour) -> None:
        if hour.deletable:
            self.delete_hour_wanted.emit(hour)

    def _turn(self, hour: Hour) -> None:
        self._gallery.set_open(hour, not hour.is_open)
        index = self._gallery.find(hour.start_at)
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)

    def _point(self, at: QPoint) -> None:
        old, self.pointer = self.pointer, at
        for index in (self.indexAt(old), self.indexAt(at)):
            if isinstance(self.row(index), Hour):
                self.update(index)

    def _keep_place(self) -> None:
        """Keep what is to be as it was, before the rows are others."""
        current = self.row(self.currentIndex())
        top, top_px = None, 0
        if self.verticalScrollBar().value():
            index = self.indexAt(QPoint(self._delegate.cell.width() // 2, 1))
            top, top_px = self.row(index), self.visualRect(index).y()
        self._kept = _Place(
            tuple(clip.path for clip in self.selected()),
            key_of(current) if current else None,
            key_of(top) if top else None,
            top_px,
        )

    def _restore_place(self) -> None:
        kept, self._kept = self._kept, _Place((), None, None, 0)
        chosen = QItemSelection()
        for path in kept.selected:
            index = self._gallery.find(path)
            if index.isValid():
                chosen.select(index, index)
        model = self.selectionModel()
        model.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        current = self._gallery.find(kept.current) if kept.current else QModelIndex()
        model.setCurrentIndex(current, QItemSelectionModel.SelectionFlag.NoUpdate)
        top = self._gallery.find(kept.top) if kept.top else QModelIndex()
        if top.isValid():
            self.scrollTo(top, QListView.ScrollHint.PositionAtTop)
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() - kept.top_px)
        if len(chosen.indexes()) != len(kept.selected):
            self.chosen.emit()
