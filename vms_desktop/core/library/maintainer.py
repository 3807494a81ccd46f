"""Looks after the library in the background: storage, leftovers, thumbnails, gaps, purging."""

import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.errors import Problem, StorageError, StorageProblem, StreamError
from vms_desktop.core.base.files import write_whole
from vms_desktop.core.base.inbox import Inbox
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.base.local_day import day_of
from vms_desktop.core.clips.clip import Clip
from vms_desktop.core.clips.folders import FolderBook, camera_folders, read_owner
from vms_desktop.core.clips.sidecar import write_sidecar
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.library.gap_repair import shrink_journals
from vms_desktop.core.library.gaps import GapJournal
from vms_desktop.core.library.purger import Limits, Purged, Purger, PurgeReport
from vms_desktop.core.library.removal import Removal, Removed, left_removals
from vms_desktop.core.library.retention import Ask
from vms_desktop.core.library.storage_guard import StorageGuard, StorageWatch
from vms_desktop.core.library.system_load import Machine, MachineLoad
from vms_desktop.core.library.tree import clips_of_day, recover_parts
from vms_desktop.core.media.thumbnail import make_thumbnail

log = logging.getLogger(__name__)

TICK_S = 2.0
CHECK_S = 5.0
LEAVE_S = 0.5
"""What closing the program gives to the last thumbnails."""


@dataclass(frozen=True, slots=True)
class TakeCameras:
    """These cameras are configured now, in the file's order.

    `busy` are those (ids) that have threads: their folders follow a new name
    when these let go of the clip that is open there. `unread` are those (ids)
    that the file has too, and that cannot be taken.
    """

    cameras: tuple[CameraConfig, ...]
    busy: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TakeClip:
    """A clip is whole and wants its thumbnail."""

    clip: Clip


@dataclass(frozen=True, slots=True)
class TakeAnswer:
    """A person has answered a question."""

    ask: Ask
    yes: bool


@dataclass(frozen=True, slots=True)
class MakeRoom:
    """A writer found the disk full."""


@dataclass(frozen=True, slots=True)
class AdoptFolder:
    """A person says that the recordings folder is the right one as it is."""


@dataclass(frozen=True, slots=True)
class DeleteRecordings:
    """A deleted camera's recordings go too; none of its threads is left."""

    camera_id: str
    name: str


@dataclass(frozen=True, slots=True)
class DeleteRecordingsLater:
    """The same, by the next start: this run ends."""

    camera_id: str
    name: str


@dataclass(frozen=True, slots=True)
class PurgeNow:
    """A person wants what is due deleted now, or (`begin` false) no more of it."""

    begin: bool = True


@dataclass(frozen=True, slots=True)
class Freed:
    """A person has deleted or archived clips; fewer than 0 bytes where some were put back."""

    size_bytes: int


CareOrder = (
    TakeCameras
    | TakeClip
    | TakeAnswer
    | MakeRoom
    | AdoptFolder
    | DeleteRecordings
    | DeleteRecordingsLater
    | PurgeNow
    | Freed
)


@dataclass(frozen=True, slots=True)
class CareReport:
    """Whom the caretaker tells what it found, from its own thread."""

    today_loaded: Callable[[tuple[Clip, ...]], None]
    thumbnail_ready: Callable[[Clip], None]
    clips_deleted: Callable[[tuple[Path, ...]], None]
    asked: Callable[[Ask], None]
    machine_changed: Callable[[MachineLoad], None]
    folder_shared: Callable[[CameraConfig, str], None]
    marked: Callable[[str], None]
    folders_known: Callable[[Mapping[str, str]], None]
    recordings_deleted: Callable[[Removed], None]
    purged: Callable[[Purged], None]


class _Removing(NamedTuple):
    removal: Removal
    steps: Iterator[tuple[Path, ...]]


@dataclass(slots=True)
class Caretaker:
    """Runs in one background thread; everything but `inbox` belongs to it.

    A disk that hangs stops this thread alone: `watch` then says so.

    Args:
        in_use: The clips that are played, which stay for now.
    """

    layout: Layout
    clock: Clock
    limits: Limits
    mark: str
    watch: StorageWatch
    folders: FolderBook
    journal: GapJournal
    inbox: Inbox[CareOrder]
    report: CareReport
    in_use: Callable[[], frozenset[Path]] = frozenset
    _cameras: tuple[CameraConfig, ...] = ()
    _busy: frozenset[str] = frozenset()
    _unread: frozenset[str] = frozenset()
    _known: bool = False
    _gaps_recovered: bool = False
    _removals_read: bool = False
    _leftovers_done: bool = False
    _beats: bool = True
    _to_picture: deque[Clip] = field(default_factory=deque)
    _removals: deque[_Removing] = field(default_factory=deque)
    _repairs: Iterator[bool] = field(init=False)
    _repairing: bool = True
    _purged: Purged | None = None
    _folders_told: Mapping[str, str] | None = None
    _checked_at: float = field(default=float("-inf"))
    _measured_at: float = field(default=float("-inf"))
    _recorded_bytes: int = 0
    _began_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._began_at = self.clock.now()
        self._repairs = shrink_journals(self.layout, self.folders.held)

    def run(self) -> None:
        """Work until the inbox is stopped."""
        guard = StorageGuard(self.layout, self.mark)
        machine = Machine(self.layout.recordings)
        began = self.clock.monotonic()
        purger = Purger(self.layout, began)
        self.watch.ask_for_room = lambda: self.inbox.post(MakeRoom())
        while not self.inbox.stopped:
            now = self.clock.monotonic()
            for order in self.inbox.take_all():
                self._obey(order, guard, purger, now)
            if now - self._checked_at >= CHECK_S:
                self._checked_at = now
                self._check(guard)
                self._purge(purger, now)
            self._beat()
            self._repairing = self._repairing and next(self._repairs, False)
            if self._purged is not None:
                self._purge_on(self._purged, purger, now)
            elif self._removals:
                self._remove_on(purger)
            elif self._may_picture:
                self._make_thumbnail(self._to_picture.popleft())
            if now - self._measured_at >= TICK_S:
                self._measured_at = now
                self.report.machine_changed(machine.load(self._recorded_bytes, now - began))
            is_busy = self._may_picture or self._removals or self._purged or self._repairing
            self.inbox.wait(0 if is_busy else TICK_S)
        self._take_leave()

    @property
    def _may_picture(self) -> bool:
        """Whether a thumbnail is to be made; a camera tells how it is turned."""
        return self._known and bool(self._to_picture)

    def _obey(self, order: CareOrder, guard: StorageGuard, purger: Purger, now: float) -> None:
        match order:
            case TakeCameras():
                self._take_cameras(order)
            case TakeClip(clip):
                self._to_picture.appendleft(clip)
            case TakeAnswer(ask, yes):
                purger.answer(ask, yes, now)
                self._purge(purger, now)
            case MakeRoom():
                self.watch.made_room(bool(self._purge(purger, now).deleted))
            case AdoptFolder():
                self._adopt(guard)
            case DeleteRecordings(camera_id, name):
                self._begin_removal(camera_id, name)
            case DeleteRecordingsLater(camera_id, name):
                Removal(self.layout, camera_id, name).note()
            case PurgeNow(begin):
                self._end_purge(cancelled=True)
                self._purged = Purged() if begin else None
            case Freed(size_bytes):
                purger.freed(size_bytes)

    def _take_cameras(self, told: TakeCameras) -> None:
        gone = {camera.id for camera in self._cameras} - {camera.id for camera in told.cameras}
        self.folders.forget(gone)
        self._known, self._cameras, self._busy = True, told.cameras, told.busy
        self._unread = told.unread
        if self.watch.ready and self.watch.problem is None:
            self._claim_all()
            self._tell_folders()

    def _claim_all(self) -> None:
        """Give every camera its folder in the file's order: who comes first keeps its name."""
        known = self.folders.known()
        for camera in self._cameras:
            if camera.id in known and (camera.id in self._busy or self.folders.has(camera)):
                continue
            try:
                claim = self.folders.claim(camera)
            except StorageError as err:
                log.warning("%s: no folder: %s", camera.name, err)
                return
            if claim.shared:
                self.report.folder_shared(camera, claim.folder)
        if not self._gaps_recovered:
            self._gaps_recovered = self._recover_gaps()
        if not self._removals_read:
            self._removals_read = True
            self._go_on_removing()

    def _go_on_removing(self) -> None:
        """Delete what the last run left of the recordings of deleted cameras."""
        kept = self._unread | {camera.id for camera in self._cameras}
        try:
            left = left_removals(self.layout, kept)
        except StorageError as err:
            log.warning("folders not read: %s", err)
            return
        for removal in left:
            log.info("%s: its recordings go on being deleted", removal.removed.name)
            self._removals.append(_Removing(removal, removal.steps()))

    def _check(self, guard: StorageGuard) -> None:
        before = self.watch.problem if self.watch.ready else None
        self.watch.look(lambda: self._look(guard))
        problem = self.watch.problem
        if problem != before:
            log.warning("recordings folder: %s", problem or "can be written again")
        if guard.mark != self.mark:
            self.mark = guard.mark
            self.report.marked(guard.mark)
        if problem is None and self._known:
            self._claim_all()
            self._tell_folders()

    def _adopt(self, guard: StorageGuard) -> None:
        try:
            guard.adopt()
        except StorageError as err:
            log.warning("recordings folder not taken: %s", err)
        self._checked_at = float("-inf")  # Looked at in this very round.

    def _tell_folders(self) -> None:
        """Say whose the folders are, those of deleted cameras too, where one has changed."""
        known = self.folders.known()
        if known == self._folders_told:
            return
        owners = {}
        try:
            for folder in camera_folders(self.layout):
                if owner := read_owner(self.layout, folder):
                    owners[owner.id] = folder
        except StorageError as err:
            log.warning("folders not read: %s", err)
            return
        self._folders_told = known
        for camera_id, folder in known.items():  # A gap may be older than its camera's folder.
            self.journal.moved(camera_id, folder)
        self.report.folders_known(owners | known)

    def _begin_removal(self, camera_id: str, name: str) -> None:
        kept = (clip for clip in self._to_picture if clip.camera_id != camera_id)
        self._to_picture = deque(kept)
        try:
            self.journal.flush(self.clock.now())  # Or its last gap would come after the folder.
        except StorageError as err:
            log.warning("gaps not written: %s", err)
        removal = Removal(self.layout, camera_id, name)
        if self.watch.problem is StorageProblem.MISSING:
            missing = replace(removal.removed, problem=StorageProblem.MISSING)
            self.report.recordings_deleted(missing)
            return
        removal.note()
        self._removals.append(_Removing(removal, removal.steps()))

    def _remove_on(self, purger: Purger) -> None:
        """Delete a few clips of a deleted camera; say so when it is done."""
        removal, steps = self._removals[0]
        before = removal.removed
        is_back = before.camera_id in {camera.id for camera in self._cameras}
        if is_back:
            removal.note(is_wanted=False)
        gone = None if is_back else next(steps, None)
        purger.freed(removal.removed.size_bytes - before.size_bytes)
        if gone:
            self.report.clips_deleted(gone)
        if gone is None:
            self._removals.popleft()
            self._folders_told = None
            self._tell_folders()
            self.report.recordings_deleted(removal.removed)

    def _look(self, guard: StorageGuard) -> StorageProblem | None:
        """What keeps clips from being written, once the last run's leftovers are clips."""
        problem = guard.check()
        if problem is None and not self._leftovers_done:
            # Before anything new is written: what is called `.part` now is from the last run.
            self._leftovers_done = True
            self._recover()
        return problem

    def _recover(self) -> None:
        """Make clips of what the last run left, and tell of today's; thumbnails can wait."""
        try:
            recovered = [found.clip for found in recover_parts(self.layout) if found.clip]
            for clip in recovered:
                self._describe(clip)
            today = clips_of_day(self.layout, day_of(self.clock.now()))
        except StorageError as err:
            log.warning("recordings not read: %s", err)
            return
        self.report.today_loaded(tuple(today))
        wanting = {clip.path: clip for clip in (*today, *recovered)}.values()
        self._to_picture.extend(clip for clip in wanting if not self._has_thumbnail(clip))

    def _describe(self, clip: Clip) -> None:
        log.warning("recovered %s", self.layout.relative(clip.path))
        try:
            write_sidecar(self.layout.sidecar_path(clip.path), clip)
        except StorageError as err:
            log.warning("no side-car for %s: %s", self.layout.relative(clip.path), err)

    def _has_thumbnail(self, clip: Clip) -> bool:
        return self.layout.thumbnail_path(clip.path).exists()

    def _recover_gaps(self) -> bool:
        """Journal what the last run left open; False where the disk does not take it now."""
        known = self.folders.known()
        folders = {c.id: known[c.id] for c in self._cameras if c.id in known}
        try:
            self.journal.recover(self._began_at, folders)
        except StorageError as err:
            log.warning("gaps not written: %s", err)
            return False
        return True

    def _followed(self, clip: Clip) -> Clip:
        """The clip where it lies now: its folder may have followed a new name of its camera."""
        folder = self.folders.known().get(clip.camera_id)
        if folder is None or clip.path.exists():
            return clip
        return replace(clip, path=self.layout.recorded_path(folder, clip.path))

    def _make_thumbnail(self, clip: Clip) -> None:
        try:
            clip = self._followed(clip)
            if not self._has_thumbnail(clip):
                jpeg = self._jpeg(clip)
                with self.folders.held():  # Decoding is not: every new clip waits for this.
                    clip = self._followed(clip)
                    write_whole(self.layout.thumbnail_path(clip.path), jpeg, sync=False)
        except (StreamError, StorageError, OSError) as err:
            log.warning("no thumbnail for %s: %s", self.layout.relative(clip.path), err)
        else:
            self.report.thumbnail_ready(clip)

    def _jpeg(self, clip: Clip) -> bytes:
        at_s = (clip.peak_at - clip.start_at).total_seconds() if clip.peak_at else None
        rotation = next((c.rotation for c in self._cameras if c.id == clip.camera_id), 0)
        try:
            return make_thumbnail(clip.path, at_s, rotation=rotation)
        except StreamError as err:
            if err.kind is not Problem.NOT_FOUND:
                raise
        # A clip that ends for a new name ends just before its folder moves: wait until it has.
        with self.folders.held():
            clip = self._followed(clip)
        return make_thumbnail(clip.path, at_s, rotation=rotation)

    def _purge_on(self, purged: Purged, purger: Purger, now: float) -> None:
        """Delete a part of what a person wants gone; say so when nothing is left of it."""
        purger.hurry(now)
        done = self._purge(purger, now)
        self._purged = purged.and_then(done)
        if not done.deleted:
            self._purged = replace(self._purged, waiting=purger.asks, problem=self.watch.problem)
            self._end_purge(cancelled=False)

    def _end_purge(self, *, cancelled: bool) -> None:
        if self._purged is not None:
            self.report.purged(replace(self._purged, cancelled=cancelled))
        self._purged = None

    def _purge(self, purger: Purger, now: float) -> PurgeReport:
        """Delete what has to go."""
        recorded = self.watch.take_recorded()
        self._recorded_bytes += recorded
        purger.recorded(recorded, now)
        if self.watch.problem not in (None, StorageProblem.FULL):
            # What lies there now is not the recordings' disk, or nothing can go.
            return PurgeReport()
        folders = self.folders.known()
        days = {
            folders[camera.id]: camera.retention_days
            for camera in self._cameras
            if camera.id in folders
        }
        try:
            done = purger.step(self.limits, days, self.clock.now(), now, self.in_use())
        except StorageError as err:
            log.warning("nothing deleted: %s", err)
            return PurgeReport()
        if done.deleted:
            log.info("deleted %d clips, %d bytes", len(done.deleted), done.freed_bytes)
            self.report.clips_deleted(done.deleted)
        for path in done.failed:
            log.warning("not deleted: %s", self.layout.relative(path))
        for ask in done.asks:
            self.report.asked(ask)
        return done

    def _beat(self) -> None:
        try:
            self.journal.heartbeat(self.clock.now())
        except StorageError as err:
            if self._beats:  # Once, not at every tick of a full disk.
                log.warning("gaps not written: %s", err)
            self._beats = False
        else:
            self._beats = True

    def _take_leave(self) -> None:
        """The last clips get their thumbnails as far as there is time; the next start does more."""
        end = self.clock.monotonic() + LEAVE_S
        orders = self.inbox.take_all()
        for order in orders:
            if isinstance(order, DeleteRecordings | DeleteRecordingsLater):
                Removal(self.layout, order.camera_id, order.name).note()
        last = [order.clip for order in orders if isinstance(order, TakeClip)]
        for clip in (*last, *self._to_picture):
            if self.clock.monotonic() < end:
                self._make_thumbnail(clip)
        try:
            self.journal.flush(self.clock.now())
        except StorageError as err:
            log.warning("gaps not written: %s", err)
