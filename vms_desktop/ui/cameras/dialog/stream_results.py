"""The button that tries both streams, and what each of them answered."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from vms_desktop.core.camera import StreamResult, StreamRole
from vms_desktop.core.config import CameraConfig
from vms_desktop.ui.base import Theme, Tone, problem_words, remedy_words
from vms_desktop.ui.cameras.dialog.words import advice_words, facts_words, role_words
from vms_desktop.ui.widgets import NoticeLine, side_by_side

if TYPE_CHECKING:
    from vms_desktop.workers.camera import StreamProbe

_KEY = "Ctrl+T"


class StreamResults(QWidget):
    """Tries both streams of a camera and tells what came of it.

    Signals:
        wanted: The button was pressed: `start()` with what is to be tried.
    """

    wanted = Signal()

    def __init__(
        self,
        stream_test: "Callable[[QObject], StreamProbe]",
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._make_test = stream_test
        self._test: StreamProbe | None = None
        self.button = QPushButton()
        self.button.clicked.connect(self._press)
        self.lines = {role: NoticeLine(theme) for role in StreamRole}
        self.advice = {role: NoticeLine(theme) for role in StreamRole}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(side_by_side(self.button))
        for role in StreamRole:
            column.addWidget(self.lines[role])
            column.addWidget(self.advice[role])
        self.setFocusProxy(self.button)
        self._show_button()

    @property
    def is_running(self) -> bool:
        """True if streams are being tried."""
        return self._test is not None

    def start(self, camera: CameraConfig) -> None:
        """Try a camera's streams; a test that runs is given up."""
        self.forget()
        roles = (StreamRole.SD, camera.watched_url), (StreamRole.HD, camera.recorded_url)
        for role, address in roles:
            if address:
                words = self.tr("{stream}: testing…").format(stream=role_words(role))
                self.lines[role].say(words, "connecting")
        test = self._test = self._make_test(self)
        test.answered.connect(self._show_result)
        test.finished.connect(self._end)
        test.start(camera)
        self._show_button()

    def forget(self) -> None:
        """Give up the test that runs and take away the answers: the addresses are others."""
        self.stop()
        for line in (*self.lines.values(), *self.advice.values()):
            line.say("")

    def stop(self) -> None:
        """Give up the test that runs; its threads end by themselves."""
        test, self._test = self._test, None
        if test is not None:
            test.answered.disconnect(self._show_result)
            test.finished.disconnect(self._end)
            test.cancel()
        self._show_button()

    def _press(self) -> None:
        if self.is_running:
            self.forget()
        else:
            self.wanted.emit()

    def _show_button(self) -> None:
        running = self.is_running
        self.button.setText(self.tr("Cancel test") if running else self.tr("Test both streams"))
        self.button.setShortcut(_KEY)
        self.button.setToolTip(f"{self.button.text()} ({_KEY})")

    def _show_result(self, result: StreamResult) -> None:
        line = self.lines[result.role]
        if result.facts:
            line.say(self._answer(result.role, facts_words(result.facts)), "check", Tone.GREEN)
        elif result.problem:
            words = problem_words(result.problem, result.detail)
            line.say(self._answer(result.role, words), "failed", Tone.RED)
        advice = "\n".join(map(advice_words, result.advice)) or remedy_words(result.problem)
        self.advice[result.role].say(advice, "warning", Tone.AMBER)

    def _answer(self, role: StreamRole, words: str) -> str:
        return self.tr("{stream}: {words}").format(stream=role_words(role), words=words)

    def _end(self) -> None:
        self._test = None
        self._show_button()
