"""The list of cameras on the screen: keys, mouse, dragging rows to another place."""

from dataclasses import dataclass

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QApplication, QTableView, QToolTip, QWidget

from vms_desktop.ui.base import Theme, Tone, wants_menu
from vms_desktop.ui.cameras.delegate import (
    EDIT,
    MENU,
    PAD_PX,
    PICTURE,
    PLAY,
    ROW_PX,
    CameraDelegate,
)
from vms_desktop.ui.cameras.header import CamerasHeader
from vms_desktop.ui.cameras.list_model import SWITCHES, Column, Role, SortedCameras

_LEAST_NAME_PX = 110
_SCROLL_ZONE_PX = 28
_SCROLL_MS = 40
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_COMMANDING = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


@dataclass(frozen=True, slots=True)
class _Tier:
    """A way to share the width: the first that leaves enough for the names is taken."""

    name_px: int
    disk_px: int
    compact: bool = False
    hidden: frozenset[Column] = frozenset()


_TIERS = (
    _Tier(230, 170),
    _Tier(150, 120),
    _Tier(150, 120, compact=True),
    _Tier(140, 100, compact=True, hidden=frozenset({Column.ARCHIVES})),
    _Tier(140, 100, compact=True, hidden=frozenset({Column.ARCHIVES, Column.KEEPS})),
    _Tier(0, 0, compact=True, hidden=frozenset({Column.ARCHIVES, Column.KEEPS, Column.DISK})),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A person's place in the list, whatever becomes of its rows.

    Attributes:
        selected: Ids of the selected rows.
        current, column: The cell that has the keyboard.
    """

    selected: frozenset[str] = frozenset()
    current: str = ""
    column: int = Column.NAME


class CamerasView(QTableView):
    """Shows the rows; what is done to them it only tells.

    Attributes:
        tips: The tooltips of the buttons in the rows, by their names in `delegate`.

    Signals:
        edit_wanted: Cameras are to be edited (an id).
        play_wanted: A camera's recordings are to be played (an id).
        menu_wanted: The menu of the selected rows, at a point of the screen.
        switched: A switch was flipped: ids, the field, its new value.
        dropped: The selected rows were let go before a row (of the view).
        typed: Text that is to be searched for.
        chosen: Another row is selected or current.
    """

    edit_wanted = Signal(str)
    play_wanted = Signal(str)
    menu_wanted = Signal(QPoint)
    switched = Signal(object, str, bool)
    dropped = Signal(int)
    typed = Signal(str)
    chosen = Signal()

    def __init__(self, model: SortedCameras, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cameras")
        self.setAccessibleName(self.tr("Cameras"))
        self.tips: dict[str, str] = {}
        self._theme = theme
        self._header = CamerasHeader(theme, self)
        self._sorted = model
        self._delegate = CameraDelegate(theme, self)
        self._pressed: tuple[QPoint, bool] | None = None
        self._drop_row = -1
        self._scroller = QTimer(self, interval=_SCROLL_MS)
        self._scroller.timeout.connect(self._scroll_on)
        self._fitter = QTimer(self, singleShot=True, interval=0)
        self._fitter.timeout.connect(self.fit_columns)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self._dress()
        model.modelReset.connect(self.fit_columns)
        model.dataChanged.connect(lambda _first, last: self._fit_soon(last.column()))
        self.selectionModel().selectionChanged.connect(self.chosen)
        self.selectionModel().currentChanged.connect(self.chosen)

    def chosen_ids(self) -> list[str]:
        """The cameras of the selected rows, from above; the current one where none is."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        if not rows and self.currentIndex().isValid():
            rows = [self.currentIndex().row()]
        return [self._sorted.index(row, 0).data(Role.ROW).id for row in rows]

    def place(self) -> Place:
        """A person's place in the list."""
        index = self.currentIndex()
        current = self._id(index.row()) if index.isValid() else ""
        selected = [self._id(row.row()) for row in self.selectionModel().selectedRows()]
        return Place(frozenset(selected), current, index.column())

    def go_to(self, place: Place) -> None:
        """Go back there after the rows have changed; to the first row where it is gone."""
        ids = [self._id(row) for row in range(self._sorted.rowCount())]
        if not ids:
            return
        flags = QItemSelectionModel.SelectionFlag
        row = ids.index(place.current) if place.current in ids else 0
        index = self._sorted.index(row, max(place.column, Column.NAME))
        self.selectionModel().setCurrentIndex(index, flags.Clear)
        for row, camera_id in enumerate(ids):
            if camera_id in place.selected:
                self.selectionModel().select(self._sorted.index(row, 0), flags.Select | flags.Rows)

    def seen_ids(self) -> list[str]:
        """The cameras whose rows can be seen at least in part."""
        if not self._sorted.rowCount():
            return []
        first = max(0, self.rowAt(0))
        last = self.rowAt(self.viewport().height() - 1)
        last = self._sorted.rowCount() - 1 if last < 0 else last
        return [self._id(row) for row in range(first, last + 1)]

    def _id(self, row: int) -> str:
        return str(self._sorted.index(row, 0).data(Role.ROW).id)

    def _dress(self) -> None:
        self.setHorizontalHeader(self._header)
        self._header.sortIndicatorChanged.connect(self._sort)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.fit_columns()

    def _sort(self, column: int, order: Qt.SortOrder) -> None:
        if column in (Column.PICTURE, Column.BUTTONS):
            self.horizontalHeader().setSortIndicator(-1, order)
            return
        self._sorted.sort(column, order)
        self.chosen.emit()

    def fit_columns(self) -> None:
        """Share the width: names take what is left, and what matters less makes room for them."""
        wide = self.viewport().width()
        for tier in _TIERS:
            self._delegate.is_compact = tier.compact
            widths = self._widths(tier)
            left = wide - sum(widths.values())
            if left >= tier.name_px:
                break
        widths[Column.NAME] = max(_LEAST_NAME_PX, left)
        for column in Column:
            self.setColumnHidden(column, column not in widths)
            if self.columnWidth(column) != widths.get(column, 0):
                self.setColumnWidth(column, widths.get(column, 0))

    def _fit_soon(self, column: int = Column.BUTTONS) -> None:
        """Once for all that changes now, up to this column; pictures have one size."""
        if column > Column.PICTURE:
            self._fitter.start()

    def _widths(self, tier: _Tier) -> dict[Column, int]:
        """The columns that a tier shows, without that of the names."""
        header = self._header
        widths = {
            Column.PICTURE: PICTURE.width() + 2 * PAD_PX,
            Column.STATE: self._state_px(),
            **{Column(column): header.words_px(column) for column in SWITCHES},
            Column.DISK: max(tier.disk_px, header.words_px(Column.DISK)),
            Column.ARCHIVES: max(92, header.words_px(Column.ARCHIVES)),
            Column.KEEPS: max(self._keeps_px(), header.words_px(Column.KEEPS)),
            Column.BUTTONS: self._delegate.buttons_px(),
        }
        return {column: width for column, width in widths.items() if column not in tier.hidden}

    def _state_px(self) -> int:
        rows = range(self._sorted.rowCount())
        texts = {str(self._sorted.index(row, Column.STATE).data()) for row in rows}
        return max([110, *map(self._delegate.state_px, texts)])

    def _keeps_px(self) -> int:
        rows = range(self._sorted.rowCount())
        texts = {str(self._sorted.index(row, Column.KEEPS).data()) for row in rows}
        metrics = QFontMetrics(self.font())
        # An advance is rounded, and what lacks a part of a pixel is cut short.
        return max(map(metrics.horizontalAdvance, texts), default=0) + 1 + 2 * PAD_PX

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit_columns()

    # Keys.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        text = event.text()
        is_plain = not event.modifiers() & _COMMANDING
        if event.key() in _ENTER and index.isValid():
            self._open(index)
        elif wants_menu(event):
            self._want_menu()
        elif event.key() == Qt.Key.Key_Space and index.column() in SWITCHES:
            self._flip(index, self._flipped_ids(index))
        elif text.isprintable() and text.strip() and is_plain:
            self.typed.emit(text)
        else:
            super().keyPressEvent(event)

    def _open(self, index: QModelIndex) -> None:
        if index.data(Role.ROW).camera is not None:
            self.edit_wanted.emit(index.data(Role.ROW).id)

    def _flipped_ids(self, index: QModelIndex) -> list[str]:
        """A switch in a selected row speaks for all of them."""
        chosen = self.chosen_ids()
        own: str = index.data(Role.ROW).id
        return chosen if own in chosen else [own]

    def _flip(self, index: QModelIndex, camera_ids: list[str]) -> None:
        camera = index.data(Role.ROW).camera
        if camera is not None:
            key = SWITCHES[index.column()]
            self.switched.emit(camera_ids, key, not getattr(camera, key))

    # The mouse.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        index = self.indexAt(at)
        if event.button() is not Qt.MouseButton.LeftButton or not index.isValid():
            super().mousePressEvent(event)
            return
        if self._hit(at):
            self._pressed = None
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(index, flags.NoUpdate)
            return
        # A press on one of several selected rows may begin to carry all of them.
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        waits = plain and self.selectionModel().isRowSelected(index.row())
        self._pressed = (at, waits)
        if not waits:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            self._hover(at)
            return
        far = (at - self._pressed[0]).manhattanLength() >= QApplication.startDragDistance()
        if self._drop_row >= 0 or (far and self._sorted.in_own_order):
            self._carry(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        pressed, self._pressed = self._pressed, None
        if self._drop_row >= 0:
            self._let_go()
        elif pressed is not None and pressed[1]:
            self._select_alone(self.indexAt(pressed[0]))
        elif pressed is None and event.button() is Qt.MouseButton.LeftButton:
            self._click(at)
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        index = self.indexAt(at)
        if self._hit(at):
            self._pressed = None  # The second of two quick clicks is one of its own.
        elif index.isValid() and event.button() is Qt.MouseButton.LeftButton:
            self._open(index)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.indexAt(event.pos())
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            self._want_menu()
        elif index.isValid():
            self._choose_for_menu(index)
            self.menu_wanted.emit(event.globalPos())

    def _want_menu(self) -> None:
        """Ask for the menu of the row that has the keyboard."""
        index = self.currentIndex()
        if index.isValid():
            self._choose_for_menu(index)
            self.menu_wanted.emit(self.viewport().mapToGlobal(self.visualRect(index).center()))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.HoverLeave:
            self._hover(QPoint(-1, -1))
        if isinstance(event, QHelpEvent) and (tip := self.tips.get(self._hit(event.pos()))):
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().viewportEvent(event)

    def _hit(self, at: QPoint) -> str:
        index = self.indexAt(at)
        return self._delegate.hit(self.visualRect(index), index, at) if index.isValid() else ""

    def _hover(self, at: QPoint) -> None:
        name = self._hit(at)
        hovered = (self.indexAt(at).row(), name) if name else (-1, "")
        if hovered != self._delegate.hovered:
            self._delegate.hovered = hovered
            hand = Qt.CursorShape.PointingHandCursor if name else Qt.CursorShape.ArrowCursor
            self.viewport().setCursor(hand)
            self.viewport().update()

    def _click(self, at: QPoint) -> None:
        index, name = self.indexAt(at), self._hit(at)
        if not name:
            return
        camera_id: str = index.data(Role.ROW).id
        if name == EDIT:
            self.edit_wanted.emit(camera_id)
        elif name == PLAY:
            self.play_wanted.emit(camera_id)
        elif name == MENU:
            self._choose_for_menu(index)
            cell = self.visualRect(index)
            self.menu_wanted.emit(
                self.viewport().mapToGlobal(QPoint(at.x(), cell.center().y() + 16))
            )
        else:
            self._flip(index, [camera_id])

    def _choose_for_menu(self, index: QModelIndex) -> None:
        if not self.selectionModel().isRowSelected(index.row()):
            self._select_alone(index)

    def _select_alone(self, index: QModelIndex) -> None:
        """Select the row; `selectRow` would take the keyboard to its first cell."""
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    # Carrying rows.

    def _carry(self, at: QPoint) -> None:
        if self._pressed is not None and self._drop_row < 0:
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        self._drop_row = self._row_before(at.y())
        near = min(at.y(), self.viewport().height() - at.y()) < _SCROLL_ZONE_PX
        if near != self._scroller.isActive():
            self._scroller.start() if near else self._scroller.stop()
        self.viewport().update()

    def _row_before(self, y: int) -> int:
        """The row before which something let go at this height would land."""
        row = self.rowAt(y)
        if row < 0:
            return 0 if y < 0 else self._sorted.rowCount()
        middle = self.rowViewportPosition(row) + self.rowHeight(row) // 2
        return row if y < middle else row + 1

    def _scroll_on(self) -> None:
        at = self.viewport().mapFromGlobal(self.cursor().pos())
        way = -ROW_PX // 4 if at.y() < self.viewport().height() // 2 else ROW_PX // 4
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + way)
        self._drop_row = self._row_before(at.y())
        self.viewport().update()

    def _let_go(self) -> None:
        row, self._drop_row = self._drop_row, -1
        self._scroller.stop()
        self.viewport().unsetCursor()
        self.viewport().update()
        self.dropped.emit(row)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._drop_row < 0:
            return
        y = self.rowViewportPosition(self._drop_row)
        if y < 0:
            y = self._sorted.rowCount() * ROW_PX - self.verticalScrollBar().value()
        painter = QPainter(self.viewport())
        painter.fillRect(QRect(0, y - 2, self.viewport().width(), 3), self._theme.colour(Tone.BLUE))
        painter.end()
