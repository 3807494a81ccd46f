"""Today's events as a list, newest first; copes with thousands of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import IntEnum
from pathlib import Path

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage

from vms_desktop.core.base import CameraState, Status, day_of
from vms_desktop.core.clips import Clip
from vms_desktop.ui.base import words

_Index = QModelIndex | QPersistentModelIndex
_SLACK = timedelta(seconds=1)
# Only the newest rows keep a picture of their own: it takes 20 kB and more.
_MOST_PICTURES = 200


class Role(IntEnum):
    """The roles of a row beside Qt's own."""

    ROW = Qt.ItemDataRole.UserRole
    THUMBNAIL = Qt.ItemDataRole.UserRole + 1
    PICTURE = Qt.ItemDataRole.UserRole + 2


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of the list.

    Attributes:
        clip: Its recording; None while it goes on, and for an event
            that was not recorded.
        ended_at: When an event without a clip was over; None while it goes on.
        recorded_since: When the clip began that is being written of it; None
            where there is none.
        is_event: Motion began it, rather than a person or a schedule.
        is_seen: The camera's state has told of it: the word that an
            event has begun may come before, and must not be ended by the old state.
        picture: What the camera showed when it began, for as long as there is
            no thumbnail.
    """

    camera_id: str
    camera_name: str
    start_at: datetime
    clip: Clip | None = None
    ended_at: datetime | None = None
    recorded_since: datetime | None = None
    is_event: bool = False
    is_seen: bool = False
    picture: QImage | None = field(default=None, compare=False)

    @property
    def is_running(self) -> bool:
        """True if the event goes on."""
        return self.clip is None and self.ended_at is None


class EventsModel(QAbstractListModel):
    """The rows of the events panel. Lives in the GUI thread and reads no file.

    A camera has at most one running event; its clip takes its place.

    Signals:
        row_began: A row of this camera (its id) is new and goes on.
    """

    row_began = Signal(str)

    def __init__(
        self, thumbnail_path: Callable[[Clip], Path], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._rows: list[EventRow] = []
        self._thumbnail_path = thumbnail_path

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row(index.row())
        if row is None:
            return None
        if role == Role.ROW:
            return row
        if role == Role.THUMBNAIL:
            return self._thumbnail_path(row.clip) if row.clip else None
        if role == Role.PICTURE:
            return row.picture
        if role == Qt.ItemDataRole.DisplayRole:
            return row.camera_name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.camera_name}, {words.clock_time(row.start_at)}, {length_words(row)}"
        return None

    def row(self, number: int) -> EventRow | None:
        """The nth row, newest first."""
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def load(self, clips: Iterable[Clip]) -> None:
        """Add the clips that were found at start."""
        known = {row.clip.path for row in self._rows if row.clip}
        found = [_row_of(clip) for clip in clips if clip.path not in known]
        self.beginResetModel()
        self._rows = sorted(self._rows + found, key=lambda row: row.start_at, reverse=True)
        self.endResetModel()

    def begin(self, camera_id: str, name: str, start_at: datetime) -> None:
        """An event has begun; in a recording that runs on it is the same row."""
        number = self._running(camera_id)
        if number is None:
            self._insert(EventRow(camera_id, name, start_at, is_event=True))
            self.row_began.emit(camera_id)
        elif not self._rows[number].is_event:
            self._move(number, replace(self._rows[number], start_at=start_at, is_event=True))

    def follow(self, camera_id: str, name: str, status: Status) -> None:
        """A camera's state tells whether it records, and whether its event is over."""
        number = self._running(camera_id)
        if status.state is CameraState.RECORDING:
            self._record(camera_id, name, status.recording_since_at or status.since_at)
        elif number is not None and status.state is CameraState.MOTION:
            self._replace(number, replace(self._rows[number], is_seen=True))
        elif number is not None and (self._rows[number].is_seen or not status.state.has_picture):
            self._replace(number, replace(self._rows[number], ended_at=status.since_at))

    def close(self, clip: Clip, status: Status | None) -> None:
        """A clip is whole: it takes the place of the events it holds.

        `status` is its camera's now, None for a camera that is gone.
        """
        since = status.recording_since_at if status else None
        # A state that has not heard of the end yet tells of this very clip.
        other = since if since is not None and abs(since - clip.start_at) > _SLACK else None
        if other is not None and other < clip.start_at:
            return  # A clip that began earlier is still being written: it shows this time too.
        pictures = self._fold(
            lambda row: _is_held(row, clip) and (other is None or row.recorded_since != other)
        )
        self._insert(replace(_row_of(clip), picture=next(iter(pictures), None)))
        if other is not None:
            self._record(clip.camera_id, clip.camera_name, other)

    def set_picture(self, camera_id: str, picture: QImage) -> None:
        """Give a camera's running event a picture."""
        number = self._running(camera_id)
        if number is not None:
            self._replace(number, replace(self._rows[number], picture=picture))

    def lacks_picture(self, camera_id: str) -> bool:
        """True if an event of this camera runs that has no picture yet."""
        number = self._running(camera_id)
        return number is not None and self._rows[number].picture is None

    def refresh(self, clip: Clip) -> None:
        """The clip's thumbnail exists now."""
        for number, row in enumerate(self._rows):
            if row.clip is not None and row.clip.path == clip.path:
                self._replace(number, replace(row, clip=clip))
                return

    def forget(self, paths: Iterable[Path]) -> None:
        """Clips are gone."""
        gone = frozenset(paths)
        self._remove(lambda row: row.clip is not None and row.clip.path in gone)

    def keep_day(self, day: date) -> None:
        """A new day begins: what ended before it is no longer today's."""
        self._remove(lambda row: not row.is_running and day_of(row.start_at) < day)

    def _running(self, camera_id: str) -> int | None:
        running = (row.camera_id == camera_id and row.is_running for row in self._rows)
        return next((number for number, runs in enumerate(running) if runs), None)

    def _record(self, camera_id: str, name: str, since_at: datetime) -> None:
        """A clip that began then is being written: what it holds is one row, and goes on."""

        def is_part(row: EventRow) -> bool:
            if row.camera_id != camera_id or row.clip is not None:
                return False
            began = row.recorded_since
            if began is None:
                return row.is_running or row.start_at >= since_at - _SLACK
            # Both streams may be written for a while: the clip that began first tells.
            return began == since_at or (row.is_running and began > since_at)

        parts = [number for number, row in enumerate(self._rows) if is_part(row)]
        if not parts:
            self._end(camera_id, since_at)
            new = EventRow(camera_id, name, since_at, recorded_since=since_at, is_seen=True)
            self._insert(new)
            self.row_began.emit(camera_id)
            return
        # The newest stands first; the visit began with the oldest.
        oldest = self._rows[parts[-1]]
        whole = replace(oldest, recorded_since=since_at, ended_at=None, is_seen=True)
        if parts == [parts[-1]]:
            self._replace(parts[-1], whole)
            return
        pictures = self._fold(is_part)
        self._insert(replace(whole, picture=next(iter(pictures), None)))

    def _end(self, camera_id: str, at: datetime) -> None:
        """End the running events of this camera; their clip is on its way."""
        for number, row in enumerate(self._rows):
            if row.camera_id == camera_id and row.is_running:
                self._replace(number, replace(row, ended_at=at))

    def _fold(self, is_part: Callable[[EventRow], bool]) -> list[QImage]:
        """Remove rows that another will stand for; their pictures, the newest first."""
        pictures = [row.picture for row in self._rows if is_part(row) and row.picture]
        self._remove(is_part)
        return pictures

    def _insert(self, row: EventRow) -> None:
        number = 0
        while number < len(self._rows) and self._rows[number].start_at > row.start_at:
            number += 1
        self.beginInsertRows(QModelIndex(), number, number)
        self._rows.insert(number, row)
        self.endInsertRows()
        if len(self._rows) > _MOST_PICTURES:
            self._rows[_MOST_PICTURES] = replace(self._rows[_MOST_PICTURES], picture=None)

    def _move(self, number: int, row: EventRow) -> None:
        """Change a row whose time is another now, so that the newest still stands first."""
        self.beginRemoveRows(QModelIndex(), number, number)
        del self._rows[number]
        self.endRemoveRows()
        self._insert(row)

    def _replace(self, number: int, row: EventRow) -> None:
        self._rows[number] = row
        self.dataChanged.emit(self.index(number), self.index(number))

    def _remove(self, is_due: Callable[[EventRow], bool]) -> None:
        for number in reversed(range(len(self._rows))):
            if is_due(self._rows[number]):
                self.beginRemoveRows(QModelIndex(), number, number)
                del self._rows[number]
                self.endRemoveRows()


def length_words(row: EventRow) -> str:
    """The length of an event, or that it goes on."""
    if row.clip is not None:
        return words.duration_words(row.clip.duration_s)
    if row.ended_at is not None:
        return words.duration_words((row.ended_at - row.start_at).total_seconds())
    return words.running_event(recorded=row.recorded_since is not None)


def _row_of(clip: Clip) -> EventRow:
    return EventRow(clip.camera_id, clip.camera_name, clip.event_start_at, clip=clip)


def _is_held(row: EventRow, clip: Clip) -> bool:
    """True if a row is an event of this clip, the clip itself again, or a shorter one of then."""
    if row.camera_id != clip.camera_id:
        return False
    if row.clip is not None:
        return row.clip.path == clip.path or _covers(clip, row.clip)
    is_inside = clip.start_at - _SLACK <= row.start_at <= clip.end_at - _SLACK
    return is_inside or row.recorded_since == clip.start_at


def _covers(clip: Clip, other: Clip) -> bool:
    """True if all of the other clip's time is in this one: SD beside HD, at a hand-over."""
    return clip.start_at - _SLACK <= other.start_at and other.end_at <= clip.end_at + _SLACK
