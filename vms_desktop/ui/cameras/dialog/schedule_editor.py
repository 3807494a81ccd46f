"""The times at which a camera is recorded: a week that is painted, and the same in words."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from vms_desktop.core.config import WHOLE_WEEK, ScheduleRange, WeekTimes, week_of
from vms_desktop.ui.base import Theme
from vms_desktop.ui.cameras.dialog.schedule_grid import ScheduleGrid
from vms_desktop.ui.cameras.dialog.week_words import week_words


class ScheduleEditor(QWidget):
    """Edits a schedule; one that is not changed comes out as it went in.

    Signals:
        changed: A person has changed it.
    """

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._given: tuple[ScheduleRange, ...] = ()
        self._pointed = ""
        self.grid = ScheduleGrid(theme)
        self.always = QPushButton(self.tr("Always"))
        self.clear = QPushButton(self.tr("Clear"))
        self._words = QLabel()
        self._words.setProperty("quiet", True)
        self._words.setWordWrap(True)
        self._words.setMinimumHeight(self._words.fontMetrics().height() * 2)
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._place()
        self.setFocusProxy(self.grid)
        self.grid.changed.connect(self._tell)
        self.grid.pointed.connect(self._show_pointed)
        self.always.clicked.connect(lambda: self._set(WHOLE_WEEK))
        self.clear.clicked.connect(lambda: self._set(WeekTimes()))
        self._say()

    @property
    def is_empty(self) -> bool:
        """True if no time at all is painted, which no schedule can say."""
        return self.grid.week.is_empty

    @property
    def summary(self) -> str:
        """The schedule in words."""
        return week_words(self.grid.week)

    def show_schedule(self, schedule: tuple[ScheduleRange, ...]) -> None:
        """Show a schedule; says nothing."""
        self._given = schedule
        self.grid.show_week(week_of(schedule))
        self._say()

    def schedule(self) -> tuple[ScheduleRange, ...]:
        """The schedule as it is painted; empty for always (and for nothing: see `is_empty`)."""
        week = self.grid.week
        return self._given if week == week_of(self._given) else week.schedule()

    def _place(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.always)
        buttons.addWidget(self.clear)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.grid)
        column.addWidget(self._words)
        column.addLayout(buttons)

    def _set(self, week: WeekTimes) -> None:
        if week != self.grid.week:
            self.grid.show_week(week)
            self._tell()

    def _tell(self) -> None:
        self._say()
        self.changed.emit()

    def _show_pointed(self, words: str) -> None:
        self._pointed = words
        self._say()

    def _say(self) -> None:
        """Say the time that is pointed at, or else the whole schedule."""
        self._words.setText(self._pointed or self.summary)
        self.setAccessibleDescription(self.summary)
