"""Keeps the index in step with the tree in the background, a little at a time."""

import logging
import sqlite3
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, StrEnum, auto
from pathlib import Path

from vms_desktop.core.base import Clock, Inbox, Layout, StorageError
from vms_desktop.core.clips import Clip
from vms_desktop.core.config import CameraConfig
from vms_desktop.core.index.backfill import Backfiller, DiskFailedError
from vms_desktop.core.index.entries import described, file_facts, taken
from vms_desktop.core.index.scan import Step, scan_tree
from vms_desktop.core.index.schema import discard_index, is_index_damage
from vms_desktop.core.index.sound_repair import settle
from vms_desktop.core.index.writer import ClipIndexWriter, DayKey, IndexEntry, Want

log = logging.getLogger(__name__)

Changed = frozenset[tuple[str, date]]
Steps = Generator[Step, None, None]

RECENT_S = 30.0
EVERYTHING_S = 900.0
# After the disk has failed.
RETRY_S = 60.0

# Seconds of rest per second of work: cameras come first, and a person who waits second.
REST = {"asked": 0.5, "scan": 2.0, "backfill": 4.0}


class Maintenance(StrEnum):
    """Work that a person may ask for, and the first filling, which nobody asks for."""

    FIRST = "first"
    RESCAN = "rescan"
    THUMBNAILS = "thumbnails"


@dataclass(frozen=True, slots=True)
class MaintenanceResult:
    """The outcome of maintenance.

    Attributes:
        done: Clips that have been looked at, all of them after a scan.
        failed: Thumbnails that could not be made.
    """

    kind: Maintenance
    done: int
    failed: int
    cancelled: bool


@dataclass(frozen=True, slots=True)
class ClipClosed:
    """A clip is whole."""

    clip: Clip


@dataclass(frozen=True, slots=True)
class PathsChanged:
    """Something has happened to these clips, or to what lies beside them: look there."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class CamerasChanged:
    """Cameras were turned another way, or their folders have new names."""

    cameras: tuple[CameraConfig, ...]


class IndexCommand(Enum):
    """An order that says nothing more."""

    # Compare the whole tree, now.
    SCAN = auto()
    # End the maintenance that is under way.
    CANCEL = auto()
    # Somebody found the index damaged.
    START_ANEW = auto()


# A `Maintenance` begins; one that is under way ends.
IndexOrder = ClipClosed | PathsChanged | CamerasChanged | Maintenance | IndexCommand


@dataclass(frozen=True, slots=True)
class IndexReport:
    """Those whom the indexer tells, from its own thread."""

    changed: Callable[[Changed], None]
    progress: Callable[[Maintenance, int, int], None]
    maintained: Callable[[MaintenanceResult], None]


@dataclass(slots=True)
class _Job:
    """Work in small steps; `kind` where somebody is told of it."""

    steps: Steps
    rest: float
    kind: Maintenance | None = None
    done: int = 0
    failed: int = 0


class _DamagedError(Exception):
    """A reader stumbled over the index."""


@dataclass(slots=True)
class Indexer:
    """Runs in one background thread; everything but `inbox` belongs to it.

    Args:
        held: No camera's folder is renamed meanwhile (`CameraFolders.held`).
        in_use: The clips that are played or exported, which are not changed for now.
    """

    layout: Layout
    clock: Clock
    inbox: Inbox[IndexOrder]
    report: IndexReport
    held: Callable[[], AbstractContextManager[None]] = nullcontext
    in_use: Callable[[], frozenset[Path]] = frozenset
    _rotations: dict[str, int] = field(default_factory=dict)
    _job: _Job | None = None
    _backfill: _Job | None = None
    _backfiller: Backfiller | None = None
    _blamed: tuple[Path, Want] | None = None
    _recent_at: float = 0.0
    _everything_at: float = 0.0
    _backfill_at: float = 0.0
    _hear_at: float = 0.0

    def run(self) -> None:
        """Work until the inbox is stopped."""
        while not self.inbox.stopped:
            try:
                with closing(ClipIndexWriter(self.layout.index_file, self.layout)) as index:
                    self._keep(index)
            except (sqlite3.Error, _DamagedError) as err:
                self._recover(err)
            except (OSError, StorageError) as err:
                log.warning("no index: %s", err)
                self.inbox.rest(RETRY_S)

    def drop(self) -> None:
        """A bug has ended `run`: the clip that was being worked on is left out from now on."""
        self._blamed = self._backfiller.at_work if self._backfiller else None

    def _recover(self, err: sqlite3.Error | _DamagedError) -> None:
        if isinstance(err, sqlite3.Error) and not is_index_damage(err):
            log.warning("index not written: %s", err)
            self.inbox.rest(RETRY_S)
            return
        log.warning("the index is damaged and made anew")
        try:
            discard_index(self.layout.index_file)
        except OSError as trouble:  # Open in a reader, on systems that mind.
            log.warning("index not deleted: %s", trouble.strerror)
            self.inbox.rest(1)

    def _keep(self, index: ClipIndexWriter) -> None:
        self._job = self._backfill = self._backfiller = None
        self._recent_at = self._everything_at = self._backfill_at = self._hear_at = float("-inf")
        settle(self.layout)
        index.want_sounds_once()
        if self._blamed:
            self._new_backfiller(index).drop(*self._blamed)
            self._blamed = None
        if not index.count():
            self._begin(index, Maintenance.FIRST)
        while not self.inbox.stopped:
            for order in self.inbox.take_all():
                self._handle(index, order)
            began = self.clock.monotonic()
            job = self._current(index, began)
            if job is None:
                self.inbox.wait(self._due_in(began))
                continue
            self._advance(index, job)
            self.inbox.wait((self.clock.monotonic() - began) * job.rest)

    def _handle(self, index: ClipIndexWriter, order: IndexOrder) -> None:
        match order:
            case ClipClosed(clip):
                self._take(index, (clip.path,), lambda _, day: taken(self.layout, clip, day))
            case PathsChanged(paths):
                self._take(index, paths, self._look_at)
            case CamerasChanged(cameras):
                self._rotations = {camera.id: camera.rotation for camera in cameras}
                self._recent_at = float("-inf")
            case Maintenance():
                self._cancel(index)
                self._begin(index, order)
            case IndexCommand.SCAN:
                self._everything_at = float("-inf")
            case IndexCommand.CANCEL:
                self._cancel(index)
            case IndexCommand.START_ANEW:
                raise _DamagedError

    def _look_at(self, path: Path, day: DayKey) -> IndexEntry | None:
        return described(self.layout, path, file_facts(self.layout, path, day))

    def _take(
        self,
        index: ClipIndexWriter,
        paths: tuple[Path, ...],
        look_at: Callable[[Path, DayKey], IndexEntry | None],
    ) -> None:
        """Take what a look at these clips gives; those that it does not find are gone."""
        gone: list[Path] = []
        changed: set[tuple[str, date]] = set()
        for path in paths:
            if not (place := index.place(path)):
                continue
            changed.add(place[:2])
            try:
                entry = look_at(path, DayKey(*place))
            except OSError:
                gone.append(path)
                continue
            if entry:
                index.upsert(entry)
        if gone:
            index.remove(gone)
        if changed:
            self.report.changed(frozenset(changed))

    def _begin(self, index: ClipIndexWriter, kind: Maintenance) -> None:
        if kind is Maintenance.THUMBNAILS:
            self._job = _Job(self._thumbnails(index), REST["asked"], kind)
            return
        if kind is Maintenance.RESCAN:
            index.forget_stamps()
        rest = REST["asked" if kind is Maintenance.RESCAN else "scan"]
        self._job = _Job(self._scan(index, everything=True), rest, kind)

    def _thumbnails(self, index: ClipIndexWriter) -> Steps:
        """Find out which are missing, then make them; until then 0 of 0 are done."""
        for step in self._scan(index, everything=True):
            yield Step(0, 0, step.changed)
        index.want_thumbnails()
        yield from self._new_backfiller(index).steps(Want.THUMBNAIL)

    def _scan(self, index: ClipIndexWriter, *, everything: bool) -> Steps:
        now = self.clock.monotonic()
        self._recent_at = now
        # On a disk where that means to compare every file, not every quarter of an hour.
        is_asked = self._everything_at == float("-inf")
        if everything:
            self._everything_at = now
        return scan_tree(index, self.clock.now(), everything=everything, try_folders=is_asked)

    def _new_backfiller(self, index: ClipIndexWriter) -> Backfiller:
        rotation_of = lambda camera_id: self._rotations.get(camera_id, 0)  # noqa: E731
        self._backfiller = Backfiller(index, rotation_of, self.held, self.in_use)
        return self._backfiller

    def _current(self, index: ClipIndexWriter, now: float) -> _Job | None:
        """The job to go on with: what was begun, a look that is due, backfill; None for no job."""
        if self._job is None:
            if now - self._everything_at >= EVERYTHING_S:
                self._job = _Job(self._scan(index, everything=True), REST["scan"])
            elif now - self._recent_at >= RECENT_S:
                self._job = _Job(self._scan(index, everything=False), REST["scan"])
        if self._job is None and self._backfill is None and now >= self._backfill_at:
            self._backfill = self._next_backfill(index)
        return self._job or self._backfill

    def _next_backfill(self, index: ClipIndexWriter) -> _Job | None:
        for want in (Want.PROBE, Want.THUMBNAIL, Want.GRID):
            if index.count_wanting(want):
                return _Job(self._new_backfiller(index).steps(want), REST["backfill"])
        if self.clock.monotonic() >= self._hear_at and index.count_wanting(Want.SOUND):
            self._hear_at = self.clock.monotonic() + RETRY_S  # For clips that are in use now.
            return _Job(self._new_backfiller(index).steps(Want.SOUND), REST["backfill"])
        self._backfill_at = self.clock.monotonic() + RECENT_S
        return None

    def _due_in(self, now: float) -> float:
        due = min(self._everything_at + EVERYTHING_S, self._recent_at + RECENT_S, self._backfill_at)
        return max(0.0, due - now)

    def _advance(self, index: ClipIndexWriter, job: _Job) -> None:
        try:
            step = next(job.steps, None)
        except DiskFailedError as err:
            log.warning("clips not adopted for now: %s", err)
            self._backfill_at = self.clock.monotonic() + RETRY_S
            step = None
        if step is None:
            self._end(index, job, cancelled=False)
            return
        job.done, job.failed = step.done, step.failed
        if step.changed:
            self.report.changed(step.changed)
        if job.kind:
            self.report.progress(job.kind, step.done, step.total)

    def _cancel(self, index: ClipIndexWriter) -> None:
        if self._job and self._job.kind:
            self._end(index, self._job, cancelled=True)

    def _end(self, index: ClipIndexWriter, job: _Job, *, cancelled: bool) -> None:
        if job is self._job:
            self._job = None
        else:
            self._backfill = None
        job.steps.close()
        if job.kind is None:
            return
        done = job.done if job.kind is Maintenance.THUMBNAILS else index.count()
        self.report.maintained(MaintenanceResult(job.kind, done, job.failed, cancelled))
