"""Threads that the program cannot do without: a bug ends what they do, and it begins again."""

import logging
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QThread

from vms_desktop.core.inbox import Inbox
from vms_desktop.workers.thread_names import name_thread

log = logging.getLogger(__name__)


def run_on(
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
