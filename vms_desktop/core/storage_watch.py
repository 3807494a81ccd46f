"""What every writing thread knows of the disk, and how it asks for room on it."""

from collections.abc import Callable
from threading import Condition
from time import monotonic

from vms_desktop.core.base.errors import StorageProblem

ROOM_WAIT_S = 1.0
"""How long a thread that found the disk full waits for clips to be deleted, each time."""
HANGING_S = 5.0
"""A disk that is at one thing for longer hangs."""


def hangs(busy_since: float | None) -> bool:
    """Whether a disk hangs that is at something since that monotonic time; None for idle."""
    return busy_since is not None and monotonic() - busy_since > HANGING_S


class StorageWatch:
    """Filled by the thread that looks after the library, read by those that write.

    Attributes:
        ready: Whether the recordings folder was looked at; before, nothing is written.
        ask_for_room: Wakes the thread that deletes; set by it.
    """

    def __init__(self) -> None:
        self.ready = False
        self.ask_for_room: Callable[[], None] = lambda: None
        self._problem: StorageProblem | None = None
        self._looking_since: float | None = None
        self._changed = Condition()
        self._rounds = 0
        self._freed_round = 0
        self._recorded_bytes = 0

    @property
    def problem(self) -> StorageProblem | None:
        """What is wrong with the folder, None while clips can be written."""
        if hangs(self._looking_since):
            return StorageProblem.HANGING
        return self._problem

    def look(self, check: Callable[[], StorageProblem | None]) -> None:
        """Look at the folder; while that hangs, `problem` says so."""
        self._looking_since = monotonic()
        try:
            self._problem = check()
        finally:
            self._looking_since = None
        self.ready = True

    def make_room(self) -> bool:
        """Ask for room and wait a moment for it; False where nothing could be deleted."""
        with self._changed:
            before = self._rounds
            self.ask_for_room()
            self._changed.wait_for(lambda: self._rounds > before, ROOM_WAIT_S)
            return self._freed_round > before or self._rounds == before

    def made_room(self, freed: bool) -> None:
        """The oldest clips are gone, or none could go."""
        with self._changed:
            self._rounds += 1
            if freed:
                self._freed_round = self._rounds
            self._changed.notify_all()

    def recorded(self, size_bytes: int) -> None:
        """Bytes went into clips."""
        with self._changed:
            self._recorded_bytes += size_bytes

    def take_recorded(self) -> int:
        """Bytes that went into clips since the last call."""
        with self._changed:
            size_bytes, self._recorded_bytes = self._recorded_bytes, 0
        return size_bytes
