"""The keys of a timeline that has the focus."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

if TYPE_CHECKING:
    from vms_desktop.ui.playback.timeline import TimelineView

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_PASSED_OVER = _SHIFT | Qt.KeyboardModifier.KeypadModifier
"""Where + and the digits lie depends on the keyboard."""


def key_action(timeline: "TimelineView", event: QKeyEvent) -> Callable[[], None] | None:
    """What a key does; None for one that the timeline leaves to others."""
    if event.modifiers() & ~_PASSED_OVER:
        return None
    key = Qt.Key(event.key())
    if event.modifiers() & _SHIFT and key in (Qt.Key.Key_I, Qt.Key.Key_O):
        return lambda: timeline.drop_mark(0 if key is Qt.Key.Key_I else 1)
    if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and not timeline.is_key_focused:
        return None
    return {
        Qt.Key.Key_Plus: timeline.zoom_in,
        Qt.Key.Key_Equal: timeline.zoom_in,
        Qt.Key.Key_Minus: timeline.zoom_out,
        Qt.Key.Key_0: timeline.zoom_all,
        Qt.Key.Key_I: timeline.mark_start,
        Qt.Key.Key_O: timeline.mark_end,
        Qt.Key.Key_Up: lambda: timeline.choose_next_row(-1),
        Qt.Key.Key_Down: lambda: timeline.choose_next_row(1),
        Qt.Key.Key_PageUp: lambda: timeline.turn_page(-1),
        Qt.Key.Key_PageDown: lambda: timeline.turn_page(1),
        Qt.Key.Key_Return: timeline.activate_clip,
        Qt.Key.Key_Enter: timeline.activate_clip,
    }.get(key)
