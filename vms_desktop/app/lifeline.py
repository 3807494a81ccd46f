"""The end that comes from outside: by a signal, or with the parent process."""

import os
import signal
import sys
from threading import Thread, Timer

from PySide6.QtCore import QObject, QTimer, Signal

from vms_desktop.app.supervisor import CHILD_VARIABLE, END_SIGNALS

# A process whose parent died is gone within a second, clips whole or not.
ORPHAN_S = 0.8
SIGNAL_POLL_MS = 200


class Lifeline(QObject):
    """Ends the program when it should: signals, and the death of the parent process.

    Signals:
        cut: The program is to end.
    """

    cut = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._signalled = False
        for number in END_SIGNALS:
            signal.signal(number, self._note)
        # A Python signal handler does not run while Qt's loop is idle.
        self._timer = QTimer(self, interval=SIGNAL_POLL_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        if CHILD_VARIABLE in os.environ:
            Thread(target=self._watch_parent, name="parent", daemon=True).start()

    def _note(self, *_: object) -> None:
        self._signalled = True

    def _look(self) -> None:
        if self._signalled:
            self._timer.stop()
            self.cut.emit()

    def _watch_parent(self) -> None:
        """Returns from reading when the parent is gone: nobody else holds the other end."""
        if sys.stdin is not None:
            os.read(sys.stdin.fileno(), 1)
            Timer(ORPHAN_S, os._exit, [1]).start()
            self.cut.emit()
