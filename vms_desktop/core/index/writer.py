"""The library's index, written: one thread of one process does."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from enum import IntFlag
from pathlib import Path
from typing import NamedTuple

from vms_desktop.core.index.index import ClipIndex, ClipState, IndexedClip, to_ms
from vms_desktop.core.index.schema import open_for_writing


class DayKey(NamedTuple):
    """A camera's day among the recordings or the archives."""

    folder: str
    day: date
    archived: bool = False


class Want(IntFlag):
    """The things that a clip lacks and its file can give; its sound may lack what it is."""

    NOTHING = 0
    PROBE = 1
    THUMBNAIL = 2
    GRID = 4
    SOUND = 8


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A clip as it goes into the index.

    Attributes:
        stamp: Tells whether the clip or its side-car have changed since.
        packed: The `MotionSummary`'s bytes, empty where nothing moved; None
            leaves what is known.
    """

    clip: IndexedClip
    stamp: str
    packed: bytes | None = b""
    wants: Want = Want.NOTHING


class KnownFile(NamedTuple):
    """A clip of a day as the index has it."""

    stamp: str
    has_thumbnail: bool
    wants: Want


_CLIP_COLUMNS = (
    "day_id, folder_id, name, stamp, start_ms, end_ms, event_ms, trigger_kind, codec, width,"
    " height, size_bytes, peak_ms, peak_area_px, strength, state, comment, has_thumbnail, wants"
)
_PUT_CLIP = f"""INSERT INTO clips ({_CLIP_COLUMNS}) VALUES ({", ".join("?" * 19)})
    ON CONFLICT (day_id, name) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in _CLIP_COLUMNS.replace(",", "").split())}
    RETURNING id"""


_SOUNDS_WANTED = "sounds_wanted"

_MOVE_FOLDER = (
    "UPDATE OR IGNORE days SET folder_id = :new WHERE folder_id = :old",
    "UPDATE days SET stamp = '' WHERE folder_id = :new AND (archived, day) IN"
    " (SELECT archived, day FROM days WHERE folder_id = :old)",
    "DELETE FROM clips WHERE day_id IN (SELECT id FROM days WHERE folder_id = :old)",
    "DELETE FROM days WHERE folder_id = :old",
    "UPDATE clips SET folder_id = :new WHERE folder_id = :old",
    "DELETE FROM folders WHERE id = :old",
)


class ClipIndexWriter(ClipIndex):
    """The index with what changes it; it is made, or made anew, where it is of no use.

    Every change is whole or does not happen, readers see it at once.

    Raises:
        sqlite3.Error: The disk does not take it (from every method).
        OSError, StorageError: Nor the file itself.
    """

    def _open(self, path: Path) -> sqlite3.Connection:
        return open_for_writing(path, str(self.layout.recordings))

    def fact(self, name: str) -> str:
        """The note under a name; empty where there is none."""
        row = self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def note(self, name: str, value: str) -> None:
        """Note something for the next run."""
        self._connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def day_stamps(self) -> dict[DayKey, str]:
        """Every day that is known, with its stamp."""
        rows = self._connection.execute(
            """SELECT f.name, d.day, d.archived, d.stamp
            FROM days d JOIN folders f ON f.id = d.folder_id"""
        )
        return {
            DayKey(folder, date.fromisoformat(day), bool(archived)): stamp
            for folder, day, archived, stamp in rows
        }

    def files_of(self, key: DayKey, name: str | None = None) -> dict[str, KnownFile]:
        """The clips of a camera's day by name; with a `name` that one alone."""
        only, names = ("AND c.name = ?", [name]) if name else ("", [])
        rows = self._connection.execute(
            f"""SELECT c.name, c.stamp, c.has_thumbnail, c.wants FROM days d
            JOIN folders f ON f.id = d.folder_id JOIN clips c ON c.day_id = d.id
            WHERE f.name = ? AND d.day = ? AND d.archived = ? {only}""",
            (key.folder, key.day.isoformat(), key.archived, *names),
        )
        return {
            name: KnownFile(stamp, bool(thumbnail), Want(wants))
            for name, stamp, thumbnail, wants in rows
        }

    def known(self, path: Path) -> tuple[IndexedClip, KnownFile] | None:
        """A clip with what the index alone has of it."""
        clip, place = self.clip(path), self.place(path)
        if clip is None or place is None:
            return None
        return clip, self.files_of(DayKey(*place), path.name)[path.name]

    def put_day(
        self,
        key: DayKey,
        stamp: str,
        entries: Sequence[IndexEntry] = (),
        gone: Iterable[str] = (),
        pictured: Mapping[str, tuple[bool, Want]] | None = None,
    ) -> None:
        """Take what a look at a camera's day has found.

        Args:
            stamp: Of the day's folders; empty where it is to be looked at again soon.
            entries: Clips that are new or have changed.
            gone: Names of clips that are not there any more.
            pictured: By name, whether a thumbnail is there now, and what is wanted.
        """
        with self._change():
            day_id = self._take(key, entries, gone)
            self._connection.executemany(
                "UPDATE clips SET has_thumbnail = ?, wants = ? WHERE day_id = ? AND name = ?",
                [(has, int(want), day_id, name) for name, (has, want) in (pictured or {}).items()],
            )
            self._connection.execute("UPDATE days SET stamp = ? WHERE id = ?", (stamp, day_id))

    def upsert(self, entry: IndexEntry) -> None:
        """Take one clip, new or changed; the owner of its folder too where none is known."""
        clip = entry.clip
        day = date.fromisoformat(clip.path.parts[-2])
        with self._change():
            self._take(DayKey(clip.folder, day, clip.is_archived), [entry])

    def remove(self, paths: Iterable[Path]) -> None:
        """Forget clips."""
        by_day: dict[DayKey, list[str]] = {}
        for path in paths:
            if place := self.place(path):
                by_day.setdefault(DayKey(*place), []).append(path.name)
        with self._change():
            for key, names in by_day.items():
                self._take(key, gone=names)

    def forget_days(self, keys: Iterable[DayKey]) -> None:
        """Forget days whose folders are gone."""
        with self._change():
            for key in keys:
                day_id = self._day_id(key)
                self._connection.execute("DELETE FROM clips WHERE day_id = ?", (day_id,))
                self._connection.execute("DELETE FROM days WHERE id = ?", (day_id,))

    def forget_stamps(self) -> None:
        """Have every day and every file of it looked at again; what is known stays meanwhile."""
        with self._change():
            self._connection.execute("UPDATE days SET stamp = ''")
            self._connection.execute("UPDATE clips SET stamp = ''")

    def owners(self) -> dict[str, str]:
        """Every folder that is known, with its camera's id."""
        return dict(self._connection.execute("SELECT name, camera_id FROM folders"))

    def add_folder(self, folder: str) -> None:
        """Note that there is such a folder."""
        with self._change():
            self._folder_id(folder)

    def set_owner(self, folder: str, camera_id: str, name: str) -> bool:
        """Note whose folder this is by its mark, creating it; True if that is new."""
        with self._change():
            self._folder_id(folder)
            done = self._connection.execute(
                """UPDATE folders SET camera_id = :id, camera_name = :owner
                WHERE name = :folder AND (camera_id, camera_name) <> (:id, :owner)""",
                {"id": camera_id, "owner": name, "folder": folder},
            )
            return done.rowcount > 0

    def rename_folder(self, old: str, new: str) -> None:
        """A folder has followed its camera's new name.

        Where clips were recorded under that already, days that are in both keep
        these alone, and are looked at again.
        """
        with self._change():
            ids = {"old": self._folder_id(old), "new": self._folder_id(new)}
            for change in _MOVE_FOLDER:
                self._connection.execute(change, ids)

    def forget_folders(self, kept: Collection[str]) -> None:
        """Forget the folders that hold no day and are not `kept`."""
        with self._change():
            rows = self._connection.execute(
                """SELECT name FROM folders
                WHERE id NOT IN (SELECT folder_id FROM days)"""
            )
            gone = [name for (name,) in rows if name not in kept]
            self._connection.executemany(
                "DELETE FROM folders WHERE name = ?", [(name,) for name in gone]
            )

    def wanting(self, want: Want, limit: int) -> list[tuple[Path, Want]]:
        """The newest clips that lack something, each with all that it lacks."""
        rows = self._connection.execute(
            """SELECT d.archived, f.name, d.day, c.name, c.wants FROM clips c
            JOIN days d ON d.id = c.day_id JOIN folders f ON f.id = d.folder_id
            WHERE c.wants <> 0 AND c.wants & ? ORDER BY c.start_ms DESC LIMIT ?""",
            (int(want), limit),
        )
        trees = self.layout.recordings, self.layout.archives
        return [(trees[archived].joinpath(*place), Want(wants)) for archived, *place, wants in rows]

    def count_wanting(self, want: Want) -> int:
        """The number of clips that lack something."""
        found = self._connection.execute(
            "SELECT COUNT(*) FROM clips WHERE wants <> 0 AND wants & ?", (int(want),)
        ).fetchone()
        return int(found[0])

    def want_thumbnails(self) -> None:
        """Try again for every clip that has no thumbnail."""
        with self._change():
            self._connection.execute(
                "UPDATE clips SET wants = wants | ? WHERE NOT has_thumbnail AND state <> ?",
                (int(Want.THUMBNAIL), str(ClipState.UNREADABLE)),
            )

    def want_sounds_once(self) -> None:
        """Have the sound of every clip looked at that was recorded before this was done at all."""
        if self.fact(_SOUNDS_WANTED):
            return
        with self._change():
            self._connection.execute(
                "UPDATE clips SET wants = wants | ? WHERE state <> ?",
                (int(Want.SOUND), str(ClipState.UNREADABLE)),
            )
            self.note(_SOUNDS_WANTED, "1")

    def _take(
        self, key: DayKey, entries: Sequence[IndexEntry] = (), gone: Iterable[str] = ()
    ) -> int:
        """Change a day's clips; its id."""
        day_id, folder_id = self._day_id(key), self._folder_id(key.folder)
        for entry in entries:
            self._put(day_id, folder_id, entry)
        self._connection.executemany(
            "DELETE FROM clips WHERE day_id = ? AND name = ?", [(day_id, name) for name in gone]
        )
        self._connection.execute(
            """UPDATE days SET (clips, bytes) = (SELECT COUNT(*), COALESCE(SUM(size_bytes), 0)
            FROM clips WHERE day_id = :day) WHERE id = :day""",
            {"day": day_id},
        )
        self._own(key.folder, entries)
        return day_id

    def _put(self, day_id: int, folder_id: int, entry: IndexEntry) -> None:
        clip = entry.clip
        values = (
            entry.stamp,
            to_ms(clip.start_at),
            to_ms(clip.end_at),
            to_ms(clip.event_start_at),
            str(clip.trigger),
            clip.codec,
            *clip.size,
            clip.size_bytes,
            None if clip.peak_at is None else to_ms(clip.peak_at),
            clip.peak_area_px,
            clip.strength,
            str(clip.state),
            clip.comment,
            clip.has_thumbnail,
            int(entry.wants),
        )
        row = self._connection.execute(_PUT_CLIP, (day_id, folder_id, clip.path.name, *values))
        (clip_id,) = row.fetchone()
        if entry.packed:
            self._connection.execute(
                "INSERT OR REPLACE INTO motion VALUES (?, ?)", (clip_id, entry.packed)
            )
        elif entry.packed is not None:
            self._connection.execute("DELETE FROM motion WHERE clip_id = ?", (clip_id,))

    def _own(self, folder: str, entries: Sequence[IndexEntry]) -> None:
        """A folder without a mark is whose its clips' side-cars say."""
        owner = next((e.clip for e in entries if e.clip.camera_id), None)
        if owner:
            self._connection.execute(
                """UPDATE folders SET camera_id = ?, camera_name = ?
                WHERE name = ? AND camera_id = ''""",
                (owner.camera_id, owner.camera_name, folder),
            )

    def _folder_id(self, name: str) -> int:
        self._connection.execute("INSERT OR IGNORE INTO folders (name) VALUES (?)", (name,))
        row = self._connection.execute("SELECT id FROM folders WHERE name = ?", (name,)).fetchone()
        return int(row[0])

    def _day_id(self, key: DayKey) -> int:
        place = self._folder_id(key.folder), key.archived, key.day.isoformat()
        self._connection.execute(
            "INSERT OR IGNORE INTO days (folder_id, archived, day) VALUES (?, ?, ?)", place
        )
        row = self._connection.execute(
            "SELECT id FROM days WHERE folder_id = ? AND archived = ? AND day = ?", place
        ).fetchone()
        return int(row[0])

    @contextmanager
    def _change(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:  # SQLite has left it itself on a full disk.
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
