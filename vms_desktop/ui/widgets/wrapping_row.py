"""A row of widgets that goes on below where it is too long."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class WrappingRow(QLayout):
    """Places widgets from left to right at their wanted size, and begins another line at need."""

    def __init__(self, *widgets: QWidget, spacing_px: int = 8) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing_px)
        for widget in widgets:
            self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arranged(QRect(0, 0, width, 0), move=False)

    def sizeHint(self) -> QSize:
        wanted = [item.sizeHint() for item in self._shown()]
        gaps_px = self.spacing() * max(0, len(wanted) - 1)
        width = sum(size.width() for size in wanted) + gaps_px
        return QSize(width, max((size.height() for size in wanted), default=0))

    def minimumSize(self) -> QSize:
        least = QSize()
        for item in self._shown():
            least = least.expandedTo(item.minimumSize())
        return least

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arranged(rect, move=True)

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _lines(self, width: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = [[]]
        taken = 0
        for item in self._shown():
            item_px = item.sizeHint().width()
            if lines[-1] and taken + item_px > width:
                lines.append([])
                taken = 0
            lines[-1].append(item)
            taken += item_px + self.spacing()
        return lines

    def _arranged(self, rect: QRect, *, move: bool) -> int:
        """The height that the lines take in this width; `move` puts the widgets there."""
        top = rect.top()
        for line in self._lines(rect.width()):
            height = max((item.sizeHint().height() for item in line), default=0)
            left = rect.left()
            for item in line:
                size = item.sizeHint().boundedTo(QSize(max(rect.width(), 1), height))
                if move:
                    item.setGeometry(QRect(left, top, size.width(), height))
                left += size.width() + self.spacing()
            top += height + self.spacing()
        return max(0, top - self.spacing() - rect.top())
