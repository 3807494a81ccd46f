"""The program as a process without a window: started, listened to, killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Any

import psutil

from tests.support.camera_entries import write_cameras
from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]


def environment(**more: str) -> dict[str, str]:
    """What the program is started with."""
    return os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": ""} | more


class Program:
    """A program that runs, and what it printed so far.

    Its output is added to two files beside the data folder, so that those of several runs
    over one folder come together.

    Args:
        more: Added to the environment.
        before: Called in the process before the program begins, as for its limits.
    """

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        headless: bool = True,
        more: Mapping[str, str] | None = None,
        before: Callable[[], None] | None = None,
    ) -> None:
        self.folder = folder
        self._out, self._err = folder.parent / "out.txt", folder.parent / "err.txt"
        command = [sys.executable, "-m", "vms_desktop", "--log-format", "json"]
        command += ["--headless"] if headless else []
        command += ["--data-dir", str(folder), *arguments]
        with self._out.open("a") as out, self._err.open("a") as err:
            self._begins = out.tell(), err.tell()
            self.process = subprocess.Popen(
                command,
                env=environment(**(more or {})),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                preexec_fn=before,  # noqa: PLW1509 - no other thread of a test holds a lock then
            )

    @property
    def child(self) -> Any:
        """The process that does the work, a `psutil.Process`; None where there is none."""
        children = psutil.Process(self.process.pid).children()
        return children[0] if children else None

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Everything on standard output; raises where a line is no JSON object."""
        whole = self._read(self._out, self._begins[0]).rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    @property
    def log(self) -> str:
        """Everything on standard error."""
        return self._read(self._err, self._begins[1])

    def _read(self, path: Path, begins: int) -> str:
        return path.read_bytes()[begins:].decode()

    def states(self, camera_id: str = "a") -> list[str]:
        """A camera's states, in order."""
        return [line["state"] for line in self.lines if line["id"] == camera_id and "state" in line]

    def until_another_child(self, child: Any, timeout_s: float) -> None:
        """Wait until another process does the work than this one, which is ending."""
        wait_until(lambda: (now := self.child) is not None and now.pid != child.pid, timeout_s)

    def clips(self) -> list[dict[str, Any]]:
        """The clips that were told."""
        return [line for line in self.lines if "clip" in line]

    def until_state(self, state: str, camera_id: str = "a", timeout_s: float = 10.0) -> None:
        """Wait until a camera is in this state."""
        wait_until(lambda: self.states(camera_id)[-1:] == [state], timeout_s)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Ask it to end; exit code and seconds that it took."""
        began = monotonic()
        self.process.send_signal(number)
        return self.process.wait(15), monotonic() - began

    def kill(self) -> float:
        """End both processes as a power cut does; when, in monotonic s."""
        child = self.child
        killed = monotonic()
        # The child first: one that sees its parent gone ends by itself, with every clip whole.
        if child:
            child.kill()
        self.process.kill()
        self.process.wait()
        if child:
            psutil.wait_procs([child], 5)
        return killed

    def close(self) -> None:
        """End what is left of it, whatever happened."""
        if self.process.poll() is None:
            with suppress(psutil.NoSuchProcess):
                self.kill()
        self.process.wait()


@contextmanager
def program(
    folder: Path,
    cameras: Mapping[str, Any] | None = None,
    *arguments: str,
    headless: bool = True,
    more: Mapping[str, str] | None = None,
    before: Callable[[], None] | None = None,
) -> Iterator[Program]:
    """The program with these cameras; gone at the end, whatever happens."""
    if cameras is not None:
        write_cameras(folder, cameras)
    running = Program(folder, *arguments, headless=headless, more=more, before=before)
    try:
        yield running
    finally:
        running.close()
