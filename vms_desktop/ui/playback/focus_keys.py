"""The keys that a widget of the Playback page keeps for itself while it has the focus."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QAbstractSlider, QWidget

_MOVES = frozenset(
    {
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
    }
)
_LIST_KEYS = _MOVES | {Qt.Key.Key_Space, Qt.Key.Key_Delete}
_NOT_SHIFTED = ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)


def belongs_to_focus(focus: QWidget | None, event: QKeyEvent) -> bool:
    """Whether a key, which the page has an action for, means something to the widget."""
    key = Qt.Key(event.key())
    if focus is None or event.modifiers() & _NOT_SHIFTED:
        return False
    if isinstance(focus, QAbstractItemView) or focus.objectName() == "calendarDays":
        return key in _LIST_KEYS
    if isinstance(focus, QAbstractSlider):
        return key in _MOVES
    return isinstance(focus, QAbstractButton) and key is Qt.Key.Key_Space
