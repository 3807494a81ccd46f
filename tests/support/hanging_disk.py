"""Starts a disk that hangs on order, has it hang and answer, and ends it.

As a whole it hangs as a share does whose server is gone: its process stands still, and every
call waits in the system, where a kill reaches it. Single calls are held by the process itself.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from tests.support.disks import mounts
from tests.support.waiting import wait_until

PROCESS = Path(__file__).with_name("hanging_disk_process.py")


@cache
def missing_parts() -> str:
    """What this machine lacks for such a disk; empty where nothing does."""
    if sys.platform != "linux":
        return "platform: FUSE as Linux has it"
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "platform: no /dev/fuse for this user"
    if not mounts():
        return "platform: nothing can be mounted in this container"
    check = subprocess.run(
        [sys.executable, "-c", "import mfusepy"], capture_output=True, text=True, check=False
    )
    return check.stderr.strip()[-200:]


class HangingDisk:
    """A mounted disk.

    Attributes:
        folder: Where it is mounted.
        backing: What is on it, for whoever must not wait.
    """

    def __init__(self, root: Path) -> None:
        self.folder, self.backing = root / "mount", root / "backing"
        self._log = root / "hanging-disk.txt"
        for each in (self.folder, self.backing):
            each.mkdir(parents=True)
        before = self.folder.stat().st_dev
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(PROCESS), str(self.backing), str(self.folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        wait_until(lambda: self._process.poll() is not None or self._device() != before, 10)
        assert self._process.poll() is None, self._log.read_text()

    def _device(self) -> int:
        return self.folder.stat().st_dev

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Answer nothing meanwhile.

        Raises:
            AssertionError: A call made at the beginning was answered before the end.
        """
        answered = threading.Event()

        def ask() -> None:
            os.statvfs(self.folder)
            answered.set()

        asking = threading.Thread(target=ask)
        self._process.send_signal(signal.SIGSTOP)
        # It has stopped when the system says so.
        wait_until(lambda: psutil.Process(self._process.pid).status() == psutil.STATUS_STOPPED)
        try:
            asking.start()
            yield
            assert not answered.is_set(), "the disk did not hang"
        finally:
            self._process.send_signal(signal.SIGCONT)
            asking.join(10)
        assert answered.is_set(), "the disk does not answer again"

    @contextmanager
    def holding(self, *operations: str, path: str = "", error: int = 0) -> Iterator[None]:
        """Answer none of these calls meanwhile, of paths that have this in them.

        Args:
            error: What they are answered in the end, and for ever files that are open.
        """
        self._ask({"hang": operations, "path": path})
        try:
            yield
        finally:
            self._ask({"answer": error})

    @contextmanager
    def slowed(self, rate: float) -> Iterator[None]:
        """Take so many bytes a second meanwhile."""
        self._ask({"rate": rate})
        try:
            yield
        finally:
            self._ask({"rate": 0})

    @property
    def held(self) -> int:
        """How many calls are held by `holding`."""
        return int(self._ask({})["held"])

    def close(self) -> None:
        """Unmount it, whoever still has it open."""
        self._process.send_signal(signal.SIGCONT)
        subprocess.run(["fusermount3", "-u", "-z", str(self.folder)], check=True)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def _ask(self, order: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def hanging_disk(root: Path) -> Iterator[HangingDisk]:
    """A disk, unmounted at the end."""
    disk = HangingDisk(root)
    try:
        yield disk
    finally:
        disk.close()
