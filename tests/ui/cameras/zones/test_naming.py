"""An area that was drawn is named at once; the menu of areas opens by keys."""

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QVBoxLayout, QWidget

from tests.support.stand_in import picture
from tests.support.zone_hand import CTRL, IGNORE, KEYS, SHIFT, WATCH, Hand, told_zones, zone
from vms_desktop.core.config.zones import Zone
from vms_desktop.ui.cameras.zones.bar import ZoneBar
from vms_desktop.ui.cameras.zones.editor import ZoneEditor


@pytest.fixture
def window(qtbot) -> QWidget:
    """A picture with the row for its areas below it."""
    made = QWidget()
    qtbot.addWidget(made)
    editor = ZoneEditor()
    layout = QVBoxLayout(made)
    layout.addWidget(editor, 1)
    layout.addWidget(ZoneBar(editor))
    made.resize(800, 600)
    with qtbot.waitActive(made):
        made.show()
    editor.show_picture(picture(800, 450))
    editor.setFocus()
    return made


@pytest.fixture
def editor(window) -> ZoneEditor:
    return window.findChild(ZoneEditor)


@pytest.fixture
def name(window) -> QLineEdit:
    return window.findChild(QLineEdit)


@pytest.fixture
def hand(editor) -> Hand:
    return Hand(editor)


@pytest.fixture
def told(editor) -> list[tuple[Zone, ...]]:
    return told_zones(editor)


@pytest.mark.parametrize("by_menu_key", [False, True])
@pytest.mark.parametrize(
    "prepare, words",
    [
        (lambda hand: hand.press(KEYS.Key_Tab), "Rename…"),
        (lambda hand: hand.press(KEYS.Key_Tab, KEYS.Key_Tab), "Remove the corner"),
        (lambda hand: hand.editor.begin(WATCH), "Close the area"),
        (lambda hand: hand.press(KEYS.Key_Escape), "New watched area"),
    ],
    ids=["area", "corner", "drawing", "nothing"],
)
def test_the_menu_keys_offer_what_can_be_done(editor, hand, prepare, words, by_menu_key):
    editor.set_zones((zone(),))
    prepare(hand)
    if by_menu_key:
        reason = QContextMenuEvent.Reason.Keyboard
        QApplication.sendEvent(editor, QContextMenuEvent(reason, QPoint(1, 1), QPoint(1, 1)))
    else:
        hand.press(KEYS.Key_F10, modifier=SHIFT)
    (menu,) = editor.findChildren(QMenu)
    assert words in {action.text() for action in menu.actions()}
    menu.close()


def draw_by_mouse(hand) -> None:
    hand.editor.begin(IGNORE)
    hand.click((0.2, 0.2), (0.6, 0.2), (0.4, 0.6), (0.2, 0.2))


def draw_by_keys(hand) -> None:
    hand.editor.begin(IGNORE)
    hand.press(KEYS.Key_Return)
    hand.press(*[KEYS.Key_Right] * 4, KEYS.Key_Return, modifier=SHIFT)
    hand.press(*[KEYS.Key_Down] * 4, KEYS.Key_Return, KEYS.Key_Return, modifier=SHIFT)


def draw_by_drag(hand) -> None:
    hand.editor.begin(IGNORE)
    hand.drag((0.2, 0.2), (0.4, 0.4), (0.6, 0.6))


@pytest.mark.parametrize("back", [KEYS.Key_Return, KEYS.Key_Escape])
@pytest.mark.parametrize("draw", [draw_by_mouse, draw_by_keys, draw_by_drag])
def test_an_area_that_was_just_drawn_is_named_by_typing(editor, hand, told, name, draw, back):
    draw(hand)
    assert name.hasFocus()
    QTest.keyClicks(name, "Hedge")
    assert [area.name for area in told[-1]] == ["Hedge"]
    hand.press(back)
    assert editor.hasFocus()
    hand.press(KEYS.Key_Right)
    assert told[-1][0].points[0].x > told[-2][0].points[0].x


def test_right_after_drawing_undo_means_the_area_and_then_its_name(editor, hand, told, name):
    draw_by_mouse(hand)
    hand.press(KEYS.Key_Z, modifier=CTRL)
    assert told[-1] == ()
    assert editor.hasFocus()
    hand.press(KEYS.Key_Y, modifier=CTRL)
    assert len(told[-1]) == 1
    assert not name.hasFocus()
    hand.press(KEYS.Key_Tab, KEYS.Key_F2)
    QTest.keyClicks(name, "Hedge")
    hand.press(KEYS.Key_Z, modifier=CTRL)
    assert [area.name for area in told[-1]] == [""]
