"""The week as a grid that is painted: a row per day, a cell per half hour.

Times that lie between the cells are shown where they are and stay as they are
unless they are painted over.
"""

from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from vms_desktop.core.config import DAY_S, WHOLE_WEEK, WeekTimes
from vms_desktop.ui.base import Theme, Tone, resized_font
from vms_desktop.ui.cameras.dialog.week_words import day_word, span_words, time_word

CELL_S = 1800
COLUMNS = DAY_S // CELL_S
_DAYS_PX = 34
_HOURS_PX = 16
_ROW_PX = 16
_SMALL_PX = 10
_HOURS_APART = 3


class Cell(NamedTuple):
    """A half hour: day (0 = Monday) and its number in the day."""

    day: int
    column: int

    @property
    def span(self) -> tuple[int, int]:
        """Its beginning and end, in s since Monday 00:00."""
        start_s = self.day * DAY_S + self.column * CELL_S
        return start_s, start_s + CELL_S


def painted(week: WeekTimes, one: Cell, other: Cell, on: bool) -> WeekTimes:
    """The week with all cells of a rectangle between two corners painted, or erased."""
    left, right = sorted((one.column, other.column))
    first, last = sorted((one.day, other.day))
    for day in range(first, last + 1):
        start_s, end_s = Cell(day, left).span[0], Cell(day, right).span[1]
        week = week.with_span(start_s, end_s) if on else week.without_span(start_s, end_s)
    return week


class ScheduleGrid(QWidget):
    """Paints and erases a part of the week with the mouse and the keyboard.

    The left button paints from cell to cell, or erases where it begins on a
    painted one; the right button erases. Arrows move a cursor, with Shift they
    stretch it, Space paints or erases what it covers.

    Signals:
        changed: A person has changed the week.
        pointed: Words for what is under the pointer or the cursor; empty where nothing is.
    """

    changed = Signal()
    pointed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._week = WHOLE_WEEK
        self._before: WeekTimes | None = None
        self._stroke: tuple[Cell, bool] | None = None
        self._anchor = self._cursor = Cell(0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Weekly schedule"))

    @property
    def week(self) -> WeekTimes:
        """The week as it is painted."""
        return self._week

    def show_week(self, week: WeekTimes) -> None:
        """Show a week; says nothing."""
        self._week = week
        self.update()
        self._describe()

    def sizeHint(self) -> QSize:
        return QSize(_DAYS_PX + COLUMNS * 8, _HOURS_PX + 7 * _ROW_PX + 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(_DAYS_PX + COLUMNS * 5, self.sizeHint().height())

    def cell_at(self, at: QPointF) -> Cell:
        """The cell at a place of the widget, or the one nearest to it."""
        column = int((at.x() - _DAYS_PX) / self._cell_px())
        day = int((at.y() - _HOURS_PX) / _ROW_PX)
        return Cell(min(6, max(0, day)), min(COLUMNS - 1, max(0, column)))

    def cell_rect(self, cell: Cell) -> QRectF:
        """The place of a cell."""
        width = self._cell_px()
        top = _HOURS_PX + cell.day * _ROW_PX
        return QRectF(_DAYS_PX + cell.column * width, top, width, _ROW_PX)

    def words_for(self, cell: Cell) -> str:
        """The words of a cell: the whole range it lies in, or its own time."""
        stretch = self._week.stretch_at(cell.span[0])
        if stretch is None or self._week.is_whole:
            return span_words(*cell.span)
        return span_words(*stretch)

    def _cell_px(self) -> float:
        return max(1.0, (self.width() - _DAYS_PX - 1) / COLUMNS)

    # The mouse.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        buttons = Qt.MouseButton
        if event.button() not in (buttons.LeftButton, buttons.RightButton):
            return
        cell = self.cell_at(event.position())
        on = event.button() is buttons.LeftButton and not self._week.covers(*cell.span)
        self._before, self._stroke = self._week, (cell, on)
        self._anchor = cell
        self._draw_to(cell)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if self._stroke:
            self._draw_to(cell)
        else:
            self.pointed.emit(self.words_for(cell))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._stroke is None:
            return
        was, self._before, self._stroke = self._before, None, None
        self._anchor = self._cursor
        self.update()
        if was != self._week:
            self.changed.emit()

    def _draw_to(self, cell: Cell) -> None:
        assert self._stroke is not None
        assert self._before is not None
        start, on = self._stroke
        self._week = painted(self._before, start, cell, on)
        self._cursor = cell
        self.update()
        self._describe()
        self.pointed.emit(self._cursor_words())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit("")

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._tool_tip(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def _tool_tip(self, at: QPointF) -> str:
        hint = self.tr("Left paints, right erases; arrows and Space do the same")
        return f"{self.words_for(self.cell_at(at))}\n{hint}"

    # The keyboard.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys, shifted = Qt.Key, Qt.KeyboardModifier.ShiftModifier
        if (cell := self._moved(event.key())) is not None:
            self._go_to(cell, stretch=bool(event.modifiers() & shifted))
        elif event.key() == keys.Key_Space:
            self._toggle()
        elif event.key() in (keys.Key_Delete, keys.Key_Backspace):
            self._fill(False)
        elif event.key() == keys.Key_A and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._anchor = Cell(0, 0)
            self._go_to(Cell(6, COLUMNS - 1), stretch=True)
        elif event.key() == keys.Key_Escape and self._anchor != self._cursor:
            self._go_to(self._cursor, stretch=False)
        else:
            super().keyPressEvent(event)

    def _moved(self, key: int) -> Cell | None:
        """The cell to which a key takes the cursor; None for a key that moves nothing."""
        keys, (day, column) = Qt.Key, self._cursor
        return {
            keys.Key_Left: Cell(day, max(0, column - 1)),
            keys.Key_Right: Cell(day, min(COLUMNS - 1, column + 1)),
            keys.Key_Up: Cell(max(0, day - 1), column),
            keys.Key_Down: Cell(min(6, day + 1), column),
            keys.Key_Home: Cell(day, 0),
            keys.Key_End: Cell(day, COLUMNS - 1),
        }.get(Qt.Key(key))

    def _go_to(self, cell: Cell, *, stretch: bool) -> None:
        self._cursor = cell
        if not stretch:
            self._anchor = cell
        self.update()
        self._describe()
        self.pointed.emit(self._cursor_words())

    def _toggle(self) -> None:
        """Paint what the cursor covers, or erase it where all of it is painted."""
        full = painted(self._week, self._anchor, self._cursor, True)
        self._fill(full != self._week)

    def _fill(self, on: bool) -> None:
        week = painted(self._week, self._anchor, self._cursor, on)
        if week != self._week:
            self._week = week
            self.update()
            self.changed.emit()
        self._describe()
        self.pointed.emit(self._cursor_words())

    def _cursor_words(self) -> str:
        if self._anchor == self._cursor:
            return self.words_for(self._cursor)
        left, right = sorted((self._anchor.column, self._cursor.column))
        first, last = sorted((self._anchor.day, self._cursor.day))
        days = day_word(first) if first == last else f"{day_word(first)}–{day_word(last)}"
        return f"{days} {time_word(left * CELL_S)}–{time_word((right + 1) * CELL_S)}"

    def _describe(self) -> None:
        on = self._week.covers(*self._cursor.span)
        state = self.tr("recorded") if on else self.tr("not recorded")
        self.setAccessibleDescription(f"{self._cursor_words()}, {state}")

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.pointed.emit(self._cursor_words())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.pointed.emit("")

    # Painting.

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(resized_font(self.font(), _SMALL_PX))
        self._paint_names(painter)
        for day in range(7):
            self._paint_day(painter, day)
        self._paint_lines(painter)
        if self.hasFocus():
            self._paint_cursor(painter)
        painter.end()

    def _paint_names(self, painter: QPainter) -> None:
        painter.setPen(self._theme.colour(Tone.MUTED))
        for day in range(7):
            room = QRectF(0, _HOURS_PX + day * _ROW_PX, _DAYS_PX - 6, _ROW_PX)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, day_word(day))
        hour_px = self._cell_px() * 3600 / CELL_S
        for hour in range(0, 25, _HOURS_APART):
            middle = min(_DAYS_PX + hour * hour_px, self.width() - 8.0)
            room = QRectF(middle - 12, 0, 24, _HOURS_PX - 2)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, str(hour))

    def _paint_day(self, painter: QPainter, day: int) -> None:
        room = self.cell_rect(Cell(day, 0))
        room.setRight(_DAYS_PX + COLUMNS * self._cell_px())
        painter.fillRect(room, self._theme.colour(Tone.WINDOW))
        second_px = self._cell_px() / CELL_S
        for start_s, end_s in self._week.spans:
            left = max(0, start_s - day * DAY_S) * second_px
            right = min(DAY_S, end_s - day * DAY_S) * second_px
            if left < right:
                place = QRectF(_DAYS_PX + left, room.top(), right - left, _ROW_PX)
                painter.fillRect(place, self._fill_colour())

    def _fill_colour(self) -> QColor:
        return self._theme.colour(Tone.BLUE if self.isEnabled() else Tone.GREY)

    def _paint_lines(self, painter: QPainter) -> None:
        """Rows apart by the ground's colour, hours by thin lines, every third stronger."""
        width, bottom = self._cell_px(), _HOURS_PX + 7 * _ROW_PX
        right = _DAYS_PX + COLUMNS * width
        painter.setPen(QPen(self._theme.colour(Tone.PANEL), 2))
        for row in range(8):
            y = _HOURS_PX + row * _ROW_PX
            painter.drawLine(QPointF(_DAYS_PX, y), QPointF(right, y))
        for hour in range(25):
            x = _DAYS_PX + hour * 2 * width
            strong = hour % _HOURS_APART == 0
            painter.setPen(QPen(self._theme.colour(Tone.PANEL), 2 if strong else 1))
            painter.drawLine(QPointF(x, _HOURS_PX), QPointF(x, bottom))

    def _paint_cursor(self, painter: QPainter) -> None:
        place = self.cell_rect(self._anchor).united(self.cell_rect(self._cursor))
        painter.setPen(QPen(self._theme.colour(Tone.TEXT), 2))
        painter.drawRect(place.adjusted(1, 1, -1, -1))
