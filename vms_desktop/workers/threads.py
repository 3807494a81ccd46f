"""The base of every thread: a name, to begin again after a bug, and to be waited for at the end.

A bug is caught here and nowhere else: `run()` of a thread hands its work to one of these.
"""

import logging
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import current_thread
from time import monotonic
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, QThread

from vms_desktop.core.base import Inbox

log = logging.getLogger(__name__)

T = TypeVar("T")


class Worker(QThread, Generic[T]):
    """A thread that has a name, takes orders, and ends when it is told to.

    The object belongs to the thread that made it, and only `run()` executes in the new one.

    Attributes:
        inbox: The orders that wait, and whether the end was asked for.
    """

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.inbox: Inbox[T] = Inbox()

    def post(self, order: T) -> None:
        """Leave an order."""
        self.inbox.post(order)

    def begin_with(self, order: T) -> None:
        """Leave an order for a thread that starts with its first one."""
        self.post(order)
        if not self.inbox.stopped:
            self.start()  # Nothing where it runs already.

    def stop(self) -> None:
        """Ask the thread to end. Returns at once; `wait()` for the end."""
        self.inbox.stop()


def give_way() -> None:
    """Let the running thread interrupt no other when it wakes up, where the system knows that.

    With many cameras the window is painted sooner, and fewer
    switches cost 1 % less.
    """
    if hasattr(os, "SCHED_BATCH"):
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def run_guarded(
    worker: QObject, work: Callable[[], None], crashed: Callable[[], None] = lambda: None
) -> bool:
    """Do a worker's work in this thread, which gets its name; whether no bug ended it.

    Args:
        crashed: Called after a bug, which the log tells.
    """
    current_thread().name = worker.objectName()
    try:
        work()
    except Exception:  # the top of a thread: the last place to catch
        log.critical("%s crashed", worker.objectName(), exc_info=True)
        crashed()
        return False
    return True


def run_with_restart(
    worker: Worker[Any],
    work: Callable[[], None],
    rest_s: float,
    crashed: Callable[[], None] = lambda: None,
) -> None:
    """Do a worker's work until it returns or the inbox is stopped; again after a bug.

    Args:
        rest_s: How long nothing is done after a bug, whatever orders come.
        crashed: Called after each, first.
    """
    while not worker.inbox.stopped and not run_guarded(worker, work, crashed):
        worker.inbox.rest(rest_s)


def run_until_done(
    worker: QObject, work: Callable[[], None], crashed: Callable[[], None] = lambda: None
) -> None:
    """Do a worker's work until it returns, again at once after a bug, the end asked for or not.

    For work that takes one order after the other, so that a bug costs no more than one of them.
    """
    while not run_guarded(worker, work, crashed):
        pass


def join_all(threads: Iterable[QThread], deadline: float, least_ms: int = 0) -> bool:
    """Wait for every thread until a monotonic time; whether all have ended.

    Each is given `least_ms` all the same. One that hangs in the system is left behind.
    """
    gone = [
        thread.wait(max(least_ms, round(1000 * (deadline - monotonic())))) for thread in threads
    ]
    return all(gone)
