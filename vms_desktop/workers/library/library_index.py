"""The library's index for the window: one object for its threads."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from vms_desktop.core.base import Clock, Layout
from vms_desktop.core.index import AreaQuery, HeatQuery, Indexer, LocateQuery, Query
from vms_desktop.workers import join_all
from vms_desktop.workers.library.index_worker import IndexWorker, LibraryReader

_LONG = (AreaQuery, HeatQuery, LocateQuery)


class LibraryIndex(QObject):
    """Owns the indexer's thread and two readers, one for what takes long; lives in the GUI thread.

    Attributes:
        indexer: Takes what happens to clips, and maintenance.

    Signals:
        answered: The number that `ask` gave, and the answer.
    """

    answered = Signal(int, object)

    def __init__(
        self,
        layout: Layout,
        clock: Clock,
        held: Callable[[], AbstractContextManager[None]],
        in_use: Callable[[], frozenset[Path]] = frozenset,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.indexer = IndexWorker(
            lambda inbox, report: Indexer(layout, clock, inbox, report, held, in_use)
        )
        self._quick = LibraryReader("library-reader", layout, count(1, 2))
        self._search = LibraryReader("library-search", layout, count(2, 2))
        self._threads = self.indexer, self._quick, self._search
        for reader in (self._quick, self._search):
            reader.answered.connect(self.answered)
            reader.damaged.connect(self.indexer.start_anew)

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def ask(self, query: Query, channel: str = "") -> int:
        """Ask (see `LibraryReader.ask`); numbers are unique among both readers."""
        reader = self._search if isinstance(query, _LONG) else self._quick
        return reader.ask(query, channel)

    def stop(self, deadline: float) -> bool:
        """End the threads by a monotonic time; False where one hangs in the system."""
        for thread in self._threads:
            thread.stop()
        return join_all(self._threads, deadline)
