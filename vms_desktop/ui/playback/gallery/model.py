"""Clips grouped by the hour, newest first, as the rows of a list."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from itertools import groupby
from pathlib import Path

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from vms_desktop.core.base import comes_twice
from vms_desktop.core.index import IndexedClip
from vms_desktop.ui.clips import clip_captions

_Index = QModelIndex | QPersistentModelIndex


class Role(IntEnum):
    """The questions that the list answers about a row, beside Qt's own."""

    ROW = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class ClipFilter:
    """Takes the clips that are at least this long, and have at least this much motion (0…1)."""

    least_s: float = 0.0
    least_strength: float = 0.0

    def takes(self, clip: IndexedClip) -> bool:
        """Whether a clip is shown."""
        return clip.duration_s >= self.least_s and clip.strength >= self.least_strength


@dataclass(frozen=True, slots=True)
class Hour:
    """A heading of the list.

    Attributes:
        start_at: Its beginning; the repeated one in autumn has another offset.
        clips: Those that began in it, newest first.
        is_open: Whether its clips are shown.
        is_repeated: Whether the day has its clock time twice.
    """

    start_at: datetime
    clips: tuple[IndexedClip, ...]
    is_open: bool = True
    is_repeated: bool = False

    @property
    def title(self) -> str:
        """Its time: 14:00."""
        return clip_captions.hour_words(self.start_at, with_offset=self.is_repeated)

    @property
    def deletable(self) -> tuple[IndexedClip, ...]:
        """The clips that go with the hour: never those that are kept for good."""
        return tuple(clip for clip in self.clips if not clip.is_archived)


Row = Hour | IndexedClip


def by_hour(clips: Iterable[IndexedClip], closed: Collection[datetime] = ()) -> list[Hour]:
    """The hours that have clips, newest first.

    Args:
        clips: In any order.
        closed: The starts of hours whose clips are not shown.
    """
    newest_first = sorted(clips, key=lambda clip: clip.start_at.timestamp(), reverse=True)
    groups = [(start, tuple(group)) for start, group in groupby(newest_first, _hour_of)]
    times = [start.replace(tzinfo=None) for start, _ in groups]
    hours = []
    for (start, group), time in zip(groups, times, strict=True):
        # An hour is repeated also where its other pass has no clips.
        is_repeated = times.count(time) > 1 or comes_twice(group[0].start_at)
        hours.append(Hour(start, group, start not in closed, is_repeated))
    return hours


def _hour_of(clip: IndexedClip) -> datetime:
    return clip.start_at.replace(minute=0, second=0, microsecond=0)


class GalleryModel(QAbstractListModel):
    """The rows of the gallery. Lives in the GUI thread and reads no file.

    Attributes:
        filter: Takes the clips that are shown.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.filter = ClipFilter()
        self._all: tuple[IndexedClip, ...] = ()
        self._closed: set[datetime] = set()
        self._hours: list[Hour] = []
        self._rows: list[Row] = []
        self._places: dict[Path | datetime, int] = {}

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row(index.row())
        if row is None:
            return None
        if role == Role.ROW:
            return row
        if role in _TEXTS:
            return _TEXTS[role](row)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
        is_clip = isinstance(self.row(index.row()), IndexedClip)
        return flags | Qt.ItemFlag.ItemIsSelectable if is_clip else flags

    def row(self, number: int) -> Row | None:
        """The nth row."""
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def clips(self) -> tuple[IndexedClip, ...]:
        """All clips that the filter takes, those of closed hours too."""
        return tuple(clip for hour in self._hours for clip in hour.clips)

    @property
    def has_any(self) -> bool:
        """Whether there are clips at all, whatever the filter takes."""
        return bool(self._all)

    def find(self, key: Path | datetime) -> QModelIndex:
        """The row of a clip by its path, or of an hour by its start; invalid where none shows."""
        number = self._places.get(key)
        return QModelIndex() if number is None else self.index(number)

    def show(self, clips: tuple[IndexedClip, ...]) -> tuple[IndexedClip, ...]:
        """Show other clips; those that were there already and have changed."""
        known = {clip.path: clip for clip in self._all}
        self._all = clips
        self._refresh()
        return tuple(clip for clip in clips if known.get(clip.path, clip) != clip)

    def set_filter(self, chosen: ClipFilter) -> None:
        """Show only what the filter takes."""
        self.filter = chosen
        self._refresh()

    def set_open(self, hour: Hour, is_open: bool) -> None:
        """Show the clips of an hour, or its heading alone."""
        (self._closed.discard if is_open else self._closed.add)(hour.start_at)
        self._refresh()

    def _refresh(self) -> None:
        self._hours = by_hour(filter(self.filter.takes, self._all), self._closed)
        rows: list[Row] = []
        for hour in self._hours:
            rows.append(hour)
            rows.extend(hour.clips if hour.is_open else ())
        places = {key_of(row): number for number, row in enumerate(rows)}
        if list(places) == list(self._places):
            self._replace(rows)
            return
        self.beginResetModel()
        self._rows, self._places = rows, places
        self.endResetModel()

    def _replace(self, rows: list[Row]) -> None:
        """The same rows: tell only those that differ, so that nobody loses their place."""
        before, self._rows = self._rows, rows
        for number, (old, new) in enumerate(zip(before, rows, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(number), self.index(number))


def key_of(row: Row) -> Path | datetime:
    """The key of a row, whatever else changes."""
    return row.start_at if isinstance(row, Hour) else row.path


def _name(row: Row) -> str:
    return row.title if isinstance(row, Hour) else clip_captions.time_and_length(row)


def _spoken(row: Row) -> str:
    if isinstance(row, Hour):
        return clip_captions.spoken_hour(row.title, len(row.clips), is_open=row.is_open)
    return clip_captions.spoken(row)


def _tip(row: Row) -> str:
    return "" if isinstance(row, Hour) else clip_captions.details(row)


_TEXTS: dict[int, Callable[[Row], str]] = {
    Qt.ItemDataRole.DisplayRole: _name,
    Qt.ItemDataRole.AccessibleTextRole: _spoken,
    Qt.ItemDataRole.ToolTipRole: _tip,
}
