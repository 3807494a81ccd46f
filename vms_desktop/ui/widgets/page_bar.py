"""The bar above a page: its title at the left, and what the page puts beside it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

_HEIGHT_PX = 48


class PageBar(QWidget):
    """The ground of a page's bar.

    Attributes:
        title: The name of the page; the page says it.
        row: Everything in the bar, from left to right.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("topBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(_HEIGHT_PX)
        self.title = QLabel()
        self.title.setProperty("title", True)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(14, 0, 14, 0)
        self.row.setSpacing(8)
        self.row.addWidget(self.title)
        self.row.addSpacing(8)
