"""The chores that keep the library in order, and the walk through them.

A chore is a small object that says whether it is due and does a little of its work at a time;
time is passed in. Those that delete recordings stand in `deletions`.
"""

import logging
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from vms_desktop.core.base import (
    Clock,
    Layout,
    Problem,
    StorageError,
    StorageProblem,
    StreamError,
    day_of,
    write_whole,
)
from vms_desktop.core.clips import CameraFolders, Clip, read_folder_owners
from vms_desktop.core.config import CameraConfig
from vms_desktop.core.library.gaps import GapJournal
from vms_desktop.core.library.storage_guard import StorageGuard, StorageWatch, refusals_logged
from vms_desktop.core.library.system_load import Machine, MachineLoad
from vms_desktop.core.library.tree import clips_of_day, recover_parts
from vms_desktop.core.media import make_thumbnail

log = logging.getLogger(__name__)

# Seconds that a chore rests after a bug; the others go on.
BUG_REST_S = 10.0


class Chore(Protocol):
    """A part of the upkeep, done a little at a time by one background thread."""

    def due(self, now: float) -> bool:
        """True if there is something to do; looks at no disk."""

    def step(self, now: float) -> None:
        """Do a part of it that ends soon."""


@contextmanager
def surviving(what: str) -> Iterator[None]:
    """Tell a bug in the log, and let the rest go on."""
    try:
        yield
    except Exception:  # the top of a chore: the others look at the disk and make room on it
        log.critical("%s crashed", what, exc_info=True)


class Walk:
    """Goes through chores round by round.

    Args:
        prompt: Each of them that is due has its step in every round.
        patient: One of them has, the first that is due: a step may take a second, and no two
            shall stand between two looks at the disk.
        around: Entered for each step.
    """

    def __init__(
        self,
        prompt: Sequence[Chore],
        patient: Sequence[Chore],
        around: AbstractContextManager[None] | None = None,
    ) -> None:
        self._prompt = prompt
        self._patient = patient
        self._around = around or nullcontext()
        self._rests_until: dict[Chore, float] = {}

    def round(self, now: float) -> None:
        """Have the chores do what is due."""
        for chore in self._prompt:
            if self._is_due(chore, now):
                self._step(chore, now)
        if patient := next((each for each in self._patient if self._is_due(each, now)), None):
            self._step(patient, now)

    def is_busy(self, now: float) -> bool:
        """True if the next round has something to do."""
        return any(self._is_due(chore, now) for chore in (*self._prompt, *self._patient))

    def _is_due(self, chore: Chore, now: float) -> bool:
        return now >= self._rests_until.get(chore, now) and chore.due(now)

    def _step(self, chore: Chore, now: float) -> None:
        self._rests_until[chore] = now + BUG_REST_S
        with self._around, surviving(type(chore).__name__):
            chore.step(now)
            del self._rests_until[chore]


@dataclass(slots=True, eq=False, kw_only=True)
class Regular(ABC):
    """A chore that is due at once, and again so many seconds after its last step began."""

    every_s: float
    _begun_at: float = float("-inf")

    def due(self, now: float) -> bool:
        return now - self._begun_at >= self.every_s

    def step(self, now: float) -> None:
        self._begun_at = now
        self.work(now)

    @abstractmethod
    def work(self, now: float) -> None:
        """Do what is due."""

    def hurry(self) -> None:
        """Be due at once again."""
        self._begun_at = float("-inf")


@dataclass(slots=True, eq=False)
class DiskLook(Regular):
    """Looks at the recordings folder, so that those who write know whether they can.

    Args:
        mark: The folder's id as the settings remember it.
        recover: Called within the first look that finds the folder well: what is called
            `.part` then is from the last run, since nothing new is written before.
        marked: Told another id of the folder.
    """

    guard: StorageGuard
    watch: StorageWatch
    mark: str
    recover: Callable[[], None]
    marked: Callable[[str], None]
    _recovered: bool = False

    def work(self, _now: float) -> None:
        before = self.watch.problem if self.watch.ready else None
        self.watch.look(self._look)
        if (problem := self.watch.problem) != before:
            log.warning("recordings folder: %s", problem or "can be written again")
        if self.guard.mark != self.mark:
            self.mark = self.guard.mark
            self.marked(self.mark)

    def adopt(self) -> None:
        """Take the folder as it is, and look at it in this very round."""
        with refusals_logged(log, "recordings folder not taken: %s"):
            self.guard.adopt()
        self.hurry()

    def _look(self) -> StorageProblem | None:
        problem = self.guard.check()
        if problem is None and not self._recovered:
            self._recovered = True
            with surviving("recovery"):  # Nothing is recorded before this look has ended.
                self.recover()
        return problem


@dataclass(slots=True, eq=False)
class CameraClaims(Regular):
    """Gives every camera its folder, and tells whose the folders are.

    Args:
        shared: Told the name of a camera if that name's folder is another's, and the one it has.
        known: Told the folders by camera id, those of deleted cameras too.

    Attributes:
        cameras: Those in the file, in its order; None until they are known.
        unread: Ids of those that the file has too, and that cannot be taken.
        complete: Whether every camera has had its folder once.
    """

    layout: Layout
    folders: CameraFolders
    journal: GapJournal
    watch: StorageWatch
    shared: Callable[[str, str], None]
    known: Callable[[Mapping[str, str]], None]
    cameras: tuple[CameraConfig, ...] | None = None
    unread: frozenset[str] = frozenset()
    complete: bool = False
    _busy: frozenset[str] = frozenset()
    _told: Mapping[str, str] | None = None

    def take(
        self, cameras: tuple[CameraConfig, ...], busy: frozenset[str], unread: frozenset[str]
    ) -> None:
        """These are configured now; the folders of those that are `busy` do not move."""
        self.folders.forget(self.ids() - {camera.id for camera in cameras})
        self.cameras, self._busy, self.unread = cameras, busy, unread
        self.hurry()

    def ids(self) -> frozenset[str]:
        """The configured cameras."""
        return frozenset(camera.id for camera in self.cameras or ())

    def claimed(self) -> list[tuple[CameraConfig, str]]:
        """The configured cameras that have a folder, with it."""
        known = self.folders.known()
        return [(each, known[each.id]) for each in self.cameras or () if each.id in known]

    def due(self, now: float) -> bool:
        can = self.cameras is not None and self.watch.ready and self.watch.problem is None
        return can and Regular.due(self, now)

    def work(self, _now: float) -> None:
        self.complete = self._claim_all() or self.complete
        self.tell()

    def tell(self, *, anew: bool = False) -> None:
        """Say whose the folders are where one has changed; `anew` where one has gone."""
        known = self.folders.known()
        if known == self._told and not anew:
            return
        with refusals_logged(log, "folders not read: %s"):
            owners = {owner.id: folder for folder, owner in read_folder_owners(self.layout).items()}
            self._told = known
            for camera_id, folder in known.items():  # A gap may be older than its camera's folder.
                self.journal.moved(camera_id, folder)
            self.known(owners | known)

    def _claim_all(self) -> bool:
        """Claim in the file's order: who comes first keeps its name. False on a failing disk."""
        known = self.folders.known()
        for camera in self.cameras or ():
            if camera.id in known and (camera.id in self._busy or self.folders.has(camera)):
                continue
            try:
                claim = self.folders.claim(camera)
            except StorageError as err:
                log.warning("%s: no folder: %s", camera.name, err)
                return False
            if claim.shared:
                self.shared(camera.name, claim.folder)
        return True


@dataclass(slots=True, eq=False)
class GapRecovery(Regular):
    """Journals once what the last run left open, as soon as the cameras have their folders.

    Attributes:
        cut_off: When the clip ends that was being written then, by camera id.
    """

    journal: GapJournal
    claims: CameraClaims
    began_at: datetime
    cut_off: dict[str, datetime] = field(default_factory=dict)
    _done: bool = False

    def due(self, now: float) -> bool:
        return not self._done and self.claims.complete and Regular.due(self, now)

    def work(self, _now: float) -> None:
        folders = {camera.id: folder for camera, folder in self.claims.claimed()}
        with refusals_logged(log, "gaps not written: %s"):  # It may take them later.
            self.journal.recover(self.began_at, folders, self.cut_off)
            self._done = True


@dataclass(slots=True, eq=False)
class Heartbeat(Regular):
    """Writes that the program runs, and the gaps that are over."""

    journal: GapJournal
    clock: Clock
    _beats: bool = True

    def work(self, _now: float) -> None:
        try:
            self.journal.heartbeat(self.clock.now())
        except StorageError as err:
            if self._beats:  # Once, not at every tick of a full disk.
                log.warning("gaps not written: %s", err)
            self._beats = False
        else:
            self._beats = True

    def flush(self) -> None:
        """Write everything now."""
        with refusals_logged(log, "gaps not written: %s"):
            self.journal.flush(self.clock.now())


@dataclass(slots=True, eq=False)
class JournalRepair:
    """Makes journals that an earlier version has blown up small, portion by portion."""

    portions: Iterator[bool]
    _goes_on: bool = True

    def due(self, _now: float) -> bool:
        return self._goes_on

    def step(self, _now: float) -> None:
        self._goes_on = next(self.portions, False)


@dataclass(slots=True, eq=False)
class Thumbnails:
    """Makes the thumbnails that clips lack, the newest clip's first.

    Args:
        ready: Told a clip that has its thumbnail now, where it lies now.
    """

    layout: Layout
    folders: CameraFolders
    claims: CameraClaims
    ready: Callable[[Clip], None]
    _clips: deque[Clip] = field(default_factory=deque)

    def take(self, clip: Clip) -> None:
        """A clip is whole."""
        self._clips.appendleft(clip)

    def recover(self, clips: Iterable[Clip]) -> None:
        """These were found; those that lack a thumbnail get one after all others."""
        self._clips.extend(clip for clip in clips if not self._has_one(clip))

    def drop(self, camera_id: str) -> None:
        """A camera's clips are about to go."""
        self._clips = deque(clip for clip in self._clips if clip.camera_id != camera_id)

    def due(self, _now: float) -> bool:
        # A camera tells how it is turned.
        return self.claims.cameras is not None and bool(self._clips)

    def step(self, _now: float) -> None:
        self._make(self._clips.popleft())

    def finish(self, has_time: Callable[[], bool]) -> None:
        """Make what is left as far as there is time; the next start does more."""
        while self._clips and has_time():
            self._make(self._clips.popleft())

    def _make(self, clip: Clip) -> None:
        try:
            clip = self._followed(clip)
            if not self._has_one(clip):
                jpeg = self._jpeg(clip)
                with self.folders.held():  # Decoding is not: every new clip waits for this.
                    clip = self._followed(clip)
                    write_whole(self.layout.thumbnail_path(clip.path), jpeg, sync=False)
        except (StreamError, StorageError, OSError) as err:
            log.warning("no thumbnail for %s: %s", self.layout.relative(clip.path), err)
        else:
            self.ready(clip)

    def _jpeg(self, clip: Clip) -> bytes:
        at_s = (clip.peak_at - clip.start_at).total_seconds() if clip.peak_at else None
        cameras = self.claims.cameras or ()
        rotation = next((each.rotation for each in cameras if each.id == clip.camera_id), 0)
        try:
            return make_thumbnail(clip.path, at_s, rotation=rotation)
        except StreamError as err:
            if err.kind is not Problem.NOT_FOUND:
                raise
        # A clip that ends for a new name ends just before its folder moves: wait until it has.
        with self.folders.held():
            clip = self._followed(clip)
        return make_thumbnail(clip.path, at_s, rotation=rotation)

    def _has_one(self, clip: Clip) -> bool:
        return self.layout.thumbnail_path(clip.path).exists()

    def _followed(self, clip: Clip) -> Clip:
        """The clip where it lies now: its folder may have followed a new name of its camera."""
        folder = self.folders.known().get(clip.camera_id)
        if folder is None or clip.path.exists():
            return clip
        return replace(clip, path=self.layout.recorded_path(folder, clip.path))


@dataclass(slots=True, eq=False)
class LoadMeter(Regular):
    """Tells what the program takes of the machine.

    Args:
        began: Since when `watch` counts what is recorded, in monotonic time.
    """

    machine: Machine
    watch: StorageWatch
    began: float
    changed: Callable[[MachineLoad], None]

    def work(self, now: float) -> None:
        self.changed(self.machine.load(self.watch.recorded_bytes, now - self.began))


def recover_last_run(
    layout: Layout,
    clock: Clock,
    today_loaded: Callable[[tuple[Clip, ...]], None],
    cut_off: dict[str, datetime],
    found: Callable[[Iterable[Clip]], None],
) -> None:
    """Make clips of what the last run left; tell of today's, and last of all that were found.

    Args:
        cut_off: Takes when the newest clip ends of each camera of which one was left.
    """
    with refusals_logged(log, "recordings not read: %s"):
        recovered = recover_parts(layout)
        for clip in recovered:
            log.warning("recovered %s", layout.relative(clip.path))
        today = clips_of_day(layout, day_of(clock.now()))
        today_loaded(tuple(today))
        left = {clip.camera_id for clip in recovered}
        for clip in (each for each in (*recovered, *today) if each.camera_id in left):
            cut_off[clip.camera_id] = max(clip.end_at, cut_off.get(clip.camera_id, clip.end_at))
        found({clip.path: clip for clip in (*today, *recovered)}.values())
