"""A line for work in the background: progress, a way to end it, and its result."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from vms_desktop.ui.base import Theme, icons
from vms_desktop.ui.widgets.banner import AnswerButton
from vms_desktop.ui.widgets.close_button import CloseButton
from vms_desktop.ui.widgets.labels import PlainLabel

# Steps of the bar; Qt counts them in 32 bits, and no clip has to be counted.
_MOST = 1_000_000
_BAR_PX = 170


class TaskLine(QFrame):
    """Shows progress, then a result until a person closes it.

    Signals:
        cancel_wanted: The work is to end.
        closed: A person has read the result.
    """

    cancel_wanted = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("taskLine")
        self._theme = theme
        self.is_running = False
        self._symbol = QLabel()
        self._text = PlainLabel()
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(_BAR_PX)
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.clicked.connect(self._cancel)
        self._buttons: list[QPushButton] = []
        self._answers = QHBoxLayout()
        self._answers.setSpacing(8)
        self._close = CloseButton(theme)
        self._close.clicked.connect(self.closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 5, 8, 5)
        row.setSpacing(8)
        row.addWidget(self._symbol)
        row.addWidget(self._text, 1)
        row.addWidget(self.bar)
        row.addWidget(self.cancel)
        row.addLayout(self._answers)
        row.addWidget(self._close)

    @property
    def text(self) -> str:
        """The words of the line."""
        return self._text.text()

    def show_progress(self, text: str, done: int, total: int) -> None:
        """Show the progress of the work; a `total` of 0 where nobody knows it."""
        if not self.is_running:
            self.cancel.setEnabled(True)
            self._switch(running=True)
        self._say(text, "reconnect")
        self.bar.setRange(0, _MOST if total else 0)
        self.bar.setValue(_MOST * min(done, total) // total if total else 0)
        self.bar.setAccessibleName(text)

    def show_result(
        self, text: str, icon: str = "info", answers: tuple[AnswerButton, ...] = ()
    ) -> None:
        """Say what became of it, with buttons for what can be done next."""
        self._switch(running=False)
        self._say(text, icon)
        for button in self._buttons:
            self._answers.removeWidget(button)
            button.deleteLater()
        self._buttons = [QPushButton(words) for words, _act in answers]
        for button, (_words, act) in zip(self._buttons, answers, strict=True):
            button.clicked.connect(act)
            self._answers.addWidget(button)

    def _switch(self, *, running: bool) -> None:
        self.is_running = running
        self.bar.setVisible(running)
        self.cancel.setVisible(running)
        self._close.setVisible(not running)
        for button in self._buttons:
            button.setVisible(not running)

    def _say(self, text: str, icon: str) -> None:
        ratio = self.devicePixelRatioF()
        self._symbol.setPixmap(icons.pixmap(icon, self._theme.text, 16, ratio))
        self._text.setText(text)
        self.setAccessibleName(text)

    def _cancel(self) -> None:
        self.cancel.setEnabled(False)
        self.cancel_wanted.emit()
