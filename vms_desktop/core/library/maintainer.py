"""Looks after the library in the background: storage, leftovers, thumbnails, gaps, purging."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from pathlib import Path

from vms_desktop.core.base import Clock, Inbox, Layout
from vms_desktop.core.clips import CameraFolders, Clip
from vms_desktop.core.config import CameraConfig, Settings
from vms_desktop.core.library.chores import (
    CameraClaims,
    DiskLook,
    GapRecovery,
    Heartbeat,
    JournalRepair,
    LoadMeter,
    Thumbnails,
    Walk,
    recover_last_run,
    surviving,
)
from vms_desktop.core.library.deletions import Purging, Removing, WantedPurge
from vms_desktop.core.library.gap_repair import shrink_journals
from vms_desktop.core.library.gaps import GapJournal
from vms_desktop.core.library.leftovers import Leftovers
from vms_desktop.core.library.purger import Purger, PurgeResult
from vms_desktop.core.library.removal import RemovalResult
from vms_desktop.core.library.retention import PurgeQuestion
from vms_desktop.core.library.storage_guard import StorageGuard, StorageWatch
from vms_desktop.core.library.system_load import Machine, MachineLoad

# Seconds between two rounds while nothing is to be done.
TICK_S = 2.0
# Seconds between two looks at the disk, two claims of folders, two purges.
CHECK_S = 5.0
# Seconds that closing the program gives to the last thumbnails.
LEAVE_S = 0.5


@dataclass(frozen=True, slots=True)
class CamerasConfigured:
    """These cameras are configured now, in the file's order.

    `busy` are those (ids) that have threads: their folders follow a new name
    when these let go of the clip that is open there. `unread` are those (ids)
    that the file has too, and that cannot be taken.
    """

    cameras: tuple[CameraConfig, ...]
    busy: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ClipRecorded:
    """A clip is whole and wants its thumbnail."""

    clip: Clip


@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    """A person has answered a question."""

    ask: PurgeQuestion
    yes: bool


@dataclass(frozen=True, slots=True)
class DeleteRecordings:
    """A deleted camera's recordings go too; none of its threads is left.

    `at_once` is false where this run ends: the next start does it.
    """

    camera_id: str
    name: str
    at_once: bool = True


@dataclass(frozen=True, slots=True)
class BytesFreed:
    """A person has deleted or archived clips; fewer than 0 bytes where some were put back."""

    size_bytes: int


class MaintainerCommand(Enum):
    """An order that says nothing more."""

    # A writer found the disk full.
    MAKE_ROOM = auto()
    # A person says that the recordings folder is the right one as it is.
    ADOPT_FOLDER = auto()
    # A person wants what is due deleted now, or no more of it.
    PURGE = auto()
    CANCEL_PURGE = auto()


MaintainerOrder = (
    CamerasConfigured
    | ClipRecorded
    | QuestionAnswered
    | DeleteRecordings
    | BytesFreed
    | MaintainerCommand
)


def _journal_repair(layout: Layout, folders: CameraFolders, journal: GapJournal) -> JournalRepair:
    """What it writes it does while no folder moves and nobody else writes a journal."""

    @contextmanager
    def held() -> Iterator[None]:
        with folders.held(), journal.held():
            yield

    return JournalRepair(shrink_journals(layout, held))


@dataclass(frozen=True, slots=True)
class MaintainerReport:
    """Those whom the maintainer tells what it found, from its own thread."""

    today_loaded: Callable[[tuple[Clip, ...]], None]
    thumbnail_ready: Callable[[Clip], None]
    clips_deleted: Callable[[tuple[Path, ...]], None]
    asked: Callable[[PurgeQuestion], None]
    machine_changed: Callable[[MachineLoad], None]
    folder_shared: Callable[[str, str], None]
    marked: Callable[[str], None]
    folders_known: Callable[[Mapping[str, str]], None]
    recordings_deleted: Callable[[RemovalResult], None]
    purged: Callable[[PurgeResult], None]


class LibraryMaintainer:
    """Hands a person's and the cameras' orders to the chores, and walks through these.

    Runs in one background thread; everything but `inbox` belongs to it. A disk that hangs
    stops this thread alone: `watch` then says so. A bug in one chore stops no other.

    Args:
        in_use: The clips that are played, which stay for now.
    """

    def __init__(
        self,
        layout: Layout,
        clock: Clock,
        settings: Settings,
        watch: StorageWatch,
        folders: CameraFolders,
        journal: GapJournal,
        inbox: Inbox[MaintainerOrder],
        report: MaintainerReport,
        in_use: Callable[[], frozenset[Path]] = frozenset,
    ) -> None:
        self._inbox, self._clock, self._calls = inbox, clock, watch.chores
        began, mark = clock.monotonic(), settings.recordings_mark
        tell_shared, tell_known = report.folder_shared, report.folders_known
        claims = CameraClaims(
            layout, folders, journal, watch, tell_shared, tell_known, every_s=CHECK_S
        )
        pictures = Thumbnails(layout, folders, claims, report.thumbnail_ready)
        gaps = GapRecovery(journal, claims, clock.now(), every_s=CHECK_S)
        recover = partial(
            recover_last_run, layout, clock, report.today_loaded, gaps.cut_off, pictures.recover
        )
        repair = _journal_repair(layout, folders, journal)
        leftovers = Leftovers(layout, watch, every_s=TICK_S)
        machine = Machine(layout.recordings)
        load = LoadMeter(machine, watch, began, report.machine_changed, every_s=TICK_S)
        self._claims, self._thumbnails = claims, pictures
        guard = StorageGuard(layout, mark)
        self._look = DiskLook(guard, watch, mark, recover, report.marked, every_s=CHECK_S)
        self._heartbeat = Heartbeat(journal, clock, every_s=TICK_S)
        self._purging = Purging(
            clock,
            settings,
            Purger(layout, began),
            watch,
            claims,
            in_use,
            report.clips_deleted,
            report.asked,
            every_s=CHECK_S,
        )
        self._wanted = WantedPurge(self._purging, report.purged)
        self._removing = Removing(layout, self._purging, self._heartbeat, report.recordings_deleted)
        self._walk = Walk(
            prompt=(self._look, claims, gaps, self._purging, self._heartbeat, repair, load),
            patient=(self._wanted, self._removing, leftovers, pictures),
            around=self._calls,
        )
        watch.ask_for_room = lambda: inbox.post(MaintainerCommand.MAKE_ROOM)

    def run(self) -> None:
        """Work until the inbox is stopped."""
        while not self._inbox.stopped:
            now = self._clock.monotonic()
            for order in self._inbox.take_all():
                with self._calls, surviving(type(order).__name__):
                    self._handle(order, now)
            self._walk.round(now)
            self._inbox.wait(0 if self._walk.is_busy(now) else TICK_S)
        self._take_leave()

    def _handle(self, order: MaintainerOrder, now: float) -> None:
        match order:
            case CamerasConfigured(cameras, busy, unread):
                self._claims.take(cameras, busy, unread)
            case ClipRecorded(clip):
                self._thumbnails.take(clip)
            case QuestionAnswered(ask, yes):
                self._purging.answer(ask, yes, now)
            case DeleteRecordings(camera_id, name, at_once=False):
                self._removing.note(camera_id, name)
            case DeleteRecordings(camera_id, name):
                self._thumbnails.drop(camera_id)
                self._removing.begin(camera_id, name)
            case BytesFreed(size_bytes):
                self._purging.purger.freed(size_bytes)
            case MaintainerCommand():
                self._obey(order, now)

    def _obey(self, command: MaintainerCommand, now: float) -> None:
        match command:
            case MaintainerCommand.MAKE_ROOM:
                self._purging.make_room(now)
            case MaintainerCommand.ADOPT_FOLDER:
                self._look.adopt()
            case MaintainerCommand.PURGE:
                self._wanted.begin()
            case MaintainerCommand.CANCEL_PURGE:
                self._wanted.cancel()

    def _take_leave(self) -> None:
        """Note what the next start shall do, and make the last thumbnails while there is time."""
        end = self._clock.monotonic() + LEAVE_S
        for order in self._inbox.take_all():
            match order:
                case DeleteRecordings(camera_id, name):
                    self._removing.note(camera_id, name)
                case ClipRecorded(clip):
                    self._thumbnails.take(clip)
        with surviving("Thumbnails"):
            self._thumbnails.finish(lambda: self._clock.monotonic() < end)
        self._heartbeat.flush()
