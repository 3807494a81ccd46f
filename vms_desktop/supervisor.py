"""The small parent process that starts the program again when a native crash ended it.

Loads nothing heavy. The child reads its standard input, which only this
process holds: when it ends, for whatever reason, the child ends too.
"""

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from threading import Event
from time import monotonic

CHILD_VARIABLE = "VMS_DESKTOP_CHILD"
"""Set in the environment of the process that does the work."""
MAX_CRASHES = 5
WITHIN_S = 60.0
RESTART_DELAY_S = 1.0
STACKS = "crash-stacks.txt"
"""In the log folder: where a crashing child leaves what its threads were doing."""
_CRASH_SIGNALS = frozenset(
    getattr(signal, name)
    for name in ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGTRAP", "SIGSYS", "SIGKILL")
    if hasattr(signal, name)
)


def supervise(arguments: Sequence[str], logs: Path) -> int:
    """Run the program until it ends by itself; its exit code.

    Gives up after `MAX_CRASHES` crashes within `WITHIN_S`.
    """
    crashes: deque[float] = deque(maxlen=MAX_CRASHES)
    while True:
        code, asked = _run_child(arguments)
        if asked or not crashed(code):
            return max(0, code)
        _keep_report(logs, code)
        crashes.append(monotonic())
        if len(crashes) == MAX_CRASHES and crashes[-1] - crashes[0] < WITHIN_S:
            sys.stderr.write(f"vms-desktop: crashed {MAX_CRASHES} times in a minute, giving up\n")
            return 1
        sys.stderr.write(f"vms-desktop: crashed ({name_of(code)}), starting again\n")
        Event().wait(RESTART_DELAY_S)


def crashed(code: int) -> bool:
    """Whether an exit code tells of a native crash rather than an end by the program itself."""
    return -code in _CRASH_SIGNALS or code & 0xFFFFFFFF >= 0xC0000000


def name_of(code: int) -> str:
    """The signal's name, or the number."""
    try:
        return signal.Signals(-code).name
    except ValueError:
        return str(code)


def _run_child(arguments: Sequence[str]) -> tuple[int, bool]:
    """Exit code of one run, and whether it was asked to end."""
    child = subprocess.Popen(
        [sys.executable, "-m", "vms_desktop", *arguments],
        env=os.environ | {CHILD_VARIABLE: "1"},
        stdin=subprocess.PIPE,
    )
    asked = False

    def forward(*_: object) -> None:
        nonlocal asked
        asked = True
        child.terminate()

    before = {number: signal.signal(number, forward) for number in _ends()}
    try:
        return child.wait(), asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ends() -> list[signal.Signals]:
    names = ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


def _keep_report(logs: Path, code: int) -> None:
    """Give the crash a file of its own."""
    at = datetime.now().astimezone()
    stacks = logs / STACKS
    try:
        found = stacks.read_text(errors="replace") if stacks.is_file() else ""
        report = logs / f"crash-{at:%Y-%m-%d-%H-%M-%S}.txt"
        report.write_text(f"{at.isoformat()}: ended by {name_of(code)}\n\n{found}")
        report.chmod(0o600)
    except OSError as err:
        sys.stderr.write(f"vms-desktop: no crash report: {err.strerror}\n")
