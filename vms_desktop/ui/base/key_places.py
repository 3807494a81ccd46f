"""Shortcuts by the place of a key, where the character on it is of no use.

Qt finds a shortcut by the character that a key types. On a French keyboard digits want
Shift, on a Russian or Thai one there are no Latin letters at all. There the key in the place
of the digit, or of the letter on the usual Latin half of the cap, does the same. Where Latin
letters have moved (Dvorak, QWERTZ) the letter counts, not the place.
"""

import sys
import unicodedata
from collections.abc import Callable, Iterator

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence, QWindow
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

# Scan codes of a PC (set 1), which are Linux's codes of its keys as well.
_ROWS = {2: "1234567890", 16: "QWERTYUIOP", 30: "ASDFGHJKL", 44: "ZXCVBNM"}
# X11 and Wayland count the same keys from here.
_XKB_BEGIN = 8
_PC = {first + at: name for first, row in _ROWS.items() for at, name in enumerate(row)}
# Virtual key codes of macOS (`kVK_ANSI_A` …), which name places too.
_MAC = dict(enumerate("ASDFHGZXCV BQWERYT123465 97 80 OU IP LJ K    NM"))
# AltGr among the modifiers of X11 and Wayland (Mod5), of which Qt tells nothing.
_THIRD_LEVEL = 0x80
_FIRST_SPECIAL_KEY = 0x0100_0000
_DIGITS = "0123456789"

_SHIFT, _CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def place_of(event: QKeyEvent, platform: str = "") -> str:
    """The digit or capital letter that a US keyboard has where the key lies; empty for others."""
    platform = platform or QGuiApplication.platformName()
    if platform == "cocoa":
        return _MAC.get(event.nativeVirtualKey(), "").strip()
    return _PC.get(event.nativeScanCode() - (0 if platform == "windows" else _XKB_BEGIN), "")


def by_place(event: QKeyEvent, *, letters_are_foreign: bool = False) -> QKeyCombination | None:
    """The key that is meant by its place; None where the character is what counts.

    Args:
        letters_are_foreign: The keyboard types another script: a sign of punctuation in a
            letter's place means the letter, as on the Q of Greek and Hebrew keyboards.
    """
    place, key, modifiers = place_of(event), event.key(), event.modifiers()
    if not place or key >= _FIRST_SPECIAL_KEY or _types_third_sign(event):
        return None
    if place.isdigit():
        is_foreign = not (modifiers & _SHIFT or chr(key) in _DIGITS)
    else:
        is_foreign = is_foreign_letter(key) or (letters_are_foreign and not chr(key).isalpha())
    return QKeyCombination(modifiers, Qt.Key(ord(place))) if is_foreign else None


def is_foreign_letter(key: int) -> bool:
    """True if a key types a letter, or a part of one, that is not Latin."""
    if not 0x80 <= key < _FIRST_SPECIAL_KEY:
        return False
    sign = chr(key)
    is_letter = unicodedata.category(sign)[0] in "LM"
    return is_letter and not unicodedata.name(sign, "").startswith("LATIN")


def _types_third_sign(event: QKeyEvent) -> bool:
    """True if AltGr, or another key that no shortcut of the window has, is held."""
    if event.modifiers() & ~(_SHIFT | _CTRL):
        return True
    return sys.platform == "linux" and bool(event.nativeModifiers() & _THIRD_LEVEL)


class KeyPlaces(QObject):
    """Lets shortcuts work by place in whichever window has the focus.

    What the focus wants for itself, such as a letter for a text field, stays its own; so does
    every character that is a shortcut. Only the digits' row goes first: else a French 6, which
    types a minus, would be the one of nine keys that chooses no camera.
    """

    def __init__(self, application: QGuiApplication, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._letters_are_foreign = False
        application.focusWindowChanged.connect(self._follow)
        self._follow(QGuiApplication.focusWindow())

    def _follow(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self)  # once more makes no difference

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt asks first who wants a key for itself; what no shortcut took is then pressed."""
        if not isinstance(event, QKeyEvent):
            return False
        if event.type() is QEvent.Type.ShortcutOverride:
            self._learn(event)
            meaning = self._meaning(event) if place_of(event).isdigit() else None
            event.setAccepted(meaning is not None)
            return meaning is not None
        meaning = self._meaning(event) if event.type() is QEvent.Type.KeyPress else None
        if meaning is not None:
            meaning()
        return meaning is not None

    def _learn(self, event: QKeyEvent) -> None:
        key = event.key()
        if key < _FIRST_SPECIAL_KEY and chr(key).isalpha() and place_of(event):
            self._letters_are_foreign = is_foreign_letter(key)

    def _meaning(self, event: QKeyEvent) -> Callable[[], object] | None:
        """The act of a key by its place; None where it is left to its character."""
        meant = by_place(event, letters_are_foreign=self._letters_are_foreign)
        focus = QApplication.focusWidget() or QApplication.activeWindow()
        if meant is None or focus is None or QApplication.activePopupWidget():
            return None
        asks = QEvent.Type.ShortcutOverride
        if _accepts(focus, _event(asks, event, event.keyCombination(), event.text())):
            return None
        if _accepts(focus, _event(asks, event, meant)):
            return lambda: _accepts(focus, _event(QEvent.Type.KeyPress, event, meant))
        return _shortcut(QKeySequence(meant), focus, is_repeated=event.isAutoRepeat())


def _event(kind: QEvent.Type, like: QKeyEvent, keys: QKeyCombination, text: str = "") -> QKeyEvent:
    return QKeyEvent(kind, keys.key(), keys.keyboardModifiers(), text, like.isAutoRepeat())


def _accepts(widget: QWidget, event: QKeyEvent) -> bool:
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def _shortcut(
    keys: QKeySequence, focus: QWidget, *, is_repeated: bool
) -> Callable[[], object] | None:
    """The act of keys in the window of the focus: an action, or a button's click."""
    for action in _actions(focus):
        if keys in action.shortcuts():
            return _nothing if is_repeated and not action.autoRepeat() else action.trigger
    for button in focus.window().findChildren(QAbstractButton):
        if keys == button.shortcut() and button.isEnabled() and button.isVisible():
            return _nothing if is_repeated and not button.autoRepeat() else button.click
    return None


def _actions(focus: QWidget) -> Iterator[QAction]:
    """Those that work while a widget has the focus, its own first."""
    of_focus_alone = Qt.ShortcutContext.WidgetShortcut
    widget: QWidget | None = focus
    while widget is not None:
        for action in widget.actions():
            is_near = widget is focus or action.shortcutContext() is not of_focus_alone
            if is_near and action.isEnabled() and action.isVisible():
                yield action
        widget = None if widget.isWindow() else widget.parentWidget()


def _nothing() -> None:
    """Stands for the act of a held key whose act is done once."""
