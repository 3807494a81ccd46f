"""A month of days; those that have clips are marked."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta

from PySide6.QtCore import QEvent, QLocale, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from vms_desktop.ui.base import Theme, Tone, icons, long_day, resized_font

DAYS = 7
WEEKS = 6
_CELL_PX = 26
_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: -DAYS,
    Qt.Key.Key_Down: DAYS,
}


def month_days(year: int, month: int, first_weekday: int) -> list[date]:
    """The six weeks around a month; `first_weekday` 1 is Monday, 7 Sunday."""
    first = date(year, month, 1)
    start = first - timedelta(days=(first.isoweekday() - first_weekday) % DAYS)
    return [start + timedelta(days=number) for number in range(DAYS * WEEKS)]


class DayCalendar(QWidget):
    """Name of the month, arrows and days.

    Attributes:
        day: The day that is chosen; None for none.

    Signals:
        day_chosen: A day with clips, or without, was chosen by a person.
        month_shown: Year and month that are shown now: their days are wanted.
    """

    day_chosen = Signal(object)
    month_shown = Signal(int, int)

    def __init__(self, theme: Theme, today: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._year, self._month = today.year, today.month
        self._title = QLabel()
        self._title.setProperty("heading", True)
        self._days = _Days(theme, today)
        self._days.chosen.connect(self._choose)
        self._days.left_month.connect(self._show_month_of)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._header(theme))
        column.addWidget(self._days)
        self._show()

    @property
    def day(self) -> date | None:
        """The day that is chosen."""
        return self._days.day

    @property
    def month(self) -> tuple[int, int]:
        """Year and month that are shown."""
        return self._year, self._month

    def clips(self) -> Mapping[date, int]:
        """The number of clips of each marked day."""
        return self._days.clips

    def show_month(self, year: int, month: int, clips: Mapping[date, int]) -> None:
        """Mark the days that have clips; nothing where another month is shown by now."""
        if (year, month) == self.month:
            self._days.mark(clips)

    def set_day(self, day: date) -> None:
        """Show a day as the chosen one, and its month."""
        self._days.set_day(day)
        self._show_month_of(day)

    def set_today(self, today: date) -> None:
        """Another day has begun."""
        self._days.set_today(today)

    def turn(self, months: int) -> None:
        """Show another month."""
        number = self._year * 12 + self._month - 1 + months
        if 12 <= number < 12 * 9999:
            self._show_month_of(date(number // 12, number % 12 + 1, 1))

    def _header(self, theme: Theme) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self._title, 1)
        for months, name, words in (
            (-1, "left", self.tr("Previous month")),
            (1, "right", self.tr("Next month")),
        ):
            action = QAction(icons.icon(name, theme), words, self)
            action.triggered.connect(lambda _on=False, months=months: self.turn(months))
            button = QToolButton()
            button.setObjectName("flatButton")
            button.setDefaultAction(action)
            button.setIconSize(QSize(14, 14))
            button.setAccessibleName(words)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        return row

    def _choose(self, day: date) -> None:
        self.set_day(day)
        self.day_chosen.emit(day)

    def _show_month_of(self, day: date) -> None:
        if (day.year, day.month) != self.month:
            self._year, self._month = day.year, day.month
            self._days.mark({})
            self._show()
            self.month_shown.emit(day.year, day.month)

    def _show(self) -> None:
        name = QLocale().standaloneMonthName(self._month)
        self._title.setText(f"{name[:1].upper()}{name[1:]} {self._year}")
        self._days.set_month(self._year, self._month)


class _Days(QWidget):
    """The grid of days. Arrows move, Enter and Space choose.

    Signals:
        chosen: A day.
        left_month: The keyboard has gone to a day of another month.
    """

    chosen = Signal(object)
    left_month = Signal(object)

    def __init__(self, theme: Theme, today: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("calendarDays")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(_CELL_PX * (WEEKS + 1))
        self.setMinimumWidth(DAYS * _CELL_PX)
        self.setMouseTracking(True)
        self._theme = theme
        self._today = today
        self._cursor = today
        self.clips: Mapping[date, int] = {}
        self._month = today.month
        self._shown: list[date] = []
        self.day: date | None = None

    def set_month(self, year: int, month: int) -> None:
        self._month = month
        self._shown = month_days(year, month, QLocale().firstDayOfWeek().value)
        if (self._cursor.year, self._cursor.month) != (year, month):
            last = monthrange(year, month)[1]
            self._cursor = date(year, month, min(self._cursor.day, last))
        self.update()

    def mark(self, clips: Mapping[date, int]) -> None:
        self.clips = clips
        self._describe()
        self.update()

    def set_day(self, day: date) -> None:
        self.day = self._cursor = day
        self._describe()
        self.update()

    def set_today(self, today: date) -> None:
        self._today = today
        self.update()

    def _describe(self) -> None:
        self.setAccessibleName(self._words(self._cursor))

    def _words(self, day: date) -> str:
        clips = self.clips.get(day, 0)
        return f"{long_day(day)}, {self.tr('%n clip(s)', '', clips)}"

    def cell(self, number: int) -> QRect:
        """The place of the nth day that is shown."""
        width = self.width() / DAYS
        row, column = divmod(number, DAYS)
        left = round(column * width)
        return QRect(left, (row + 1) * _CELL_PX, round((column + 1) * width) - left, _CELL_PX)

    def _day_at(self, at: QPoint) -> date | None:
        for number, day in enumerate(self._shown):
            if self.cell(number).contains(at):
                return day
        return None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(resized_font(QApplication.font(), 12))
        self._paint_weekdays(painter)
        for number, day in enumerate(self._shown):
            self._paint_day(painter, self.cell(number), day)
        painter.end()

    def _paint_weekdays(self, painter: QPainter) -> None:
        painter.setPen(self._theme.colour(Tone.MUTED))
        for column, day in enumerate(self._shown[:DAYS]):
            name = QLocale().dayName(day.isoweekday(), QLocale.FormatType.NarrowFormat)
            place = self.cell(column).translated(0, -_CELL_PX)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, name.upper())

    def _paint_day(self, painter: QPainter, cell: QRect, day: date) -> None:
        is_chosen, clips = day == self.day, self.clips.get(day, 0)
        square = QRect(0, 0, 24, 22)
        square.moveCenter(cell.center())
        if is_chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour(Tone.BLUE))
            painter.drawRoundedRect(square, 5, 5)
        if day == self._today and not is_chosen:
            self._paint_frame(painter, square, Tone.MUTED)
        if day == self._cursor and self.hasFocus():
            self._paint_frame(painter, square.adjusted(-1, -1, 1, 1), Tone.TEXT)
        painter.setPen(self._colour(day, clips=clips, is_chosen=is_chosen))
        painter.setFont(resized_font(QApplication.font(), 12, bold=is_chosen))
        painter.drawText(square, Qt.AlignmentFlag.AlignCenter, str(day.day))
        if clips and not is_chosen:
            painter.fillRect(
                square.center().x() - 5, square.bottom() - 1, 11, 2, self._theme.colour(Tone.BLUE)
            )

    def _paint_frame(self, painter: QPainter, square: QRect, colour: Tone) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.colour(colour), 1))
        painter.drawRoundedRect(square, 5, 5)

    def _colour(self, day: date, *, clips: int, is_chosen: bool) -> object:
        if is_chosen:
            return self._theme.colour(Tone.ON_BLUE)
        if clips:
            return self._theme.colour(Tone.TEXT)
        faint = self._theme.colour(Tone.MUTED)
        faint.setAlphaF(1.0 if day.month == self._month else 0.6)
        return faint

    def mousePressEvent(self, event: QMouseEvent) -> None:
        day = self._day_at(event.position().toPoint())
        if day is not None and event.button() is Qt.MouseButton.LeftButton:
            self.chosen.emit(day)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _STEPS:
            self._cursor += timedelta(days=_STEPS[key])
            if self._cursor.month != self._month:
                self.left_month.emit(self._cursor)
            self._describe()
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self._cursor)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: object) -> None:
        self.update()

    def focusOutEvent(self, event: object) -> None:
        self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            day = self._day_at(event.pos())
            QToolTip.showText(event.globalPos(), self._words(day) if day else "", self)
            return True
        return super().event(event)
