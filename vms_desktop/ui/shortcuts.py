"""The list of keys and of what the mouse does (F1), page by page."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from vms_desktop.ui.base import Actions, shortcut_words
from vms_desktop.ui.widgets import FittingDialog, PlainLabel

_COLUMNS = 3
_WORDS_PX = 150
# A heading takes as much height as so many rows.
_HEADING_ROWS = 2

Rows = list[tuple[str, str]]


class ShortcutsDialog(FittingDialog):
    """Shows every key, taken from the actions themselves, under the page where it works."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        columns = QHBoxLayout()
        columns.setSpacing(24)
        for groups in _split(self._groups(actions)):
            columns.addLayout(_column(groups), 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        self.lay_out(columns, buttons)

    def _groups(self, actions: Actions) -> list[tuple[str, Rows]]:
        """Titles with their rows: what works everywhere, then each page."""
        numbered = [*actions.choose, *actions.playback.choose]
        of_pages = {key: actions.of_page(key) for key in actions.pages}
        everywhere = [a for a in actions.all if not any(a in each for each in of_pages.values())]
        groups = [(self.tr("Everywhere"), [*map(_row, everywhere), *self._lists()])]
        for key, page in actions.pages.items():
            rows = [_row(action) for action in of_pages[key] if action not in numbered]
            if any(action in numbered for action in of_pages[key]):
                rows.insert(0, ("1–9", self.tr("Choose a camera")))
            groups.append((page.text(), rows))
        return [*groups, (self.tr("Mouse"), self._mouse())]

    def _lists(self) -> Rows:
        return [
            ("← → ↑ ↓", self.tr("Choose a neighbour")),
            (self.tr("Space"), self.tr("Flip the switch in a list")),
        ]

    def _mouse(self) -> Rows:
        return [
            (self.tr("Double-click"), self.tr("Camera alone, in HD; again: back")),
            (self.tr("Wheel"), self.tr("Zoom at the pointer")),
            (self.tr("Middle click"), self.tr("Whole picture")),
            (self.tr("Drag"), self.tr("Move a zoomed picture, or swap two cameras")),
            (self.tr("Right click"), self.tr("The camera's menu")),
        ]


def _split(groups: list[tuple[str, Rows]]) -> list[list[tuple[str, Rows]]]:
    """The groups in columns of about equal height, in their order."""
    heights = [len(rows) + _HEADING_ROWS for _title, rows in groups]
    wanted = sum(heights) / _COLUMNS
    columns: list[list[tuple[str, Rows]]] = [[] for _ in range(_COLUMNS)]
    above = 0
    for group, height in zip(groups, heights, strict=True):
        middle = above + height / 2
        columns[min(_COLUMNS - 1, int(middle / wanted))].append(group)
        above += height
    return columns


def _column(groups: list[tuple[str, Rows]]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(8)
    for title, rows in groups:
        heading = QLabel(title)
        heading.setProperty("title", True)
        column.addWidget(heading)
        column.addLayout(_table(rows))
        column.addSpacing(10)
    column.addStretch()
    return column


def _table(rows: Rows) -> QGridLayout:
    table = QGridLayout()
    table.setHorizontalSpacing(12)
    table.setVerticalSpacing(6)
    table.setColumnMinimumWidth(1, _WORDS_PX)
    table.setColumnStretch(1, 1)
    for row, (key, text) in enumerate(rows):
        table.addWidget(_key_label(key), row, 0, Qt.AlignmentFlag.AlignLeft)
        table.addWidget(PlainLabel(text), row, 1)
    return table


def _row(action: QAction) -> tuple[str, str]:
    return shortcut_words(action), action.text().rstrip("…")


def _key_label(key: str) -> QLabel:
    label = QLabel(key)
    label.setProperty("key", True)
    return label
