"""Keyboards whose digits want Shift, or whose letters are not Latin."""

import shutil
import subprocess
import sys

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from vms_desktop.ui.base.key_places import by_place, place_of
from vms_desktop.ui.base.pages import PageKey
from vms_desktop.ui.shortcuts import ShortcutsDialog

NONE, CTRL, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
ALT, KEYPAD = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.KeypadModifier
# As X11 has it among its own modifiers.
ALT_GR = 0x80
# Where the keys lie, as X11 counts them.
S, K, Q, MINUS, ONE, SIX, ZERO = 39, 45, 24, 20, 10, 15, 19
NUM_LOCK = "77"


def pressed(sign, code, modifiers=NONE, native=0, kind=QEvent.Type.KeyPress, held=False):
    return QKeyEvent(
        kind, ord(sign.upper()), modifiers, code, 0, native, sign if not modifiers else "", held
    )


def press(window, sign, code, modifiers=NONE, held=False):
    """As Qt hands on a key that no shortcut of its own took."""
    handle = window.windowHandle()
    for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
        QApplication.sendEvent(handle, pressed(sign, code, modifiers, kind=kind, held=held))


@pytest.mark.parametrize(
    "sign, code, modifiers, meant",
    [
        ("&", ONE, NONE, "1"),
        ("&", ONE, CTRL, "1"),
        ("-", SIX, NONE, "6"),
        ("à", ZERO, NONE, "0"),
        ("1", ONE, NONE, None),
        ("1", ONE, SHIFT, None),
        ("!", ONE, SHIFT, None),
        ("٣", 12, NONE, "3"),
        ("ภ", 13, NONE, "4"),
        ("ы", S, CTRL, "S"),
        ("Σ", S, NONE, "S"),
        ("ש", 38, NONE, "A"),
        ("س", S, NONE, "S"),
        ("่", 44, NONE, "J"),
        ("o", S, NONE, None),
        ("'", Q, CTRL, None),
        ("ö", 47, NONE, None),
        ("ğ", 26, NONE, None),
        (")", MINUS, NONE, None),
        ("ы", S, ALT, None),
        ("1", 87, KEYPAD, None),
    ],
)
def test_the_place_counts_where_the_character_is_of_no_use(qapp, sign, code, modifiers, meant):
    found = by_place(pressed(sign, code, modifiers))
    assert (chr(found.key()) if found else None) == meant
    assert found is None or found.keyboardModifiers() == modifiers


@pytest.mark.skipif(sys.platform != "linux", reason="platform: X11's modifiers")
def test_a_sign_that_is_typed_with_altgr_stays_itself(qapp):
    assert by_place(pressed("~", 11, native=ALT_GR)) is None


def test_punctuation_in_a_letters_place_is_that_letter_where_the_script_is_foreign(qapp):
    greek = pressed(";", Q, CTRL)
    assert by_place(greek) is None
    meant = by_place(greek, letters_are_foreign=True)
    assert meant is not None
    assert meant.key() is Qt.Key.Key_Q


@pytest.mark.parametrize(
    "platform, code, virtual, place",
    [
        ("xcb", 10, 0, "1"),
        ("wayland", 39, 0, "S"),
        ("windows", 2, 0, "1"),
        ("windows", 31, 0, "S"),
        ("windows", 0x147, 0, ""),
        ("cocoa", 1, 18, "1"),
        ("cocoa", 1, 22, "6"),
        ("cocoa", 1, 29, "0"),
        ("cocoa", 1, 1, "S"),
        ("cocoa", 1, 46, "M"),
        ("cocoa", 1, 36, ""),
    ],
)
def test_every_system_says_in_its_own_way_where_a_key_lies(platform, code, virtual, place):
    event = QKeyEvent(QEvent.Type.KeyPress, 0, NONE, code, virtual, 0)
    assert place_of(event, platform) == place


def test_each_key_of_a_french_row_chooses_its_camera_once(window):
    window.page.grid.setFocus()
    chosen = []
    for action in window.actions_.choose:
        action.triggered.connect(lambda _on, action=action: chosen.append(action.text()[-1]))
    for place, sign in enumerate("&é\"'(-è_ç"):
        press(window, sign, ONE + place)
    assert chosen == list("123456789")


def test_french_pages_and_russian_letters_work(window):
    press(window, '"', 12, CTRL)
    assert window.pages.key == "archives"
    press(window, "&", ONE, CTRL)
    assert window.pages.key == "live"
    before = window.actions_.events_panel.isChecked()
    press(window, "у", 26)
    assert window.actions_.events_panel.isChecked() is not before


def test_of_actions_with_one_key_the_one_of_the_page_works(window, qtbot):
    window.show_page(PageKey.CAMERAS)
    with qtbot.waitSignal(window.actions_.find.triggered, timeout=500):
        press(window, "а", 41, CTRL)


def test_what_is_held_does_not_repeat_what_does_not_repeat(window):
    window.page.grid.setFocus()
    window.actions_.choose[1].setAutoRepeat(False)
    done = []
    window.actions_.choose[1].triggered.connect(lambda: done.append(2))
    press(window, "é", 11)
    press(window, "é", 11, held=True)
    assert len(done) == 1


def test_a_text_field_keeps_what_it_types_and_gets_the_keys_of_its_clipboard(window):
    window.show_page(PageKey.CAMERAS)
    field = QLineEdit(window.pages.current)
    field.show()
    field.setFocus()
    for sign, code in (("é", 11), ("ы", S), ("-", SIX), ("к", 27)):
        press(window, sign, code)
    assert field.text() == "éы-к"
    assert window.pages.key == "cameras"
    press(window, "ф", 38, CTRL)
    assert field.selectedText() == "éы-к"


def test_a_dialogs_keys_are_its_own(window):
    dialog = ShortcutsDialog(window.actions_, window)
    dialog.open()
    dialog.activateWindow()
    dialog.setFocus()
    page = window.pages.key
    press(dialog, "é", 11, CTRL)
    assert window.pages.key == page
    dialog.reject()


def test_zooming_has_keys_that_every_keyboard_has(window):
    dialog = ShortcutsDialog(window.actions_, window)
    assert {"Ctrl++", "Ctrl+−", "Ctrl+0"} <= {label.text() for label in dialog.findChildren(QLabel)}


class XKeyboard:
    """The keyboard of the X server that the tests run on."""

    def lay(self, layout, variant=""):
        subprocess.run(["setxkbmap", layout, "-variant", variant], check=True)

    def press(self, *keys):
        """Keys by their codes, with modifiers: `ctrl+10`."""
        subprocess.run(["xdotool", "key", *keys], check=True)


@pytest.fixture
def keyboard():
    if not (shutil.which("xdotool") and shutil.which("setxkbmap")):
        pytest.skip("no xdotool, or no setxkbmap")
    made = XKeyboard()
    yield made
    made.lay("us")


@pytest.mark.window
@pytest.mark.parametrize(
    "layout, variant, letter",
    [
        ("us", "", "26"),
        ("fr", "", "26"),
        ("de", "", "26"),
        ("cz", "", "26"),
        ("ru", "", "26"),
        ("gr", "", "26"),
        ("il", "", "26"),
        ("ara", "", "26"),
        ("th", "", "26"),
        ("us", "dvorak", "40"),
    ],
)
def test_on_a_real_keyboard_digits_and_letters_work_and_once(
    window, qtbot, keyboard, layout, variant, letter
):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.page.grid.setFocus()
    done = []
    actions = window.actions_
    for name, action in {
        **{str(at + 1): action for at, action in enumerate(actions.choose)},
        "panel": actions.events_panel,
        "page": actions.pages[PageKey.ARCHIVES],
    }.items():
        action.triggered.connect(lambda _on=False, name=name: done.append(name))
    keyboard.lay(layout, variant)
    keyboard.press(*(str(code) for code in range(10, 19)), letter, "ctrl+12")
    qtbot.waitUntil(lambda: done[-1:] == ["page"])
    assert done == [*"123456789", "panel", "page"]


@pytest.mark.window
def test_on_a_real_french_keyboard_shift_and_the_number_pad_type_digits(window, qtbot, keyboard):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.page.grid.setFocus()
    keyboard.lay("fr")
    keyboard.press("shift+11")
    qtbot.waitUntil(lambda: window.page.grid.chosen == "cam2")
    keyboard.press(NUM_LOCK)
    keyboard.press("89")
    qtbot.waitUntil(lambda: window.page.grid.chosen == "cam3")
    keyboard.press(NUM_LOCK)


@pytest.mark.window
@pytest.mark.parametrize(
    "layout, out, whole", [("fr", "ctrl+15", "ctrl+19"), ("cz", "ctrl+61", "ctrl+19")]
)
def test_the_keys_of_zooming_that_are_shown_work_on_a_real_keyboard(
    window, qtbot, keyboard, layout, out, whole
):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.page.grid.setFocus()
    keyboard.lay(layout)
    with qtbot.waitSignal(window.actions_.zoom_out.triggered):
        keyboard.press(out)
    with qtbot.waitSignal(window.actions_.zoom_reset.triggered):
        keyboard.press(whole)
