"""Clips kept for good: moved to the archives and back, commented, deleted on a person's word.

A clip is moved last but for its old side-car and thumbnail: whenever the
program is killed the clip lies in one place, described, or, on the way to
another disk, in both. Nothing is overwritten. See docs/file-formats.md.
"""

import errno
import filecmp
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Any

from vms_desktop.core.base import (
    CLIP_SUFFIX,
    Clock,
    Layout,
    Problem,
    StorageError,
    StorageProblem,
    make_private,
    parse_clip_path,
    part_path,
    set_times,
    storage_error,
    sync_file,
    sync_folder,
    unfinished_file,
    utc_text,
    write_whole,
)
from vms_desktop.core.clips import read_sidecar_entry, sidecar_bytes
from vms_desktop.core.library.retention import clear_up_after, delete_clip_files

MAX_COMMENT_CHARS = 1000


class Refusal(StrEnum):
    """The reason for which a clip was left alone, the disk being well."""

    BEING_WRITTEN = "being_written"
    NOT_A_CLIP = "not_a_clip"
    GONE = "gone"


class Obstacle(StrEnum):
    """The reason for which a clip that can be read cannot stand in an export."""

    NOT_FOR_MP4 = "not_for_mp4"
    NO_MEMORY = "no_memory"


@dataclass(frozen=True, slots=True)
class FailedPath:
    """Something that was not done.

    Attributes:
        path: The clip; the folder where that is what failed.
        problem: `Problem`: what is in the file cannot be used, or only in part.
        codec: The name of what is in the file, where that is the reason.
        missing_bytes: About so much more room is needed; 0 where nobody knows.
    """

    path: Path
    problem: StorageProblem | Problem | Refusal | Obstacle
    codec: str = ""
    missing_bytes: int = 0


class RefusedError(Exception):
    """A clip that is left alone, and why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


def refusal_of(layout: Layout, path: Path) -> Refusal | None:
    """The reason against doing anything with a path; None for a clip of the library."""
    if path == part_path(path):
        return Refusal.BEING_WRITTEN
    trees = layout.recordings, layout.archives
    inside = any(path.is_relative_to(tree) for tree in trees) and ".." not in path.parts
    if not inside or path.suffix != CLIP_SUFFIX or parse_clip_path(path) is None:
        return Refusal.NOT_A_CLIP
    return None if path.exists() else Refusal.GONE


def archive_clip(layout: Layout, path: Path, today: date | None = None) -> Path:
    """Move a recorded clip to the archives, with thumbnail and side-car; where it lies now.

    `today` is a day whose folder stays, however empty: a recorder may be about
    to write there.

    Raises:
        RefusedError: It is archived already.
        StorageError: The clip is where it was.
    """
    if layout.is_archived(path):
        raise RefusedError(Refusal.NOT_A_CLIP)
    try:
        target = _free(layout, layout.archive_path(path), path)
        return _move(layout, path, target, today)
    except OSError as err:
        raise storage_error(err) from None


def restore_clip(layout: Layout, path: Path, at: datetime | None = None) -> Path:
    """Move an archived clip back to the recordings; where it lies now.

    For retention it is as old as its return (`at`, now if not told). Its comment stays in its
    side-car and is there when it is archived again.

    Raises:
        RefusedError: It is not archived.
        StorageError: The clip is where it was.
    """
    if not layout.is_archived(path):
        raise RefusedError(Refusal.NOT_A_CLIP)
    if not layout.recordings_mark.exists():
        # A mount that is gone: what is written now would lie beneath it.
        raise StorageError(StorageProblem.MISSING)
    try:
        target = _free(layout, layout.recorded_path(path.parts[-3], path), path)
        # Before it moves: one that is older than its retention would go within the hour.
        mark = utc_text(at or Clock().now()).encode()
        write_whole(layout.restored_mark(target), mark, sync=False)
        return _move(layout, path, target, None)
    except OSError as err:
        raise storage_error(err) from None


def set_comment(layout: Layout, path: Path, comment: str) -> None:
    """Write a person's comment to an archived clip; what else its description says stays.

    A description that is no JSON gives way.

    Raises:
        RefusedError: It is not archived.
        StorageError: Nothing has changed.
    """
    if not layout.is_archived(path):
        raise RefusedError(Refusal.NOT_A_CLIP)
    sidecar = layout.sidecar_path(path)
    try:
        found = _description(sidecar)
    except OSError as err:
        raise storage_error(err) from None
    entry = {**found, "comment": comment.strip()[:MAX_COMMENT_CHARS]}
    write_whole(sidecar, sidecar_bytes(entry))


def delete_clip(layout: Layout, path: Path, today: date | None = None) -> FailedPath | None:
    """Delete a recorded or archived clip and all that belongs to it; why where it remains."""
    # The archives have no recorder that is about to write.
    problem = delete_clip_files(layout, path, None if layout.is_archived(path) else today)
    return FailedPath(path, problem) if problem else None


def _free(layout: Layout, target: Path, source: Path) -> Path:
    """The first of HH-MM-SS.mp4, -2, … that no other clip has; one may be the source's own copy.

    A clip that was copied to another disk and not yet deleted when the program
    was killed is in both places.
    """
    names = (target if n == 1 else target.with_stem(f"{target.stem}-{n}") for n in count(1))
    return next(path for path in names if not _is_taken(layout, path, source))


def _is_taken(layout: Layout, path: Path, source: Path) -> bool:
    if path.exists():
        return not filecmp.cmp(path, source, shallow=False)
    other = layout.recordings.joinpath(*path.parts[-3:])
    elsewhere = other, layout.archive_path(path)
    return part_path(other).exists() or any(p != source and p.exists() for p in elsewhere)


def _move(layout: Layout, source: Path, target: Path, today: date | None) -> Path:
    make_private(target.parent)
    _describe(layout, source, target)
    _move_file(source, target)
    clear_up_after(layout, source, today)
    return target


def _describe(layout: Layout, source: Path, target: Path) -> None:
    """Put copies of side-car and thumbnail where the clip is going."""
    entry = _description(layout.sidecar_path(source))
    if target.exists():  # Its own copy, to which somebody may have written a comment meanwhile.
        found = _description(layout.sidecar_path(target))
        entry |= {key: value for key, value in found.items() if value}
    if layout.is_archived(target):
        entry = {"comment": "", **entry}
    # Back among the recordings, a side-car that says nothing would keep the clip from getting one.
    if layout.is_archived(target) or any(entry.values()):
        write_whole(layout.sidecar_path(target), sidecar_bytes(entry))
    with suppress(FileNotFoundError):
        picture = layout.thumbnail_path(source).read_bytes()
        write_whole(layout.thumbnail_path(target), picture, sync=False)


def _move_file(source: Path, target: Path) -> None:
    if target.exists():  # Copied whole before; see `_free`.
        source.unlink()
        return
    try:
        source.rename(target)
    except OSError as err:
        if err.errno != errno.EXDEV:
            raise
        _copy_file(source, target)
        sync_folder(target.parent)
        source.unlink()
    sync_folder(target.parent)


def _copy_file(source: Path, target: Path) -> None:
    """Copy to another disk; under its name only once the disk has it."""
    handle, temporary = unfinished_file(target)
    try:
        with os.fdopen(handle, "wb") as taken, source.open("rb") as given:
            shutil.copyfileobj(given, taken, 1 << 20)
            taken.flush()
            sync_file(taken.fileno(), temporary)
        # The time of change tells when a clip without a side-car ended.
        stat = source.stat()
        set_times(temporary, stat.st_atime_ns, stat.st_mtime_ns)
        temporary.rename(target)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def _description(path: Path) -> dict[str, Any]:
    """The entries of a side-car; none where it is missing or torn."""
    try:
        return read_sidecar_entry(path) or {}
    except FileNotFoundError:
        return {}
