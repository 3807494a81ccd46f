"""The keys that open a context menu, on every system."""

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent

_MENU_KEYS = QKeyCombination(Qt.KeyboardModifier.ShiftModifier, Qt.Key.Key_F10)


def wants_menu(event: QKeyEvent) -> bool:
    """True if Shift+F10 was pressed: X11 makes a context menu event of the Menu key alone."""
    return event.keyCombination() == _MENU_KEYS
