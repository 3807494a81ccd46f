"""The tree compared with the index: what was put there, renamed or removed, by whomever.

Folders tell by the time of their last change whether anything in them has
changed, so looking at a library that has not costs a glance per day. Works in
small steps: whoever runs it rests between them, and obeys orders.
"""

import logging
import os
from collections.abc import Generator, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from vms_desktop.core.base import (
    CLIP_SUFFIX,
    StorageError,
    day_before,
    day_of,
    has_folder_times,
    parse_day,
)
from vms_desktop.core.clips import camera_folders_in, read_folder_owner
from vms_desktop.core.index.entries import FileFacts, described
from vms_desktop.core.index.writer import ClipIndexWriter, DayKey, IndexEntry, KnownFile, Want

log = logging.getLogger(__name__)

# What changed more lately is looked at again: it may be copied there right now.
SETTLED_S = 60.0

FILES_PER_STEP = 16
DAYS_PER_STEP = 64

_MARKED = "marked"


@dataclass(frozen=True, slots=True)
class Step:
    """The progress of a piece of work.

    Attributes:
        done, total: Of a scan in days of cameras, of backfill in clips.
        changed: The (folder, day)s that this step has changed.
        failed: How many of those done could not be.
    """

    done: int
    total: int
    changed: frozenset[tuple[str, date]] = frozenset()
    failed: int = 0


def recordings_are_there(index: ClipIndexWriter) -> bool:
    """True if the recordings can be believed: an empty mount point has lost no clips."""
    layout = index.layout
    if layout.recordings_mark.exists():
        if not index.fact(_MARKED):
            index.note(_MARKED, "1")
        return True
    return layout.recordings.is_dir() and not index.fact(_MARKED)


def scan_tree(
    index: ClipIndexWriter, at: datetime, *, everything: bool = True, try_folders: bool = True
) -> Generator[Step, None, None]:
    """Make the index agree with the tree, newest days first.

    Where the recordings' disk is not there, or a folder cannot be read, what is
    known of it stays. Without `everything` only today, yesterday and what was
    changing at the last look are compared. `at` is the wall's time. With
    `try_folders` every file is compared where the disk's folders do not tell
    that something has changed in them.

    Raises:
        sqlite3.Error: The index cannot be written.
    """
    trees = _trees(index)
    known = index.day_stamps()
    moved = _follow_owners(index, trees, known)
    if moved:
        known = index.day_stamps()
        yield Step(0, 0, moved)
    keys = _all_days(trees, known) if everything else _recent_days(trees, known, at)
    tried = trees if everything and try_folders else []
    tell = {tree.archived: _tells_changes(index, tree) for tree in tried}
    gone: list[DayKey] = []
    for done, key in enumerate(sorted(keys, key=_newest_first)):
        look = _Look(index, key, at.timestamp())
        if look.is_gone:
            gone += [key] if key in known else []
        elif look.differs_from(known.get(key) if tell.get(key.archived, True) else None):
            for _ in look.read():
                yield Step(done, len(keys))
            if look.changed:
                yield Step(done + 1, len(keys), frozenset({(key.folder, key.day)}))
        elif not done % DAYS_PER_STEP:
            yield Step(done, len(keys))
    yield Step(len(keys), len(keys), _forget(index, trees, gone, everything=everything))


def _tells_changes(index: ClipIndexWriter, tree: "_Tree") -> bool:
    folders = (tree.root,) if tree.archived else (tree.root, index.layout.thumbnails)
    return all(map(has_folder_times, folders))


def _newest_first(key: DayKey) -> tuple[int, str, bool]:
    return -key.day.toordinal(), key.folder, key.archived


@dataclass(frozen=True, slots=True)
class _Tree:
    """The recordings or the archives, as far as they can be read."""

    archived: bool
    root: Path
    folders: frozenset[str]


def _trees(index: ClipIndexWriter) -> list[_Tree]:
    """The trees that can be believed; folders that are being renamed wait for the next look."""
    layout, found = index.layout, []
    moving: set[str] = set()
    try:
        if recordings_are_there(index):
            folders = camera_folders_in(layout.recordings)
            owners = {folder: read_folder_owner(layout, folder) for folder in folders}
            for folder, owner in owners.items():
                moving |= {folder, owner.moving_to} if owner and owner.moving_to else set()
            found.append(_Tree(False, layout.recordings, _nameable(folders) - moving))
        archives = camera_folders_in(layout.archives)
        found.append(_Tree(True, layout.archives, _nameable(archives) - moving))
    except (OSError, StorageError) as err:
        log.warning("library not read: %s", err)
    return found


def _nameable(folders: Iterable[str]) -> frozenset[str]:
    """Without names that are no Unicode: no camera here has one, and no index could hold it."""
    return frozenset(name for name in folders if name == name.encode(errors="replace").decode())


def _follow_owners(
    index: ClipIndexWriter, trees: list[_Tree], known: Mapping[DayKey, str]
) -> frozenset[tuple[str, date]]:
    """Note whose folders these are; one that followed its camera's new name keeps its clips."""
    present = frozenset[str]().union(*(tree.folders for tree in trees))
    ids = index.owners()
    moved: set[str] = set()
    for folder in sorted(present):
        owner = read_folder_owner(index.layout, folder)
        if owner is None:
            index.add_folder(folder)
            continue
        left = [name for name, id_ in ids.items() if id_ == owner.id and name not in present]
        for old in left:
            index.rename_folder(old, folder)
            moved |= {folder, old}
        if index.set_owner(folder, owner.id, owner.name):
            moved.add(folder)
    left_days = {(key.folder, key.day) for key in known if key.folder in moved}
    new_days = {(key.folder, key.day) for key in index.day_stamps() if key.folder in moved}
    return frozenset(left_days | new_days) if moved else frozenset()


def _all_days(trees: list[_Tree], known: Mapping[DayKey, str]) -> set[DayKey]:
    """Every day that is there or was."""
    keys = {key for tree in trees for key in _days_of(tree)}
    return keys | {key for key in known if key.archived in {tree.archived for tree in trees}}


def _days_of(tree: _Tree) -> Iterator[DayKey]:
    for folder in tree.folders:
        try:
            names = os.listdir(tree.root / folder)  # noqa: PTH208 - names are all we want
        except OSError as err:
            log.warning("%s not read: %s", folder, err.strerror)
            continue
        for name in names:
            if day := parse_day(name):
                yield DayKey(folder, day, tree.archived)


def _recent_days(trees: list[_Tree], known: Mapping[DayKey, str], at: datetime) -> set[DayKey]:
    days = day_of(at), day_before(day_of(at))
    recent = {DayKey(f, day, tree.archived) for tree in trees for f in tree.folders for day in days}
    changing = {key for key, stamp in known.items() if not stamp}
    return recent | {key for key in changing if any(key.archived == t.archived for t in trees)}


def _forget(
    index: ClipIndexWriter, trees: list[_Tree], gone: list[DayKey], *, everything: bool
) -> frozenset[tuple[str, date]]:
    """Drop what is not there any more, if its disk still is."""
    if not recordings_are_there(index):
        gone = [key for key in gone if key.archived]
    if gone:
        index.forget_days(gone)
    if everything and len(trees) == 2:
        index.forget_folders(trees[0].folders | trees[1].folders)
    return frozenset((key.folder, key.day) for key in gone)


@dataclass(slots=True)
class _Look:
    """One camera's day, compared with what is known of it.

    Attributes:
        stamp: Of its folders; empty where they changed just now, None where
            they cannot be read.
        is_gone: Whether the day's folder does not exist.
        changed: Whether anything in it has changed, once `read` is through.
    """

    index: ClipIndexWriter
    key: DayKey
    now_s: float
    stamp: str | None = None
    is_gone: bool = False
    changed: bool = False
    _complete: bool = True
    _folder: Path = field(init=False)
    _beside: Path = field(init=False)

    def __post_init__(self) -> None:
        layout = self.index.layout
        tree = layout.archives if self.key.archived else layout.recordings
        self._folder = tree / self.key.folder / self.key.day.isoformat()
        some_clip = self._folder / f"00-00-00{CLIP_SUFFIX}"
        self._beside = layout.thumbnail_path(some_clip).parent
        self._take_stamp()

    def _take_stamp(self) -> None:
        try:
            changed_ns = self._folder.stat().st_mtime_ns
            beside_ns = self._beside.stat().st_mtime_ns if self._beside.is_dir() else 0
        except (FileNotFoundError, NotADirectoryError):
            self.is_gone = True
        except OSError as err:
            log.warning("%s not read: %s", self._name, err.strerror)
        else:
            quiet = max(changed_ns, beside_ns) / 1e9 < self.now_s - SETTLED_S
            self.stamp = f"{changed_ns}.{beside_ns}" if quiet else ""

    def differs_from(self, known: str | None) -> bool:
        """True if there may be something new."""
        return self.stamp is not None and (not self.stamp or self.stamp != known)

    def read(self) -> Iterator[None]:
        """Compare file by file, in small steps, and write what has changed."""
        known = self.index.files_of(self.key)
        try:
            clips, beside = _sizes(self._folder, (CLIP_SUFFIX,)), self._read_beside()
        except OSError as err:
            log.warning("%s not read: %s", self._name, err.strerror)
            return
        entries: list[IndexEntry] = []
        pictured: dict[str, tuple[bool, Want]] = {}
        for number, name in enumerate(sorted(clips, reverse=True), 1):
            facts = self._facts(name, clips, beside)
            if known.get(name, _UNKNOWN).stamp == facts.stamp:
                pictured |= _pictured(name, known[name], facts)
            elif entry := described(self.index.layout, self._folder / name, facts):
                entries.append(entry)
            if number % FILES_PER_STEP == 0:
                if entries:
                    self._put("", entries)
                    entries = []
                yield
        settled = all(facts[1] / 1e9 < self.now_s - SETTLED_S for facts in clips.values())
        stamp = (self.stamp or "") if settled else ""
        self._put(stamp, entries, known.keys() - clips.keys(), pictured)

    def _read_beside(self) -> dict[str, tuple[int, int]]:
        try:
            return _sizes(self._beside, (".jpg", ".json"))
        except (FileNotFoundError, NotADirectoryError):
            return {}

    def _facts(
        self, name: str, clips: dict[str, tuple[int, int]], beside: dict[str, tuple[int, int]]
    ) -> FileFacts:
        stem = name.removesuffix(CLIP_SUFFIX)
        suffix = ".meta.json" if self.key.archived else ".json"
        _, sidecar_ns = beside.get(stem + suffix, (0, 0))
        return FileFacts(self.key, *clips[name], sidecar_ns, f"{stem}.jpg" in beside)

    def _put(
        self,
        stamp: str,
        entries: list[IndexEntry],
        gone: Set[str] = frozenset(),
        pictured: Mapping[str, tuple[bool, Want]] | None = None,
    ) -> None:
        # What was deleted while this was reading would come back as a ghost.
        there = [entry for entry in entries if entry.clip.path.exists()]
        self._complete &= len(there) == len(entries)
        self.changed |= bool(there or gone or pictured)
        self.index.put_day(self.key, stamp if self._complete else "", there, gone, pictured)

    @property
    def _name(self) -> str:
        return self.index.layout.relative(self._folder)


_UNKNOWN = KnownFile("", False, Want.NOTHING)


def _sizes(folder: Path, suffixes: tuple[str, ...]) -> dict[str, tuple[int, int]]:
    """Size in bytes and time of the last change in ns of the files in a folder, by name."""
    found = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.endswith(suffixes) or entry.name.startswith("."):
                continue
            try:
                stat = entry.stat()
            except FileNotFoundError:
                continue
            found[entry.name] = stat.st_size, stat.st_mtime_ns
    return found


def _pictured(name: str, known: KnownFile, facts: FileFacts) -> dict[str, tuple[bool, Want]]:
    """The change that a thumbnail makes which has come or gone."""
    if known.has_thumbnail == facts.has_thumbnail:
        return {}
    if facts.has_thumbnail:
        return {name: (True, known.wants & ~Want.THUMBNAIL)}
    return {name: (False, known.wants | Want.THUMBNAIL)}
