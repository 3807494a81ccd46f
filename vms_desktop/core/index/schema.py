"""The index's file: its tables, opening it, and finding out that it is of no use.

It is a cache. What is damaged, of another version or of another recordings
folder is thrown away and made anew from the tree.
"""

import logging
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from vms_desktop.core.base import has_locks, make_private

log = logging.getLogger(__name__)

VERSION = 1
# Tells our file from any other SQLite database that lies in its place.
APPLICATION_ID = 0x564D5349

BUSY_S = 5.0
# A search reads the motion of a hundred thousand clips, from a cold disk at times.
PAGE_BYTES = 16_384

_TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE folders (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    camera_id TEXT NOT NULL DEFAULT '',
    camera_name TEXT NOT NULL DEFAULT ''
);
CREATE TABLE days (
    id INTEGER PRIMARY KEY,
    folder_id INTEGER NOT NULL REFERENCES folders,
    archived INTEGER NOT NULL,
    day TEXT NOT NULL,
    stamp TEXT NOT NULL DEFAULT '',
    clips INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    UNIQUE (folder_id, archived, day)
);
CREATE INDEX days_by_day ON days (day);
CREATE TABLE clips (
    id INTEGER PRIMARY KEY,
    day_id INTEGER NOT NULL REFERENCES days,
    folder_id INTEGER NOT NULL REFERENCES folders,
    name TEXT NOT NULL,
    stamp TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    event_ms INTEGER NOT NULL,
    trigger_kind TEXT NOT NULL,
    codec TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    peak_ms INTEGER,
    peak_area_px REAL NOT NULL,
    strength REAL NOT NULL,
    state TEXT NOT NULL,
    comment TEXT NOT NULL,
    has_thumbnail INTEGER NOT NULL,
    wants INTEGER NOT NULL,
    UNIQUE (day_id, name)
);
CREATE INDEX clips_by_start ON clips (folder_id, start_ms);
CREATE INDEX clips_that_want ON clips (start_ms) WHERE wants <> 0;
CREATE TABLE motion (clip_id INTEGER PRIMARY KEY, packed BLOB NOT NULL);
CREATE TRIGGER motion_goes AFTER DELETE ON clips BEGIN
    DELETE FROM motion WHERE clip_id = old.id;
END;
"""

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
# Of an index that came from a disk that had it: with the write-ahead log it is of no use here.
_NO_SHARED_MEMORY = (
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_SHMLOCK,
    sqlite3.SQLITE_IOERR_SHMMAP,
)
_NO_SUCH_TABLE = sqlite3.SQLITE_ERROR


def is_index_damage(err: sqlite3.Error) -> bool:
    """True if an error says that the file is no good, rather than busy or the disk full."""
    code = getattr(err, "sqlite_errorcode", None)
    if code is None:
        return isinstance(err, sqlite3.DatabaseError) and "malformed" in str(err)
    return code & 0xFF in _DAMAGE


def open_for_writing(path: Path, recordings: str) -> sqlite3.Connection:
    """The index with its tables; one that is of no use is replaced by an empty one.

    Args:
        recordings: The recordings folder; an index of another one is of no use.

    Raises:
        sqlite3.Error, OSError, StorageError: The disk does not do it.
    """
    make_private(path.parent)
    with suppress(OSError):  # One that a killed program has left; whoever writes is alone.
        _dot_lock(path).rmdir()
    try:
        connection = _opened(path)
    except sqlite3.DatabaseError as err:
        if not is_index_damage(err) and err.sqlite_errorcode not in _NO_SHARED_MEMORY:
            raise
        connection = None
    if connection is not None:
        try:
            usable = _is_ours(connection, recordings)
        except sqlite3.Error:
            connection.close()
            raise
        if usable:
            return connection
        connection.close()
    if path.is_file():
        log.warning("the index is of no use and is made anew")
    discard_index(path)
    return _created(path, recordings)


def open_for_reading(path: Path) -> sqlite3.Connection | None:
    """The index to be read; None where there is none of this version.

    Raises:
        sqlite3.Error: The disk does not do it.
    """
    if not path.is_file():
        return None
    connection = _connected(path)
    # Not opened read-only: what keeps readers and the writer apart lies in files beside it.
    connection.execute("PRAGMA query_only = 1")
    try:
        usable = _versions(connection) == (APPLICATION_ID, VERSION)
    except sqlite3.Error as err:
        connection.close()
        if not is_index_damage(err):
            raise
        return None
    if usable:
        return connection
    connection.close()
    return None


def discard_index(path: Path) -> None:
    """Delete the index with what SQLite keeps beside it."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
        path.with_name(name).unlink(missing_ok=True)


def _connected(path: Path) -> sqlite3.Connection:
    """A connection to a file that is there; where its disk has no locks, a folder is the lock."""
    address = f"{path.absolute().as_uri()}?mode=rw"
    if not has_locks(path.parent):
        address += "&vfs=unix-dotfile"
    return sqlite3.connect(address, uri=True, timeout=BUSY_S, isolation_level=None)


def _dot_lock(path: Path) -> Path:
    """SQLite's lock on disks without locks, whatever process made it."""
    return path.with_name(f"{path.name}.lock")


def _opened(path: Path) -> sqlite3.Connection | None:
    """The file as it lies there, None for an absent one."""
    if not path.is_file() or not path.stat().st_size:
        return None
    connection = _connected(path)
    try:
        _configure(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _configure(connection: sqlite3.Connection) -> None:
    """Readers do not wait for the writer; a power cut may cost the last entries, which is fine.

    Where a network share cannot do WAL, SQLite keeps its own way.
    """
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA journal_size_limit = 16000000")


def _is_ours(connection: sqlite3.Connection, recordings: str) -> bool:
    try:
        if _versions(connection) != (APPLICATION_ID, VERSION):
            return False
        for table in ("folders", "days", "clips", "motion"):
            connection.execute(f"SELECT * FROM {table} LIMIT 1").fetchone()
        found = connection.execute("SELECT value FROM facts WHERE name = 'recordings'").fetchone()
    except sqlite3.DatabaseError as err:
        # Busy, or not read for now: that is no reason to throw away what took hours.
        if not is_index_damage(err) and err.sqlite_errorcode & 0xFF != _NO_SUCH_TABLE:
            raise
        return False
    return bool(found == (recordings,))


def _versions(connection: sqlite3.Connection) -> tuple[int, int]:
    with closing(connection.execute("PRAGMA application_id")) as found:
        application = int(found.fetchone()[0])
    with closing(connection.execute("PRAGMA user_version")) as found:
        return application, int(found.fetchone()[0])


def _created(path: Path, recordings: str) -> sqlite3.Connection:
    # What SQLite keeps beside it takes the mode of the file.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = _connected(path)
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    _configure(connection)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.executescript(f"BEGIN; {_TABLES} COMMIT;")
    connection.execute("INSERT INTO facts VALUES ('recordings', ?)", (recordings,))
    # Last: only now it is whole.
    connection.execute(f"PRAGMA user_version = {VERSION}")
    return connection
