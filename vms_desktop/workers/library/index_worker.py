"""The thread that keeps the library's index, and the threads that ask it."""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QObject, Signal

from vms_desktop.core.base import Inbox, Layout
from vms_desktop.core.clips import Clip
from vms_desktop.core.config import CameraConfig
from vms_desktop.core.index import (
    CamerasChanged,
    ClipClosed,
    ClipIndex,
    IndexCommand,
    Indexer,
    IndexMissingError,
    IndexOrder,
    IndexReport,
    Maintenance,
    PathsChanged,
    Query,
    is_index_damage,
)
from vms_desktop.workers import Worker, run_with_restart

log = logging.getLogger(__name__)

RESTART_S = 10.0
IDLE_S = 3600.0
# Between two looks for an index that is not there yet: the first start makes it.
MISSING_S = 0.1
TROUBLE_S = 1.0
# Progress is told this often at most.
PROGRESS_S = 0.1


class IndexWorker(Worker[IndexOrder]):
    """Runs an `Indexer`, takes what happens to clips, and speaks for it in signals.

    Signals:
        library_changed: A frozenset of (folder, day): the clips there are not
            what they were.
        progress: A `Maintenance`, and how much of how much is done.
        maintained: A `MaintenanceResult`.
    """

    library_changed = Signal(object)
    progress = Signal(object, int, int)
    maintained = Signal(object)

    def __init__(
        self,
        make_indexer: Callable[[Inbox[IndexOrder], IndexReport], Indexer],
        parent: QObject | None = None,
    ) -> None:
        super().__init__("index", parent)
        self._told_at = float("-inf")
        self._told: Maintenance | None = None
        report = IndexReport(
            changed=self.library_changed.emit,
            progress=self._tell_progress,
            maintained=self.maintained.emit,
        )
        self._indexer = make_indexer(self.inbox, report)

    def take_clip(self, clip: Clip) -> None:
        """A clip was closed."""
        self.post(ClipClosed(clip))

    def take_paths(self, paths: tuple[Path, ...]) -> None:
        """Clips were deleted, archived, put back, described or pictured: look there.

        For a clip that has moved, both its old path and its new one.
        """
        self.post(PathsChanged(paths))

    def set_cameras(self, cameras: tuple[CameraConfig, ...]) -> None:
        """Cameras were added, renamed or turned."""
        self.post(CamerasChanged(cameras))

    def look_now(self) -> None:
        """Compare the whole tree with the index, without a word about it."""
        self.post(IndexCommand.SCAN)

    def maintain(self, kind: Maintenance) -> None:
        """Begin a piece of maintenance; `progress` and `maintained` tell of it."""
        self.post(kind)

    def cancel(self) -> None:
        """End the maintenance that is under way."""
        self.post(IndexCommand.CANCEL)

    def start_anew(self) -> None:
        """The index was found damaged."""
        self.post(IndexCommand.START_ANEW)

    def run(self) -> None:
        run_with_restart(self, self._indexer.run, RESTART_S, self._indexer.drop)

    def _tell_progress(self, kind: Maintenance, done: int, total: int) -> None:
        now = monotonic()
        is_last = 0 < total == done
        if is_last or kind is not self._told or now - self._told_at >= PROGRESS_S:
            self._told_at, self._told = now, kind
            self.progress.emit(kind, done, total)


class LibraryReader(Worker[tuple[int, str, Query]]):
    """Answers questions with a connection of its own, so that none waits for a scan.

    The newest question of a kind and channel wins: an older one that has not
    been answered yet never is. What takes long belongs to a reader of its own.

    Signals:
        answered: The number that `ask` gave, and the answer.
        damaged: The index cannot be read; a new one is wanted.
    """

    answered = Signal(int, object)
    damaged = Signal()

    def __init__(
        self, name: str, layout: Layout, numbers: Iterator[int], parent: QObject | None = None
    ) -> None:
        super().__init__(name, parent)
        self._layout = layout
        self._numbers = numbers
        self._troubled = False
        self._waiting: dict[tuple[type, str], tuple[int, Query]] = {}
        self._index: ClipIndex | None = None
        self._file: tuple[int, int] | None = None

    def ask(self, query: Query, channel: str = "") -> int:
        """Leave a question; the number under which it is answered.

        Whoever asks the same kind of question as somebody else uses a channel
        of his own.
        """
        number = next(self._numbers)
        self.post((number, channel, query))
        return number

    def run(self) -> None:
        run_with_restart(self, self._work, TROUBLE_S)
        self._close()

    def _work(self) -> None:
        while not self.inbox.wait(MISSING_S if self._waiting else IDLE_S):
            self._sort()
            while self._waiting and not self.inbox.stopped and self._is_open():
                self._answer()
                self._sort()

    def _sort(self) -> None:
        for number, channel, query in self.inbox.take_all():
            self._waiting[type(query), channel] = number, query

    def _answer(self) -> None:
        key = next(iter(self._waiting))
        number, query = self._waiting.pop(key)
        assert self._index is not None
        try:
            answer = query.answer(self._index, lambda: self._is_stale(key))
        except sqlite3.Error as err:
            # Asked once more, unless a newer question came meanwhile.
            self._waiting.setdefault(key, (number, query))
            self._trouble(err)
            return
        self._troubled = False
        if not self._is_stale(key):
            self.answered.emit(number, answer)

    def _trouble(self, err: sqlite3.Error) -> None:
        self._close()
        if not self._troubled:  # Once, not at every try.
            log.warning("index not read: %s", err)
            if is_index_damage(err):
                self.damaged.emit()
        self._troubled = True
        self.inbox.wait(TROUBLE_S)

    def _is_stale(self, key: tuple[type, str]) -> bool:
        self._sort()
        return key in self._waiting or self.inbox.stopped

    def _is_open(self) -> bool:
        """Opens the index that lies there now; False where there is none."""
        try:
            found = self._layout.index_file.stat()
            file = found.st_dev, found.st_ino
            if self._index is None or file != self._file:
                self._close()
                self._index, self._file = ClipIndex(self._layout.index_file, self._layout), file
        except (OSError, IndexMissingError):
            self._close()
        except sqlite3.Error as err:
            self._trouble(err)
        return self._index is not None

    def _close(self) -> None:
        if self._index:
            self._index.close()
        self._index = None
