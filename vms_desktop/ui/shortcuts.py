"""The list of keys and of what the mouse does (F1)."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from vms_desktop.ui.actions import Actions, key_of

_COLUMNS = 3


class ShortcutsDialog(QDialog):
    """Shows every key, taken from the actions themselves, and the mouse's moves."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        table = QGridLayout()
        table.setHorizontalSpacing(16)
        table.setVerticalSpacing(7)
        for column, rows in enumerate(_split(self._rows(actions))):
            for row, (key, text) in enumerate(rows):
                table.addWidget(_key_label(key), row, 2 * column, Qt.AlignmentFlag.AlignLeft)
                table.addWidget(QLabel(text), row, 2 * column + 1)
            table.setColumnMinimumWidth(2 * column + 1, 190)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(16)
        layout.addLayout(table)
        layout.addWidget(buttons)

    def _rows(self, actions: Actions) -> list[tuple[str, str]]:
        numbered = [*actions.choose, *actions.playback.choose]
        listed = [action for action in actions.all if action not in numbered]
        lists = [
            ("1–9", self.tr("Choose a camera")),
            ("← → ↑ ↓", self.tr("Choose a neighbour")),
            (self.tr("Space"), self.tr("Flip the switch in a list")),
        ]
        # What has the same key and words on two pages is told once.
        return list(dict.fromkeys([*map(_row, listed), *lists, *self._mouse()]))

    def _mouse(self) -> list[tuple[str, str]]:
        return [
            (self.tr("Double-click"), self.tr("Camera alone, in HD; again: back")),
            (self.tr("Wheel"), self.tr("Zoom at the pointer")),
            (self.tr("Middle click"), self.tr("Whole picture")),
            (self.tr("Drag"), self.tr("Move a zoomed picture, or swap two cameras")),
            (self.tr("Right click"), self.tr("The camera's menu")),
        ]


def _split(rows: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """The rows in columns of equal height, one after the other."""
    height = -(-len(rows) // _COLUMNS)
    return [rows[first : first + height] for first in range(0, len(rows), height)]


def _row(action: QAction) -> tuple[str, str]:
    return key_of(action), action.text().rstrip("…")


def _key_label(key: str) -> QLabel:
    label = QLabel(key)
    label.setProperty("key", True)
    return label
