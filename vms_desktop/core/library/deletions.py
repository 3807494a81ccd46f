"""The chores that delete recordings: for room and age, at a person's word, with their camera."""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from vms_desktop.core.base import Clock, Layout, StorageError, StorageProblem
from vms_desktop.core.config import Settings
from vms_desktop.core.library.chores import CameraClaims, Heartbeat, Regular
from vms_desktop.core.library.purger import Purger, PurgeResult
from vms_desktop.core.library.removal import Removal, RemovalResult, left_removals
from vms_desktop.core.library.retention import DeleteResult, PurgeQuestion
from vms_desktop.core.library.storage_guard import StorageWatch, refusals_logged

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Purging(Regular):
    """Keeps the recordings within their limits, and makes room for a writer that has none.

    Args:
        in_use: The clips that are played, which stay for now.
        deleted: Told the clips that are gone.
    """

    clock: Clock
    settings: Settings
    purger: Purger
    watch: StorageWatch
    claims: CameraClaims
    in_use: Callable[[], frozenset[Path]]
    deleted: Callable[[tuple[Path, ...]], None]
    asked: Callable[[PurgeQuestion], None]

    def work(self, now: float) -> None:
        self.purge(now)

    def make_room(self, now: float) -> None:
        """A writer waits for it."""
        self.watch.made_room(bool(self.purge(now).deleted))

    def answer(self, ask: PurgeQuestion, yes: bool, now: float) -> None:
        """A person has answered."""
        self.purger.answer(ask, yes, now)
        self.purge(now)

    def purge(self, now: float) -> DeleteResult:
        """Delete what has to go, and tell of it."""
        self.purger.recorded(self.watch.take_recorded(), now)
        if self.watch.problem not in (None, StorageProblem.FULL):
            # What lies there now is not the recordings' disk, or nothing can go.
            return DeleteResult()
        days = {folder: camera.retention_days for camera, folder in self.claims.claimed()}
        try:
            done = self.purger.step(self.settings, days, self.clock.now(), now, self.in_use())
        except StorageError as err:
            log.warning("nothing deleted: %s", err)
            return DeleteResult()
        if done.deleted:
            log.info("deleted %d clips, %d bytes", len(done.deleted), done.freed_bytes)
            self.deleted(done.deleted)
        for ask in done.asks:
            self.asked(ask)
        return done


@dataclass(slots=True, eq=False)
class WantedPurge:
    """Deletes all that is due, since a person wants it now; one part after the other.

    Args:
        purged: Told what became of it, once nothing is left.
    """

    purging: Purging
    purged: Callable[[PurgeResult], None]
    _so_far: PurgeResult | None = None

    def begin(self) -> None:
        """A person asks; what was asked for before is over."""
        self.cancel()
        self._so_far = PurgeResult()

    def cancel(self) -> None:
        """A person wants no more of it."""
        if self._so_far is not None:
            self._end(replace(self._so_far, cancelled=True))

    def due(self, _now: float) -> bool:
        return self._so_far is not None

    def step(self, now: float) -> None:
        purger = self.purging.purger
        purger.hurry(now)
        done = self.purging.purge(now)
        self._so_far = (self._so_far or PurgeResult()).and_then(done)
        if not done.deleted:
            problem = self.purging.watch.problem
            self._end(replace(self._so_far, waiting=purger.asks, problem=problem))

    def _end(self, told: PurgeResult) -> None:
        self._so_far = None
        self.purged(told)


@dataclass(slots=True, eq=False)
class Removing:
    """Deletes the recordings of deleted cameras, those too that the last run did not get to.

    Args:
        removed: Told what became of a camera's recordings.
    """

    layout: Layout
    purging: Purging
    heartbeat: Heartbeat
    removed: Callable[[RemovalResult], None]
    _under_way: deque[Removal] = field(default_factory=deque)
    _read: bool = False

    def begin(self, camera_id: str, name: str) -> None:
        """A camera's recordings are to go; none of its threads is left."""
        self.heartbeat.flush()  # Or its last gap would come after the folder.
        removal = Removal(self.layout, camera_id, name)
        if self.purging.watch.problem is StorageProblem.MISSING:
            self.removed(replace(removal.removed, problem=StorageProblem.MISSING))
            return
        removal.note()
        self._under_way.append(removal)

    def note(self, camera_id: str, name: str) -> None:
        """They are to go at the next start: this run ends."""
        Removal(self.layout, camera_id, name).note()

    def due(self, _now: float) -> bool:
        return bool(self._under_way) or (self.purging.claims.complete and not self._read)

    def step(self, _now: float) -> None:
        if self.purging.claims.complete and not self._read:
            self._read = True
            self._go_on()
        if self._under_way:
            self._delete_some(self._under_way[0])

    def _go_on(self) -> None:
        """Delete what the last run left."""
        under_way = {removal.removed.camera_id for removal in self._under_way}
        kept = self.purging.claims.unread | self.purging.claims.ids() | under_way
        with refusals_logged(log, "folders not read: %s"):
            for removal in left_removals(self.layout, kept):
                log.info("%s: its recordings go on being deleted", removal.removed.name)
                self._under_way.append(removal)

    def _delete_some(self, removal: Removal) -> None:
        """Delete a few clips of a deleted camera; say so when it is done."""
        before = removal.removed
        is_back = before.camera_id in self.purging.claims.ids()
        if is_back:
            removal.note(is_wanted=False)
        gone = None if is_back else next(removal.steps, None)
        self.purging.purger.freed(removal.removed.size_bytes - before.size_bytes)
        if gone:
            self.purging.deleted(gone)
        if gone is None:
            self._under_way.popleft()
            self.purging.claims.tell(anew=True)
            self.removed(removal.removed)
