"""The field for the comment on an archived clip, edited in its place."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from vms_desktop.core.library import MAX_COMMENT_CHARS

# Two lines.
HEIGHT_PX = 46
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class CommentField(QPlainTextEdit):
    """Saves when it is left, or at Ctrl+Enter; Esc brings back what was there.

    Signals:
        written: Another text than the one that is known to be saved.
    """

    written = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("comment")
        self._saved = ""
        self.setTabChangesFocus(True)
        self.setPlaceholderText(self.tr("Add a comment…"))
        self.setAccessibleName(self.tr("Comment"))
        self.setToolTip(self.tr("Saved when you leave the field (Ctrl+Enter)"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(2)
        self.setFixedHeight(HEIGHT_PX)

    @property
    def is_edited(self) -> bool:
        """True if something was written that is not saved."""
        return self.text() != self._saved

    def text(self) -> str:
        """The comment as it would be saved."""
        return self.toPlainText().strip()[:MAX_COMMENT_CHARS]

    def show_text(self, text: str) -> None:
        """Show what is saved; what a person is writing stays."""
        if text == self._saved and text == self.toPlainText():
            return
        is_edited, self._saved = self.is_edited, text
        if not is_edited:
            self.setPlainText(text)

    def take_back(self, refused: str, text: str) -> None:
        """Show the old text, as the new one could not be saved; unless more was written."""
        if self.text() == refused:
            self.setPlainText(text)
        self._saved = text

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.save()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        with_ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if with_ctrl and event.key() in _ENTER:
            self.save()
        elif event.key() == Qt.Key.Key_Escape and self.is_edited:
            self.setPlainText(self._saved)
        else:
            super().keyPressEvent(event)

    def save(self) -> None:
        """Have it saved, if it is another text."""
        if not self.is_edited:
            return
        self._saved = self.text()
        if self.toPlainText() != self._saved:
            self.setPlainText(self._saved)
        self.written.emit(self._saved)
