"""The form of the search: its days and its cameras."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from PySide6.QtCore import QDate, QLocale, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QDateEdit,
    QHBoxLayout,
    QLabel,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from vms_desktop.ui.base import short_day
from vms_desktop.ui.widgets import NameList, Segments

_FOLDER_ROLE = Qt.ItemDataRole.UserRole
_SPACING_PX = 3
_ROW_PX = 28


@dataclass(frozen=True, slots=True)
class SearchCamera:
    """A camera whose recordings can be searched.

    Attributes:
        folder: That of its clips, by which the index knows it.
    """

    folder: str
    name: str


class Span(NamedTuple):
    """The first and the last day that are searched."""

    start: date
    end: date


class SpanChooser(QWidget):
    """One day, the last 7 or 30, or from one day to another.

    Signals:
        changed: Another span is chosen.
    """

    changed = Signal()

    def __init__(self, day: date, today: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._day, self._today = day, today
        self._key = "day"
        self.segments = Segments(self.tr("Days to be searched"))
        self.segments.add("day", short_day(day), self.tr("The day shown"))
        self.segments.add("7", self.tr("7 days"), self.tr("The last 7 days"))
        self.segments.add("30", self.tr("30 days"), self.tr("The last 30 days"))
        self.segments.add("span", self.tr("From … to"), self.tr("Days of your choice"))
        self.segments.choose(self._key)
        self.segments.chosen.connect(self.choose)
        self.start = self._made_date(day - timedelta(days=6), self.tr("First day"))
        self.end = self._made_date(day, self.tr("Last day"))
        self._dates = QWidget()
        row = QHBoxLayout(self._dates)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (QLabel(self.tr("From")), self.start, QLabel(self.tr("to")), self.end):
            row.addWidget(widget)
        row.addStretch()
        self._dates.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.segments)
        column.addWidget(self._dates)

    def choose(self, key: str) -> None:
        """Search another span."""
        self._key = key
        self.segments.choose(key)
        self._dates.setVisible(key == "span")
        self.changed.emit()

    def span(self) -> Span:
        """The days to be searched."""
        if self._key == "day":
            return Span(self._day, self._day)
        if self._key == "span":
            days = (_day_of(self.start), _day_of(self.end))
            return Span(min(days), max(days))
        return Span(self._today - timedelta(days=int(self._key) - 1), self._today)

    def _made_date(self, day: date, name: str) -> QDateEdit:
        edit = QDateEdit(QDate(day.year, day.month, day.day))
        edit.setDisplayFormat(_date_format())
        edit.setCalendarPopup(True)
        edit.setAccessibleName(name)
        edit.dateChanged.connect(lambda _day: self.changed.emit())
        return edit


class CameraChooser(NameList):
    """The cameras with a check each.

    Signals:
        changed: Other cameras are checked.
    """

    changed = Signal()

    def __init__(
        self, cameras: Sequence[SearchCamera], shown: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Cameras to be searched"))
        self.setSpacing(_SPACING_PX)
        self.setMaximumHeight((len(cameras) + 1) * _ROW_PX)
        for camera in cameras:
            item = QListWidgetItem(camera.name, self)
            item.setData(_FOLDER_ROLE, camera.folder)
            is_shown = camera.folder == shown
            item.setCheckState(Qt.CheckState.Checked if is_shown else Qt.CheckState.Unchecked)
        self.itemChanged.connect(lambda _item: self.changed.emit())

    def folders(self) -> frozenset[str]:
        """The folders of the checked cameras."""
        items = (self.item(row) for row in range(self.count()))
        return frozenset(
            item.data(_FOLDER_ROLE) for item in items if item.checkState() is Qt.CheckState.Checked
        )

    def show_instead(self, before: str, folder: str) -> None:
        """Another camera's picture is drawn on: it is searched too, and alone if one was."""
        was_alone = self.folders() == {before}
        with QSignalBlocker(self):
            for item in (self.item(row) for row in range(self.count())):
                if item.data(_FOLDER_ROLE) == folder:
                    item.setCheckState(Qt.CheckState.Checked)
                elif was_alone:
                    item.setCheckState(Qt.CheckState.Unchecked)
        self.changed.emit()


def _day_of(edit: QDateEdit) -> date:
    chosen = edit.date()
    return date(chosen.year(), chosen.month(), chosen.day())


def _date_format() -> str:
    """The language's short form, with the whole year."""
    short = QLocale().dateFormat(QLocale.FormatType.ShortFormat)
    return short if "yyyy" in short else short.replace("yy", "yyyy")
