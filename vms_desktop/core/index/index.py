"""The library's index, read: days, clips and cameras at once, however many there are.

A cache of the tree in one SQLite file; `writer` fills it. It opens no
clip and looks at no folder.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from vms_desktop.core.base import Layout, Size, day_of
from vms_desktop.core.clips import Trigger
from vms_desktop.core.index.schema import open_for_reading


class ClipState(StrEnum):
    """The state of a clip's file, as far as it is known."""

    OK = "ok"
    UNREADABLE = "unreadable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedClip:
    """A recorded or archived clip as the index knows it; times are aware and local.

    Attributes:
        path: The file, absolute.
        folder: Its camera's folder.
        camera_id, camera_name: Whose folder this is by its mark; where it has
            none, what a side-car says, else an empty id and the folder's name.
        start_at: From the side-car's UTC where there is one, which tells the
            repeated hour apart; else from the name.
        end_at: `start_at` where it is not known yet.
        codec, size: Empty and 0×0 where they are not known yet.
        peak_at, peak_area_px: As in `Clip`.
        strength: 0…1, how much moved (see `MotionSummary`).
        state: `UNKNOWN` until a clip without a side-car has been looked at.
        comment: What a person wrote to an archived clip.
    """

    path: Path
    folder: str
    camera_id: str
    camera_name: str
    start_at: datetime
    end_at: datetime
    event_start_at: datetime
    trigger: Trigger
    codec: str
    size: Size
    size_bytes: int
    peak_at: datetime | None = None
    peak_area_px: float = 0.0
    strength: float = 0.0
    state: ClipState = ClipState.OK
    is_archived: bool = False
    comment: str = ""
    has_thumbnail: bool = False

    @property
    def duration_s(self) -> float:
        """Length of the clip in seconds."""
        return (self.end_at - self.start_at).total_seconds()


@dataclass(frozen=True, slots=True)
class IndexedCamera:
    """A camera's folder, that of an inactive or deleted camera too, and what lies in it."""

    folder: str
    camera_id: str
    name: str
    recordings: int
    recordings_bytes: int
    archives: int
    archives_bytes: int


class IndexMissingError(Exception):
    """There is no index of this version yet."""


_COLUMNS = """c.name, d.day, f.name, d.archived, f.camera_id, f.camera_name,
    c.start_ms, c.end_ms, c.event_ms, c.trigger_kind, c.codec, c.width, c.height, c.size_bytes,
    c.peak_ms, c.peak_area_px, c.strength, c.state, c.comment, c.has_thumbnail"""
_CLIPS = f"""SELECT {_COLUMNS} FROM days d
    JOIN folders f ON f.id = d.folder_id JOIN clips c ON c.day_id = d.id"""


class ClipIndex:
    """The index, for the thread that opened it alone. Days are those of the folders' names.

    Wherever `folders` can be given, None means all cameras. Archived clips are
    among the others, each saying that it is one.

    Raises:
        IndexMissingError: There is none of this version; nobody has made it yet.
        sqlite3.Error: The file cannot be read (from every method).
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        self.layout = layout
        self._connection = self._open(path)

    def _open(self, path: Path) -> sqlite3.Connection:
        connection = open_for_reading(path)
        if connection is None:
            raise IndexMissingError
        return connection

    def close(self) -> None:
        """Close the file; called by the thread that opened it."""
        self._connection.close()

    def days(
        self, year: int, month: int, folders: Collection[str] | None = None
    ) -> dict[date, int]:
        """The days of a month that have clips, and how many."""
        chosen, names = _chosen(folders)
        rows = self._connection.execute(
            f"""SELECT d.day, SUM(d.clips) FROM days d JOIN folders f ON f.id = d.folder_id
            WHERE d.day BETWEEN ? AND ? AND d.clips > 0 {chosen} GROUP BY d.day""",
            (f"{year:04}-{month:02}-01", f"{year:04}-{month:02}-31", *names),
        )
        return {date.fromisoformat(day): clips for day, clips in rows}

    def clips_of_day(
        self, day: date, folders: Collection[str] | None = None
    ) -> tuple[IndexedClip, ...]:
        """All clips of a local day, oldest first."""
        chosen, names = _chosen(folders)
        return self._clips(
            f"{_CLIPS} WHERE d.day = ? {chosen} ORDER BY c.start_ms, f.name, c.name",
            (day.isoformat(), *names),
        )

    def clips_between(
        self, start: datetime, end: datetime, folders: Collection[str] | None = None
    ) -> tuple[IndexedClip, ...]:
        """The clips that share some time with a span, oldest first; no clip lasts two days."""
        chosen, names = _chosen(folders)
        first = day_of(start - timedelta(days=1))
        return self._clips(
            f"""{_CLIPS} WHERE d.day BETWEEN ? AND ? AND c.start_ms < ? AND c.end_ms > ?
            {chosen} ORDER BY c.start_ms, f.name, c.name""",
            (
                first.isoformat(),
                day_of(end).isoformat(),
                to_ms(end),
                to_ms(start),
                *names,
            ),
        )

    def next_day(self, after: date) -> date | None:
        """The first day after this one that has clips."""
        return self._day("MIN(day) FROM days WHERE day > ?", after)

    def previous_day(self, before: date) -> date | None:
        """The last day before this one that has clips."""
        return self._day("MAX(day) FROM days WHERE day < ?", before)

    def next_clip(
        self, after: datetime, folders: Collection[str] | None = None
    ) -> IndexedClip | None:
        """The first clip that begins later than a moment and can be played."""
        found = self._neighbours("c.start_ms > ? ORDER BY c.start_ms", after, folders)
        return min(found, key=lambda clip: clip.start_at, default=None)

    def previous_clip(
        self, before: datetime, folders: Collection[str] | None = None
    ) -> IndexedClip | None:
        """The last clip that begins earlier than a moment and can be played."""
        found = self._neighbours("c.start_ms < ? ORDER BY c.start_ms DESC", before, folders)
        return max(found, key=lambda clip: clip.start_at, default=None)

    def archived(self, folders: Collection[str] | None = None) -> tuple[IndexedClip, ...]:
        """All archived clips, oldest first."""
        chosen, names = _chosen(folders)
        return self._clips(
            f"{_CLIPS} WHERE d.archived = 1 {chosen} ORDER BY c.start_ms, f.name, c.name", names
        )

    def folders(self) -> tuple[IndexedCamera, ...]:
        """The folders of all cameras, those of inactive and deleted ones too, by name."""
        rows = self._connection.execute(
            """SELECT f.name, f.camera_id, f.camera_name,
                SUM(CASE WHEN d.archived = 0 THEN d.clips ELSE 0 END),
                SUM(CASE WHEN d.archived = 0 THEN d.bytes ELSE 0 END),
                SUM(CASE WHEN d.archived = 1 THEN d.clips ELSE 0 END),
                SUM(CASE WHEN d.archived = 1 THEN d.bytes ELSE 0 END)
            FROM folders f LEFT JOIN days d ON d.folder_id = f.id GROUP BY f.id ORDER BY f.name"""
        )
        return tuple(
            IndexedCamera(folder, camera_id, name or folder, *(count or 0 for count in counts))
            for folder, camera_id, name, *counts in rows
        )

    def clip(self, path: Path) -> IndexedClip | None:
        """One clip by its path; None where it is not known."""
        place = self.place(path)
        if place is None:
            return None
        folder, day, archived = place
        found = self._clips(
            f"{_CLIPS} WHERE f.name = ? AND d.day = ? AND d.archived = ? AND c.name = ?",
            (folder, day.isoformat(), archived, path.name),
        )
        return found[0] if found else None

    def count(self) -> int:
        """The number of clips."""
        found = self._connection.execute("SELECT COALESCE(SUM(clips), 0) FROM days").fetchone()
        return int(found[0])

    def motion_of_days(
        self, first: date, last: date, folders: Collection[str] | None = None
    ) -> Iterator[list[tuple[int, bytes]]]:
        """Keys and packed summaries of the clips in which something moved, in portions."""
        chosen, names = _chosen(folders)
        cursor = self._connection.execute(
            f"""SELECT m.clip_id, m.packed FROM days d JOIN folders f ON f.id = d.folder_id
            JOIN clips c ON c.day_id = d.id JOIN motion m ON m.clip_id = c.id
            WHERE d.day BETWEEN ? AND ? {chosen}""",
            (first.isoformat(), last.isoformat(), *names),
        )
        while rows := cursor.fetchmany(PORTION):
            yield rows

    def clips_of_keys(self, keys: Iterable[int]) -> dict[int, IndexedClip]:
        """Clips by the keys of `motion_of_days`."""
        by_key = f"{_CLIPS} WHERE c.id = ?"
        return {key: clip for key in keys for clip in self._clips(by_key, (key,))}

    def place(self, path: Path) -> tuple[str, date, bool] | None:
        """Folder, day and whether it is archived, of a clip's path; None for any other path."""
        for tree, archived in ((self.layout.archives, True), (self.layout.recordings, False)):
            if path.is_relative_to(tree) and len(parts := path.relative_to(tree).parts) == 3:
                try:
                    return parts[0], date.fromisoformat(parts[1]), archived
                except ValueError:
                    return None
        return None

    def _day(self, wanted: str, than: date) -> date | None:
        row = self._connection.execute(f"SELECT {wanted} AND clips > 0", (than.isoformat(),))
        (found,) = row.fetchone()
        return date.fromisoformat(found) if found else None

    def _neighbours(
        self, condition: str, at: datetime, folders: Collection[str] | None
    ) -> Iterator[IndexedClip]:
        """One clip of each camera: an index leads there, whatever lies between."""
        chosen, names = _chosen(folders)
        ids = self._connection.execute(f"SELECT f.id FROM folders f WHERE 1 {chosen}", names)
        for (folder_id,) in ids.fetchall():
            yield from self._clips(
                f"""SELECT {_COLUMNS} FROM clips c JOIN days d ON d.id = c.day_id
                JOIN folders f ON f.id = c.folder_id
                WHERE c.folder_id = ? AND c.state <> 'unreadable' AND {condition} LIMIT 1""",
                (folder_id, to_ms(at)),
            )

    def _clips(self, query: str, values: Iterable[Any]) -> tuple[IndexedClip, ...]:
        trees = self.layout.recordings, self.layout.archives
        # Making paths costs most.
        day_path = cache(lambda folder, day, archived: trees[archived] / folder / day)
        return tuple(_clip(row, day_path) for row in self._connection.execute(query, tuple(values)))


# Rows worked on at once: enough for numpy, little enough to be interrupted between.
PORTION = 8192


def to_ms(at: datetime) -> int:
    """An aware time as milliseconds since 1970 in UTC."""
    return round(at.timestamp() * 1000)


def from_ms(ms: int) -> datetime:
    """The aware local time of milliseconds since 1970 in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone()


def _chosen(folders: Collection[str] | None) -> tuple[str, list[str]]:
    if folders is None:
        return "", []
    return f"AND f.name IN ({', '.join('?' * len(folders))})", list(folders)


def _clip(row: tuple[Any, ...], day_path: Callable[[str, str, int], Path]) -> IndexedClip:
    name, day, folder, archived, camera_id, camera_name, start, end, event = row[:9]
    trigger, codec, width, height, size_bytes, peak, area_px, strength, state = row[9:18]
    return IndexedClip(
        path=day_path(folder, day, archived) / name,
        folder=folder,
        camera_id=camera_id,
        camera_name=camera_name or folder,
        start_at=from_ms(start),
        end_at=from_ms(end),
        event_start_at=from_ms(event),
        trigger=Trigger(trigger),
        codec=codec,
        size=Size(width, height),
        size_bytes=size_bytes,
        peak_at=None if peak is None else from_ms(peak),
        peak_area_px=area_px,
        strength=strength,
        state=ClipState(state),
        is_archived=bool(archived),
        comment=row[18],
        has_thumbnail=bool(row[19]),
    )
