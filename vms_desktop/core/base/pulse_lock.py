"""A lock for disks that have none: a file that its owner keeps changing.

Whoever finds it looks whether its owner is alive: on the same machine by its
process, from elsewhere by whether the file still changes.
"""

import json
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import psutil

from vms_desktop.core.base.json_text import load_json

BEAT_S = 5.0
# After so many beats without a change an owner that cannot be asked has ended.
SILENT_BEATS = 3
# A disk that hangs does not keep the program from ending.
LEAVE_S = 1.0
# Two that find the same dead owner: the later one has written by then, and stays.
SETTLE_S = 0.5


class HeldError(Exception):
    """Another process holds the lock."""


class PulseLock:
    """Held from `acquire` to `release`; a thread of its own keeps the file changing.

    Args:
        pause: Waits so many seconds.
        place: Where process numbers mean the same: a machine since its start,
            or one container of it.
    """

    def __init__(
        self,
        path: Path,
        pause: Callable[[float], object] | None = None,
        place: str | None = None,
    ) -> None:
        self._path = path
        self._pause = pause or Event().wait
        self._place = _place() if place is None else place
        self._token = uuid4().hex
        self._descriptor = -1
        self._beats = 0
        self._stopped = Event()
        self._thread = Thread(target=self._beat_on, name="pulse", daemon=True)

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            HeldError: Its owner is alive.
            OSError: The disk does not take the file.
        """
        try:
            self._create()
        except FileExistsError:
            self._take_over()
        self._thread.start()

    def release(self) -> None:
        """Let go of the lock."""
        self._stopped.set()
        self._thread.join(LEAVE_S)
        if self._thread.is_alive():
            return  # The disk hangs; soon the file names a process that is gone.
        os.close(self._descriptor)
        if self._is_ours():
            with suppress(OSError):  # Left behind it names a process that is gone.
                self._path.unlink()

    def beat(self) -> None:
        """Change the file, which says that its owner is alive."""
        self._beats += 1
        entry = {
            "place": self._place,
            "pid": os.getpid(),
            "began": _began(psutil.Process()),
            "token": self._token,
            "beats": f"{self._beats:012}",  # Always as long: a reader finds no half of it.
        }
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, json.dumps(entry).encode())

    def _beat_on(self) -> None:
        while not self._stopped.wait(BEAT_S):
            with suppress(OSError):  # The disk is away: nobody else can look there either.
                self.beat()

    def _create(self) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
        self._descriptor = os.open(self._path, flags, 0o600)
        self.beat()

    def _take_over(self) -> None:
        """Replace the file of an owner that is gone."""
        found = self._read()
        if self._is_alive(found) or self._read() != found:
            raise HeldError
        self._path.unlink(missing_ok=True)
        try:
            self._create()
        except FileExistsError:
            raise HeldError from None
        self._pause(SETTLE_S)
        if not self._is_ours():
            os.close(self._descriptor)
            raise HeldError

    def _is_alive(self, found: bytes) -> bool:
        owner = _owner(found)
        if owner.get("place") == self._place:
            return _runs(owner.get("pid"), owner.get("began"))
        for _ in range(SILENT_BEATS):
            self._pause(BEAT_S)
            if self._read() != found:
                return True
        return False

    def _is_ours(self) -> bool:
        try:
            return _owner(self._read()).get("token") == self._token
        except HeldError:
            return False

    def _read(self) -> bytes:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as err:
            raise HeldError from err  # Somebody's, who lets nobody read it.


def _owner(data: bytes) -> dict[str, Any]:
    """The entry in the file; empty where its owner had no time to write."""
    try:
        entry = load_json(data)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}


def _runs(pid: object, began: object) -> bool:
    """True if a process runs that has this number and began then: numbers are used again."""
    try:
        return abs(_began(psutil.Process(int(str(pid)))) - float(str(began))) < 1.5
    except psutil.AccessDenied:
        return True
    except (psutil.Error, ValueError, OverflowError):
        return False


def _began(process: psutil.Process) -> float:
    """The start of a process, in s since the machine's: a clock that is set moves both alike."""
    return float(process.create_time() - psutil.boot_time())


def _place() -> str:
    return " ".join((socket.gethostname(), _machine_start(), _process_space()))


def _machine_start() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return f"{psutil.boot_time():.0f}"


def _process_space() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""
