"""What every thread needs: a name, to begin again after a bug, and to be waited for at the end."""

import logging
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import current_thread
from time import monotonic
from typing import Any

from PySide6.QtCore import QThread

from vms_desktop.core.base.inbox import Inbox

log = logging.getLogger(__name__)


def name_thread(worker: QThread) -> None:
    """Give Python's view of the running thread the worker's name; called first in `run()`."""
    current_thread().name = worker.objectName()


def give_way() -> None:
    """Let the running thread interrupt no other when it wakes up, where the system knows that.

    With many cameras the window is painted sooner, and fewer
    switches cost 1 % less.
    """
    if hasattr(os, "SCHED_BATCH"):
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def run_with_restart(
    worker: QThread,
    inbox: Inbox[Any],
    work: Callable[[], None],
    rest_s: float,
    crashed: Callable[[], None] = lambda: None,
) -> None:
    """Do a worker's work until it returns or the inbox is stopped; again after a bug.

    Args:
        rest_s: How long nothing is done after a bug, whatever orders come.
        crashed: Called after each, first.
    """
    name_thread(worker)
    while not inbox.stopped:
        try:
            work()
            return
        except Exception:  # the top of a thread: the last place to catch
            log.critical("%s crashed", worker.objectName(), exc_info=True)
            crashed()
            inbox.rest(rest_s)


def join_all(threads: Iterable[QThread], deadline: float, least_ms: int = 0) -> bool:
    """Wait for every thread until a monotonic time; whether all have ended.

    Each is given `least_ms` all the same. One that hangs in the system is left behind.
    """
    gone = [
        thread.wait(max(least_ms, round(1000 * (deadline - monotonic())))) for thread in threads
    ]
    return all(gone)
