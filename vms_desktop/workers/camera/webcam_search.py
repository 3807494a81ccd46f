"""The webcams that are present, looked for beside the window."""

from collections.abc import Callable
from threading import Thread

from PySide6.QtCore import QObject, Signal

from vms_desktop.core.stream import Webcam, list_webcams
from vms_desktop.workers import run_guarded


class WebcamSearch(QObject):
    """Looks for webcams, which may take seconds. Lives in the GUI thread.

    Signals:
        found: The webcams, a tuple of `Webcam`.
    """

    found = Signal(object)

    def __init__(
        self,
        look: Callable[[], tuple[Webcam, ...]] = list_webcams,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("webcams")
        self._look = look

    def ask(self, answer: Callable[[tuple[Webcam, ...]], None]) -> None:
        """Look now; `answer`, a method of a QObject, is called later if that still lives."""
        self.found.connect(answer)
        # Not waited for at the end of the program: a driver may hang.
        Thread(target=self._search, daemon=True).start()

    def _search(self) -> None:
        run_guarded(self, lambda: self.found.emit(self._look()), lambda: self.found.emit(()))
