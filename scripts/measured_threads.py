"""A plugin of pytest for `scripts/test --coverage`: what runs in a QThread is measured too.

Before Python 3.14 a tracer is one thread's, and threads that Qt starts do not ask for it.
"""

import sys
import threading
from collections.abc import Callable

from PySide6.QtCore import QThread

_measured: set[type] = set()


def _measure_runs() -> None:
    start = QThread.start

    def start_measured(thread: QThread, *args: QThread.Priority) -> None:
        owner = next(kind for kind in type(thread).__mro__ if "run" in vars(kind))
        if owner is not QThread and owner not in _measured:
            _measured.add(owner)
            owner.run = _measuring(owner.run)  # type: ignore[attr-defined]
        start(thread, *args)

    QThread.start = start_measured  # type: ignore[method-assign, assignment]


def _measuring(run: Callable[[QThread], None]) -> Callable[[QThread], None]:
    def run_measured(thread: QThread) -> None:
        sys.settrace(threading.gettrace())
        run(thread)

    return run_measured


_measure_runs()
