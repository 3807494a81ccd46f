"""The recordings of a camera that was deleted go with it, where a person wished so.

Archives stay, and so does everything that this program has not put there.
"""

import logging
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from vms_desktop.core.base import Layout, StorageError, StorageProblem, parse_day
from vms_desktop.core.clips import mark_leaving, read_folder_owners
from vms_desktop.core.library.retention import delete_clips
from vms_desktop.core.library.storage_guard import refusals_logged
from vms_desktop.core.library.tree import StoredClip, oldest_clips

# Clips deleted in one go: the thread that does it has more to do.
BATCH = 50

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RemovalResult:
    """The outcome of deleting a camera's recordings.

    Attributes:
        clips, size_bytes: What was deleted.
        remaining: Files that still lie in its folder.
        problem: Why not everything could be deleted.
    """

    camera_id: str
    name: str
    clips: int = 0
    size_bytes: int = 0
    remaining: int = 0
    problem: StorageProblem | None = None


class Removal:
    """Deletes a camera's recordings a few at a time; belongs to one background thread.

    Attributes:
        removed: What is done so far.
        steps: Deletes; gives the clips that are gone, batch after batch.
    """

    def __init__(self, layout: Layout, camera_id: str, name: str) -> None:
        self.removed = RemovalResult(camera_id, name)
        self.steps = self._delete_all()
        self._layout = layout

    def _delete_all(self) -> Iterator[tuple[Path, ...]]:
        try:
            for folder, owner in read_folder_owners(self._layout).items():
                if owner.id == self.removed.camera_id:
                    yield from self._delete_clips(folder)
                    self._sweep(folder)
            if self.removed.problem is None:  # What remains is not this program's.
                self.note(is_wanted=False)
        except StorageError as err:
            self.removed = replace(self.removed, problem=err.kind)

    def note(self, *, is_wanted: bool = True) -> None:
        """Have the next start go on, should this one not come to an end; or take that back."""
        with refusals_logged(log, "%s: its folder not marked: %s", self.removed.name):
            mark_leaving(self._layout, self.removed.camera_id, is_leaving=is_wanted)

    def _delete_clips(self, folder: str) -> Iterator[tuple[Path, ...]]:
        clips = oldest_clips(self._layout, folder)
        while batch := list(islice(clips, BATCH)):
            yield self._delete(batch)

    def _delete(self, clips: list[StoredClip]) -> tuple[Path, ...]:
        result = delete_clips(self._layout, clips)
        self.removed = replace(
            self.removed,
            clips=self.removed.clips + len(result.deleted),
            size_bytes=self.removed.size_bytes + result.freed_bytes,
            problem=next(iter(result.failed.values()), self.removed.problem),
        )
        return result.deleted

    def _sweep(self, folder: str) -> None:
        """Delete what belonged to the clips; the camera's mark goes last, with an empty folder."""
        layout = self._layout
        _sweep_days(layout.thumbnails / folder, (".jpg", ".json", ".restored"))
        _sweep_files(layout.gaps / folder, (".jsonl",))
        _sweep_days(layout.recordings / folder, (".part",))
        recordings = layout.recordings / folder
        left = [path for path in recordings.rglob("*") if path.is_file()]
        left = [path for path in left if path != layout.camera_mark(folder)]
        # Where clips are archived the folder stays theirs: another camera gets its own.
        if not left and not (layout.archives / folder).exists():
            _unlink(layout.camera_mark(folder))
            _remove_folder(recordings)
        self.removed = replace(self.removed, remaining=self.removed.remaining + len(left))


def left_removals(layout: Layout, cameras: Collection[str]) -> list[Removal]:
    """The removals that the last run did not finish; none of `cameras` (ids), which are back.

    Raises:
        StorageError: The disk does not tell.
    """
    owners = {owner.id: owner for owner in read_folder_owners(layout).values() if owner.is_leaving}
    return [Removal(layout, key, owners[key].name) for key in owners if key not in cameras]


class PendingRemovals:
    """The recordings that are to go once their camera is gone from the file and has no threads."""

    def __init__(self) -> None:
        self._asked: dict[str, str] = {}
        self._saved: dict[str, str] = {}

    def ask(self, camera_id: str, name: str) -> None:
        """They are to go with the camera."""
        self._asked[camera_id] = name

    def saved(self, cameras: Collection[str]) -> None:
        """These cameras (ids) are in the file now: what is not among them is deleted."""
        self._saved |= {key: name for key, name in self._asked.items() if key not in cameras}
        self._asked.clear()
        for camera_id in self._saved.keys() & set(cameras):
            del self._saved[camera_id]  # It has come back meanwhile.

    def take(self, busy: Collection[str]) -> list[tuple[str, str]]:
        """Ids and names of those that may go now: no thread of theirs is `busy` any more."""
        ready = [(key, name) for key, name in self._saved.items() if key not in busy]
        for camera_id, _ in ready:
            del self._saved[camera_id]
        return ready

    def take_rest(self) -> list[tuple[str, str]]:
        """All that were asked for: the program ends. Those of cameras that stay will be kept."""
        rest = self._asked | self._saved
        self._asked, self._saved = {}, {}
        return list(rest.items())


def _sweep_days(folder: Path, suffixes: tuple[str, ...]) -> None:
    for day in _paths_in(folder):
        if parse_day(day.name):
            _sweep_files(day, suffixes)
    _remove_folder(folder)


def _sweep_files(folder: Path, suffixes: tuple[str, ...]) -> None:
    for path in _paths_in(folder):
        if path.suffix in suffixes:
            _unlink(path)
    _remove_folder(folder)


def _paths_in(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _unlink(path: Path) -> None:
    with suppress(OSError):  # What stays harms nobody, and is counted where it matters.
        path.unlink(missing_ok=True)


def _remove_folder(folder: Path) -> None:
    with suppress(OSError):  # Refused unless it is empty.
        folder.rmdir()
