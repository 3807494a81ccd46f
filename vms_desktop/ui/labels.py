"""Labels for words that come from outside, and for words that have little room."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


class PlainLabel(QLabel):
    """Says words as they are, in as many lines as they need: a name may look like markup."""

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        title: bool = False,
        quiet: bool = False,
    ) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setProperty("title", title)
        self.setProperty("quiet", quiet)


class FittingLabel(QLabel):
    """Takes the room that its layout gives it, and shows the first of its texts that fits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_texts(self, *texts: str) -> None:
        """What it may say, the longest first; nothing where none fits."""
        self._texts = texts
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width = self.fontMetrics().horizontalAdvance
        self.setText(next((text for text in self._texts if width(text) <= self.width()), ""))
