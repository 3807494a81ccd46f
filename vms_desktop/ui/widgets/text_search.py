"""The field for what is searched for, and text as it is searched: without case and accents."""

import unicodedata

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from vms_desktop.ui.base import Theme, icons


def folded_text(text: str) -> str:
    """The text as it is compared: `Entrée` is found by `entree`, `Straße` by `strasse`."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in plain if not unicodedata.combining(each))


class SearchField(QLineEdit):
    """Takes what is searched for; Enter and ↓ go on to what was found.

    Signals:
        left: The keyboard is wanted in the list.
    """

    left = Signal()

    def __init__(self, name: str, theme: Theme, width_px: int) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setClearButtonEnabled(True)
        self.setFixedWidth(width_px)
        looking = QAction(icons.icon("search", theme), "", self)
        self.addAction(looking, QLineEdit.ActionPosition.LeadingPosition)

    def take_keyboard(self) -> None:
        """Wait for what is typed; it replaces what is there."""
        self.setFocus()
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.left.emit()
        else:
            super().keyPressEvent(event)
