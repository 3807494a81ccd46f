"""Threads waited for at the end."""

from collections.abc import Iterable
from time import monotonic

from PySide6.QtCore import QThread


def all_gone(threads: Iterable[QThread], deadline: float, least_ms: int = 0) -> bool:
    """Whether every thread has ended by a monotonic time; each is given `least_ms` all the same.

    One that hangs in the system is left behind.
    """
    gone = [
        thread.wait(max(least_ms, round(1000 * (deadline - monotonic())))) for thread in threads
    ]
    return all(gone)
