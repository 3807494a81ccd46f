"""The thread that reads the journals of gaps for the window."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QObject, Signal

from vms_desktop.core.base import Layout
from vms_desktop.core.library import Gap, open_gaps, read_gaps
from vms_desktop.workers import Worker, run_with_restart

IDLE_S = 3600.0
RESTART_S = 1.0


class GapReader(Worker[tuple[date, tuple[str, ...]]]):
    """Reads the gaps of a day, the one asked for last; starts with the first question.

    Signals:
        gaps_read: A day, and a dict of its `Gap`s by folder, each a tuple in order.
    """

    gaps_read = Signal(object, object)

    def __init__(self, layout: Layout, parent: QObject | None = None) -> None:
        super().__init__("gaps", parent)
        self._layout = layout

    def ask(self, day: date, folders: Sequence[str]) -> None:
        """Have the gaps of these cameras' folders read."""
        self.begin_with((day, tuple(folders)))

    def run(self) -> None:
        run_with_restart(self, self._work, RESTART_S)

    def _work(self) -> None:
        while not self.inbox.wait(IDLE_S):
            for day, folders in self.inbox.take_all()[-1:]:
                self._read(day, folders)

    def _read(self, day: date, folders: tuple[str, ...]) -> None:
        found: dict[str, tuple[Gap, ...]] = {}
        still_open = open_gaps(self._layout)
        for folder in folders:
            if self.inbox.stopped:
                return
            found[folder] = tuple(read_gaps(self._layout, folder, day, still_open.get(folder, ())))
        self.gaps_read.emit(day, found)
