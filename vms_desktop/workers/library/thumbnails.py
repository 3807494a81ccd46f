"""The thread that reads and scales thumbnails for the window."""

from collections.abc import Collection
from itertools import count
from pathlib import Path
from threading import Lock

from PySide6.QtCore import QObject, Signal

from vms_desktop.core.base import Size
from vms_desktop.core.media import read_thumbnail
from vms_desktop.workers import Worker, run_with_restart

IDLE_S = 3600.0
RESTART_S = 1.0


class ThumbnailReader(Worker[None]):
    """Reads what was asked for last before all others; starts with the first question.

    What is painted last is what the person looks at now. One thread serves every
    list: they read from the same disk.

    Signals:
        read: The number that `ask` gave, and the pixels as `read_thumbnail` gives
            them; None where there are none.
    """

    read = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__("thumbnails", parent)
        self._numbers = count(1)
        self._lock = Lock()
        self._wanted: dict[int, tuple[Path, Size]] = {}
        self._at_work = 0

    def ask(self, path: Path, room: Size) -> int:
        """Have a file read for a room, in device pixels; the number under which `read` answers."""
        number = next(self._numbers)
        with self._lock:
            self._wanted[number] = path, room
        self.begin_with(None)
        return number

    def withdraw(self, numbers: Collection[int]) -> None:
        """Leave out what nobody looks at any more; what is being read is answered all the same."""
        with self._lock:
            for number in numbers:
                self._wanted.pop(number, None)

    def run(self) -> None:
        run_with_restart(self, self._work, RESTART_S, self._tell_nothing)

    def _work(self) -> None:
        is_over = False
        while not is_over:
            while wanted := self._next():
                path, room = wanted
                self.read.emit(self._at_work, read_thumbnail(path, room))
            is_over = self.inbox.wait(IDLE_S)
            self.inbox.take_all()

    def _next(self) -> tuple[Path, Size] | None:
        with self._lock:
            if self.inbox.stopped or not self._wanted:
                return None
            self._at_work, wanted = self._wanted.popitem()
        return wanted

    def _tell_nothing(self) -> None:
        self.read.emit(self._at_work, None)
