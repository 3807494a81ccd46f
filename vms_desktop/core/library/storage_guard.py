"""Looks at the recordings folder, and what the threads that write know of it."""

import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Condition
from uuid import uuid4

from vms_desktop.core.base import (
    DiskCalls,
    Layout,
    Pulse,
    StorageError,
    StorageProblem,
    load_json,
    make_private,
    set_mode,
    storage_error,
    write_whole,
)

log = logging.getLogger(__name__)

# One block: a full disk still takes the name of an empty file.
PROBE_BYTES = 4096
# A step of a chore that lasts through more beats hangs: meanwhile nobody looks at the disk nor
# makes room. Less is a long list on a slow disk.
CHORE_BEATS = 30
# Seconds that a thread which found the disk full waits for clips to be deleted, each time.
ROOM_WAIT_S = 1.0


def probe_folder(folder: Path) -> None:
    """Write a small file into a folder and delete it; OSError where it cannot be written."""
    probe = folder / ".probe"
    try:
        probe.touch(mode=0o600)
        set_mode(probe, 0o600)  # Tells where the clips beside it are open to others.
        probe.write_bytes(bytes(PROBE_BYTES))
    finally:
        with suppress(OSError):  # Somebody looks at it, a virus scanner say: the next one goes.
            probe.unlink(missing_ok=True)


class StorageGuard:
    """Knows whether clips can be written into the recordings folder.

    The folder carries a mark, a file with an id that the settings remember: a
    folder without the mark that was remembered is a mount point whose disk is
    not there, and nothing is written into it. A folder never marked (the web
    version's) is adopted and marked.

    Belongs to one background thread that calls `check()` every few seconds. A
    hanging disk keeps `check()` from returning: whoever calls it watches that
    time and says `HANGING`.

    Attributes:
        mark: The id to remember in the settings; empty until the first
            successful `check()` of a folder never marked.
    """

    def __init__(
        self, layout: Layout, mark: str, probe: Callable[[Path], None] = probe_folder
    ) -> None:
        self.mark = mark
        self._layout = layout
        self._probe = probe
        self._checked = False

    def check(self) -> StorageProblem | None:
        """The problem that keeps clips from being written at the moment; None if there is none."""
        try:
            if not self._is_there():
                return StorageProblem.MISSING
            self._probe(self._layout.recordings)
        except OSError as err:
            return storage_error(err).kind
        except StorageError as err:
            return err.kind
        return None

    def adopt(self) -> None:
        """Take the folder as it is, marked or not: a person said that it is the right one.

        Raises:
            StorageError: It cannot be created or marked.
        """
        make_private(self._layout.recordings)
        found = self._mark_found()
        mark = found or self.mark or uuid4().hex
        if not found:
            write_whole(self._layout.recordings_mark, json.dumps({"id": mark}).encode())
        self.mark = mark

    def _is_there(self) -> bool:
        if not self.mark or self._was_deleted():
            # Never with its parents: they would be made on the disk below a missing mount.
            self._layout.recordings.mkdir(mode=0o700, exist_ok=True)
            self.adopt()
        self._checked = True
        return self._mark_found() == self.mark

    def _was_deleted(self) -> bool:
        """True if a person deleted the folder while the program did not run.

        A mount point exists even when its disk does not; only at the start,
        and only where the folder lies in the data folder.
        """
        if self._checked or self._layout.recordings_root:
            return False
        return not os.path.lexists(self._layout.recordings)

    def _mark_found(self) -> str:
        """The id in the folder, empty where there is none; OSError for a disk that fails."""
        try:
            entry = load_json(self._layout.recordings_mark.read_bytes())
        except (FileNotFoundError, ValueError):
            return ""
        return str(entry.get("id", "")) if isinstance(entry, dict) else ""


@contextmanager
def refusals_logged(logger: logging.Logger, message: str, *values: object) -> Iterator[None]:
    """Tell in its caller's log what the disk refused, and let the rest go on.

    `message` takes the error last; what repeats is known by it (`app/log_repeats`).
    """
    try:
        yield
    except StorageError as err:
        logger.warning(message, *values, err)


class StorageWatch:
    """Filled by the thread that looks after the library, read by those that write.

    Attributes:
        ready: Whether the recordings folder was looked at; before, nothing is written.
        pulse: Beaten while the program runs; by it a disk that hangs is known.
        chores: Stand around what the thread does that fills it.
        ask_for_room: Wakes the thread that deletes; set by it.
        recorded_bytes: How much went into clips since the start.
    """

    def __init__(self) -> None:
        self.ready = False
        self.ask_for_room: Callable[[], None] = lambda: None
        self.pulse = Pulse()
        self._found: StorageProblem | None = None
        self._looking = DiskCalls(self.pulse)
        self.chores = DiskCalls(self.pulse, CHORE_BEATS)
        self._changed = Condition()
        self._rounds = 0
        self._freed_round = 0
        self.recorded_bytes = 0
        self._taken_bytes = 0

    @property
    def problem(self) -> StorageProblem | None:
        """The problem with the folder, None while clips can be written."""
        if self._looking.hang or self.chores.hang:
            return StorageProblem.HANGING
        return self._found

    @property
    def found(self) -> StorageProblem | None:
        """What the last look found that has ended."""
        return self._found

    @property
    def may_begin(self) -> bool:
        """Whether a clip may be tried: on a disk that only hangs it waits.

        A camera's folder may be another disk's, or another user's, than the folder around it
        that was looked at: what that refuses the clip need not be refused. Beneath a mount
        that is gone nothing is ever written, and on a full disk room is made first.
        """
        return self.ready and self._found not in (StorageProblem.MISSING, StorageProblem.FULL)

    def look(self, check: Callable[[], StorageProblem | None]) -> None:
        """Look at the folder; while that hangs, `problem` says so."""
        with self._looking:
            self._found = check()
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
            self.recorded_bytes += size_bytes

    def take_recorded(self) -> int:
        """Bytes that went into clips since the last call."""
        with self._changed:
            size_bytes = self.recorded_bytes - self._taken_bytes
            self._taken_bytes = self.recorded_bytes
        return size_bytes
