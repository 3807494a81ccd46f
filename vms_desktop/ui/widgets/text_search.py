"""Text as it is searched: without case and accents."""

import unicodedata
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QLineEdit,
)

if TYPE_CHECKING:
    pass


def folded(text: str) -> str:
    """The text as it is compared: `Entrée` is found by `entree`, `Straße` by `strasse`."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in plain if not unicodedata.combining(each))


class SearchField(QLineEdit):
    """Takes what is searched for; Enter and ↓ go on to what was found.

    Signals:
        left: The keyboard is wanted in the list.
    """

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.left.emit()
        else:
            super().keyPressEvent(event)
