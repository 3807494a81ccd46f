"""Names of threads, for the log and for debuggers."""

from threading import current_thread

from PySide6.QtCore import QThread


def name_thread(worker: QThread) -> None:
    """Give Python's view of the running thread the worker's name; called first in `run()`."""
    current_thread().name = worker.objectName()
