"""The thread that counts what the cameras' clips take on the disk."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QObject, Signal

from vms_desktop.core.base import Layout
from vms_desktop.core.library import DiskUseCount
from vms_desktop.workers import Worker, run_with_restart

WORK_S = 0.002
# Half a million clips take half a minute so, and the live pictures do not notice.
REST_S = 0.010
# Files may be copied and deleted behind the program's back: count anew after this.
STALE_S = 3600.0
NEVER_S = 1e6
# The list shows the sizes known so far; nothing else depends on this thread.
RESTART_S = 60.0


@dataclass(frozen=True, slots=True)
class _Count:
    pass


@dataclass(frozen=True, slots=True)
class _Recount:
    clips: tuple[Path, ...]


_Order = _Count | _Recount


class DiskUseWorker(Worker[_Order]):
    """Counts slowly once it is asked to, and keeps the result current.

    Signals:
        counted: `DiskUse` by camera id, as far as it is known; a dict of its own each time.
    """

    counted = Signal(object)

    def __init__(self, layout: Layout, parent: QObject | None = None) -> None:
        super().__init__("disk-use", parent)
        self._count = DiskUseCount(layout)
        self._folders: Mapping[str, str] = {}
        self._counts_since: float | None = None

    def take_folders(self, folders: Mapping[str, str]) -> None:
        """Tell which folder each camera has (by id) from now on."""
        self._folders = folders
        self.recount(())

    def count(self) -> None:
        """Count what is not known, and everything where that was long ago."""
        self.begin_with(_Count())

    def recount(self, clips: Iterable[Path]) -> None:
        """Tell of clips that have come or gone; nothing before the first `count()`."""
        if self.isRunning():
            self.post(_Recount(tuple(clips)))

    def run(self) -> None:
        run_with_restart(self, self._work, RESTART_S)

    def _work(self) -> None:
        while not self.inbox.stopped:
            self._handle()
            if not self._count_next():
                self.inbox.wait(NEVER_S)

    def _handle(self) -> None:
        self._count.folders = self._folders
        is_news = False
        while (order := self.inbox.take()) is not None:  # One by one: a bug costs one of them.
            match order:
                case _Count():
                    self._begin()
                case _Recount(clips):
                    self._count.recount(clips)
            is_news = True
        if is_news:
            self.counted.emit(self._count.result())

    def _begin(self) -> None:
        now = monotonic()
        if self._counts_since is None or now - self._counts_since > STALE_S:
            self._count.begin_anew()
            self._counts_since = now

    def _count_next(self) -> bool:
        """Count one camera; False where none is left.

        Orders wait until it is done: what came or went meanwhile is counted then.
        """
        uncounted = self._count.uncounted()
        if not uncounted or self.inbox.stopped:
            return False
        began = monotonic()
        for _ in self._count.count(uncounted[0]):
            if monotonic() - began > WORK_S:
                if self.inbox.rest(REST_S):
                    return False
                began = monotonic()
        self.counted.emit(self._count.result())
        return True
