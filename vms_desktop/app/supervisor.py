"""The small parent process that starts the program again when a native crash ended it.

Loads nothing heavy. The child reads its standard input, which only this
process holds: when it ends, for whatever reason, the child ends too.
"""

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event
from time import monotonic

# Set in the environment of the process that does the work.
CHILD_VARIABLE = "VMS_DESKTOP_CHILD"
MAX_CRASHES = 5
WITHIN_S = 60.0
# For glibc: with a heap for every few of its dozens of threads the program takes 30 MB more.
MEMORY_HABITS = {"MALLOC_ARENA_MAX": "1"}
RESTART_DELAY_S = 1.0
# In the log folder: where a crashing child leaves what its threads were doing.
STACKS = "crash-stacks.txt"
_WINDOWS_CRASH = 0xC0000000


def _known(*names: str) -> list[signal.Signals]:
    """Those of the signals that this system has."""
    return [signal.Signals[name] for name in names if name in signal.Signals.__members__]


# What asks a program to end.
END_SIGNALS = _known("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")
_CRASH_SIGNALS = _known(
    "SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGTRAP", "SIGSYS", "SIGKILL"
)


def supervise(arguments: Sequence[str], logs: Path, *, headless: bool) -> int:
    """Run the program until it ends by itself or is asked to; its exit code.

    Gives up after `MAX_CRASHES` crashes within `WITHIN_S`, and says so in a box as well
    unless it is headless.
    """
    child = _Child()
    crashes: deque[float] = deque(maxlen=MAX_CRASHES)
    with child.taking_signals():
        while True:
            code = child.run("vms_desktop", *arguments)
            if child.asked or not crashed(code):
                return max(0, code)
            _keep_report(logs, code)
            crashes.append(monotonic())
            if len(crashes) == MAX_CRASHES and crashes[-1] - crashes[0] < WITHIN_S:
                sys.stderr.write(
                    f"vms-desktop: crashed {MAX_CRASHES} times in a minute, giving up\n"
                )
                if not headless:
                    child.run("vms_desktop.app.start_failures", str(logs))
                return 1
            sys.stderr.write(f"vms-desktop: crashed ({name_of(code)}), starting again\n")
            Event().wait(RESTART_DELAY_S)


def crashed(code: int) -> bool:
    """True if an exit code tells of a native crash rather than an end by the program itself."""
    return -code in _CRASH_SIGNALS or code >= _WINDOWS_CRASH


def name_of(code: int) -> str:
    """The signal's name, or the number."""
    try:
        return signal.Signals(-code).name
    except ValueError:
        return str(code)


class _Child:
    """The process that does the work, and the signals that it is handed on.

    Attributes:
        asked: Whether the program was told to end.
    """

    def __init__(self) -> None:
        self.asked = False
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, module: str, *arguments: str) -> int:
        """Start it and wait for its end; the exit code, 0 where it was not to start any more."""
        if self.asked:
            return 0
        environment = MEMORY_HABITS | os.environ | {CHILD_VARIABLE: "1"}
        command = [sys.executable, "-m", module, *arguments]
        process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE)
        self._process = process
        if self.asked:  # by a signal that came since
            process.terminate()  # type: ignore[unreachable]  # mypy knows of no signals
        try:
            return process.wait()
        finally:
            if process.stdin is not None:
                process.stdin.close()

    @contextmanager
    def taking_signals(self) -> Iterator[None]:
        """Hand on what asks the program to end, also while none runs."""
        before = {number: signal.signal(number, self._forward) for number in END_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _forward(self, *_: object) -> None:
        self.asked = True
        if self._process is not None:
            self._process.terminate()


def _keep_report(logs: Path, code: int) -> None:
    """Give the crash a file of its own."""
    at = datetime.now().astimezone()
    stacks = logs / STACKS
    try:
        found = stacks.read_text(errors="replace") if stacks.is_file() else ""
        report = logs / f"crash-{at:%Y-%m-%d-%H-%M-%S}.txt"
        report.touch(mode=0o600)  # A disk that keeps no modes refuses to change them.
        report.write_text(f"{at.isoformat()}: ended by {name_of(code)}\n\n{found}")
    except OSError as err:
        sys.stderr.write(f"vms-desktop: no crash report: {err.strerror}\n")
