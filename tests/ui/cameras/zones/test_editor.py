"""Areas are drawn, moved, reshaped, named and removed with the mouse, and by keyboard alone."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMenu, QVBoxLayout, QWidget

from tests.support.stand_in import picture
from tests.support.zone_hand import CTRL, FAR, IGNORE, KEYS, SHIFT, WATCH, Hand, told_zones, zone
from vms_desktop.core.config.zones import Zone, ZoneKind
from vms_desktop.ui.base.words import PictureMessage
from vms_desktop.ui.cameras.zones.bar import ZoneBar
from vms_desktop.ui.cameras.zones.editor import ZoneEditor
from vms_desktop.ui.cameras.zones.edits import Chosen
from vms_desktop.ui.picture.zoom import NO_ZOOM, Zoom
from vms_desktop.ui.widgets.segmented import Segments


@pytest.fixture
def editor(qtbot) -> ZoneEditor:
    """A picture of 16:9 with black above and below it."""
    made = ZoneEditor()
    qtbot.addWidget(made)
    made.resize(800, 600)
    with qtbot.waitActive(made):
        made.show()
    made.show_picture(picture(800, 450))
    made.setFocus()
    return made


@pytest.fixture
def hand(editor) -> Hand:
    return Hand(editor)


@pytest.fixture
def told(editor) -> list[tuple[Zone, ...]]:
    return told_zones(editor)


def corners(told) -> list[tuple[float, float]]:
    """The corners of the last area, as they were told at last."""
    return [(round(x, 2), round(y, 2)) for x, y in told[-1][-1].points]


@pytest.mark.parametrize("kind", ZoneKind)
@pytest.mark.parametrize(
    "width, height", [(800, 450), (800, 600), (450, 600), (600, 600), (799, 97)]
)
def test_clicked_corners_become_an_area_wherever_the_picture_lies(
    editor, hand, told, kind, width, height
):
    editor.show_picture(picture(width, height))
    editor.begin(kind)
    hand.click((0.25, 0.25), (0.75, 0.25), (0.5, 0.75), (0.25, 0.25))
    (area,) = told[-1]
    assert area.kind is kind
    one_px = max(1 / width, 1 / height)
    for point, wanted in zip(area.points, [(0.25, 0.25), (0.75, 0.25), (0.5, 0.75)], strict=True):
        assert point == pytest.approx(wanted, abs=one_px)


@pytest.mark.parametrize("ending", ["enter", "double click", "first corner", "menu"])
def test_an_area_is_closed_by(editor, hand, told, ending):
    editor.begin(WATCH)
    hand.click((0.2, 0.2), (0.6, 0.2))
    {
        "enter": lambda: (hand.click((0.4, 0.6)), hand.press(KEYS.Key_Return)),
        "double click": lambda: hand.double_click(0.4, 0.6),
        "first corner": lambda: hand.click((0.4, 0.6), (0.202, 0.202)),
        "menu": lambda: (hand.click((0.4, 0.6)), editor.finish()),
    }[ending]()
    assert corners(told) == [(0.2, 0.2), (0.6, 0.2), (0.4, 0.6)]
    assert editor.edits.chosen == Chosen(0)


def test_one_drag_draws_a_rectangle(editor, hand, told):
    editor.begin(IGNORE)
    hand.drag((0.6, 0.6), (0.5, 0.5), (0.2, 0.2))
    assert corners(told) == [(0.6, 0.6), (0.2, 0.6), (0.2, 0.2), (0.6, 0.2)]
    assert len(told) == 1


@pytest.mark.parametrize("clicks", [(), ((0.2, 0.2),), ((0.2, 0.2), (0.6, 0.2))])
def test_two_points_never_become_an_area(editor, hand, told, clicks):
    editor.begin(WATCH)
    hand.click(*clicks)
    for _ in range(2):
        editor.finish()
    if clicks:
        hand.double_click(*clicks[-1])
    assert told == []
    assert editor.edits.draft
    assert "three corners" in editor.accessibleDescription()


def test_a_corner_that_would_cross_is_refused_and_said(editor, hand, told):
    editor.begin(WATCH)
    hand.click((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.4, 0.1))
    assert len(editor.edits.draft.points) == 3
    assert "cross" in editor.accessibleDescription()
    assert told == []


def test_an_area_whose_last_edge_would_cross_is_not_closed(editor, hand, told):
    editor.begin(WATCH)
    hand.click((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.9, 0.6))
    editor.finish()
    assert told == []
    assert editor.edits.draft


@pytest.mark.parametrize("times", [1, 2, 3])
def test_corners_are_taken_back_one_by_one_and_at_last_the_drawing(editor, hand, times):
    editor.begin(WATCH)
    hand.click((0.2, 0.2), (0.6, 0.2))
    hand.press(*[KEYS.Key_Backspace] * times)
    left = editor.edits.draft and len(editor.edits.draft.points)
    assert left == {1: 1, 2: 0, 3: None}[times]


def test_esc_ends_the_drawing_and_not_the_dialog(qtbot):
    dialog, editor = QDialog(), ZoneEditor()
    QVBoxLayout(dialog).addWidget(editor)
    qtbot.addWidget(dialog)
    dialog.resize(600, 400)
    with qtbot.waitActive(dialog):
        dialog.show()
    editor.show_picture(picture(400, 225))
    editor.begin(WATCH)
    Hand(editor).click((0.2, 0.2))
    QTest.keyClick(editor, KEYS.Key_Escape)
    assert editor.edits.draft is None
    assert dialog.isVisible()
    QTest.keyClick(editor, KEYS.Key_Escape)
    assert not dialog.isVisible()


def test_a_shortcut_of_the_window_does_not_take_the_keys_of_the_picture(editor, hand, told):
    robbed: list[bool] = []
    for key in ("Del", "Left", "Ctrl+Z"):
        QShortcut(QKeySequence(key), editor, lambda: robbed.append(True))
    editor.set_zones((zone(),))
    hand.click((0.4, 0.4))
    hand.press(KEYS.Key_Left, KEYS.Key_Delete)
    hand.press(KEYS.Key_Z, modifier=CTRL)
    assert (len(told), robbed) == (3, [])


def test_a_click_chooses_and_a_drag_moves_what_is_under_it(editor, hand, told):
    editor.set_zones((zone(), zone(FAR)))
    hand.click((0.4, 0.4))
    assert editor.edits.chosen == Chosen(0)
    hand.drag((0.8, 0.75), (0.75, 0.7), (0.7, 0.65))
    assert editor.edits.chosen == Chosen(1)
    assert corners(told) == [(0.6, 0.6), (0.8, 0.6), (0.7, 0.8)]
    assert len(told) == 1
    hand.click((0.05, 0.95))
    assert editor.edits.chosen is None


def test_an_area_cannot_be_dragged_out_of_the_picture(editor, hand, told):
    editor.set_zones((zone(),))
    hand.drag((0.4, 0.4), (0.0, 0.0))
    assert corners(told) == [(0, 0), (0.4, 0), (0.4, 0.4), (0, 0.4)]


def test_a_dragged_corner_reshapes_the_area(editor, hand, told):
    editor.set_zones((zone(),))
    hand.click((0.4, 0.4))
    hand.drag((0.6, 0.6), (0.7, 0.7), (0.8, 0.9))
    assert corners(told) == [(0.2, 0.2), (0.6, 0.2), (0.8, 0.9), (0.2, 0.6)]
    assert editor.edits.chosen == Chosen(0, 2)


def test_a_corner_that_would_cross_stays_at_its_last_valid_place(editor, hand, told):
    editor.set_zones((zone(),))
    hand.click((0.4, 0.4))
    hand.drag((0.6, 0.6), (0.5, 0.5), (0.1, 0.4), drop=False)
    assert "cross" in editor._refusal
    QTest.mouseRelease(editor, Qt.MouseButton.LeftButton, pos=hand.place(0.1, 0.4))
    assert corners(told) == [(0.2, 0.2), (0.6, 0.2), (0.5, 0.5), (0.2, 0.6)]


def test_a_drag_on_an_edge_inserts_a_corner(editor, hand, told):
    editor.set_zones((zone(),))
    hand.click((0.4, 0.4))
    hand.drag((0.4, 0.6), (0.4, 0.7), (0.4, 0.8))
    assert corners(told) == [(0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.4, 0.8), (0.2, 0.6)]
    assert editor.edits.chosen == Chosen(0, 3)


def test_an_area_that_is_removed_in_the_hand_is_gone(editor, hand, told):
    editor.set_zones((zone(),))
    hand.drag((0.4, 0.4), (0.5, 0.5), drop=False)
    hand.press(KEYS.Key_Delete)
    QTest.mouseMove(editor, hand.place(0.6, 0.6))
    QTest.mouseRelease(editor, Qt.MouseButton.LeftButton, pos=hand.place(0.6, 0.6))
    assert told == [()]


def test_a_click_moves_nothing(editor, hand, told):
    editor.set_zones((zone(),))
    hand.click((0.4, 0.4), (0.4, 0.6), (0.6, 0.6))
    assert told == []


def test_a_picture_that_is_zoomed_in_is_panned_beside_the_chosen_area(editor, hand, told):
    editor.set_zones((zone(),))
    editor.set_zoom(Zoom(2, 0.5, 0.5))
    hand.drag((0.4, 0.4), (0.35, 0.4))
    assert told == []
    assert editor.zoom.x == pytest.approx(0.55, abs=0.01)
    hand.drag((0.5, 0.5), (0.55, 0.5))
    assert corners(told)[0] == (0.25, 0.2)


def test_the_keyboard_zooms_and_pans(editor, hand):
    hand.press(KEYS.Key_Plus, KEYS.Key_Plus, KEYS.Key_Right)
    assert editor.zoom.scale == pytest.approx(1.5625)
    assert editor.zoom.x > 0.5
    hand.press(KEYS.Key_0, KEYS.Key_Right)
    assert editor.zoom == NO_ZOOM


def test_tab_goes_through_areas_and_corners_and_then_on(qtbot):
    frame, editor, after = QWidget(), ZoneEditor(), QLineEdit()
    qtbot.addWidget(frame)
    layout = QVBoxLayout(frame)
    layout.addWidget(editor)
    layout.addWidget(after)
    frame.resize(400, 300)
    with qtbot.waitActive(frame):
        frame.show()
    hand = Hand(editor)
    editor.show_picture(picture(400, 225))
    editor.set_zones((zone(FAR), zone()))
    editor.setFocus()
    seen = []
    while editor.hasFocus():
        hand.press(KEYS.Key_Tab)
        seen.append(editor.edits.chosen)
    first = [Chosen(0), Chosen(0, 0), Chosen(0, 1), Chosen(0, 2)]
    second = [Chosen(1), *(Chosen(1, corner) for corner in range(4))]
    assert seen == [*first, *second, None]
    assert after.hasFocus()
    hand.press(KEYS.Key_Backtab)
    hand.press(KEYS.Key_Backtab)
    assert editor.edits.chosen == Chosen(1, 3)


@pytest.mark.parametrize(
    "chosen, key, modifier, expected",
    [
        (Chosen(0), KEYS.Key_Right, None, [(0.205, 0.2), (0.605, 0.6)]),
        (Chosen(0), KEYS.Key_Up, SHIFT, [(0.2, 0.15), (0.6, 0.55)]),
        (Chosen(0, 2), KEYS.Key_Down, None, [(0.2, 0.2), (0.6, 0.605)]),
        (Chosen(0, 0), KEYS.Key_Left, SHIFT, [(0.15, 0.2), (0.6, 0.6)]),
    ],
)
def test_arrow_keys_move_the_chosen_area_or_corner(
    editor, hand, told, chosen, key, modifier, expected
):
    editor.set_zones((zone(),))
    editor.edits.choose(chosen)
    hand.press(key, modifier=modifier or Qt.KeyboardModifier.NoModifier)
    points = told[-1][0].points
    assert [points[0], points[2]] == [pytest.approx(point) for point in expected]


def test_arrow_keys_stop_at_the_edge_and_before_a_crossing(editor, hand):
    editor.set_zones((zone(),))
    editor.edits.choose(Chosen(0, 0))
    hand.press(*[KEYS.Key_Left] * 5, modifier=SHIFT)
    assert editor.edits.zones[0].points[0] == (0, 0.2)
    hand.press(*[KEYS.Key_Down] * 18, modifier=SHIFT)
    hand.press(*[KEYS.Key_Right] * 18, modifier=SHIFT)
    assert "cross" in editor.accessibleDescription()
    assert Zone(name="", kind=WATCH, points=editor.edits.zones[0].points)


def test_an_area_is_drawn_by_keyboard_alone(editor, hand, told):
    editor.begin(WATCH)
    hand.press(KEYS.Key_Return)
    hand.press(*[KEYS.Key_Right] * 4, KEYS.Key_Return, modifier=SHIFT)
    hand.press(*[KEYS.Key_Down] * 4, KEYS.Key_Space, modifier=SHIFT)
    assert "Corners drawn: 3" in editor.accessibleDescription()
    hand.press(KEYS.Key_Return)
    assert corners(told) == [(0.5, 0.5), (0.7, 0.5), (0.7, 0.7)]


def test_insert_adds_a_corner_and_delete_removes_it_and_then_the_area(editor, hand, told):
    editor.set_zones((zone(FAR),))
    hand.press(KEYS.Key_Tab, KEYS.Key_Tab, KEYS.Key_Insert)
    assert corners(told) == [(0.7, 0.7), (0.8, 0.7), (0.9, 0.7), (0.8, 0.9)]
    assert editor.edits.chosen == Chosen(0, 1)
    hand.press(KEYS.Key_Delete)
    assert corners(told) == [(0.7, 0.7), (0.9, 0.7), (0.8, 0.9)]
    hand.press(KEYS.Key_Delete)
    assert "three corners" in editor.accessibleDescription()
    editor.edits.choose(Chosen(0))
    hand.press(KEYS.Key_Delete)
    assert told[-1] == ()


def test_every_step_is_undone_and_done_again(editor, hand, told):
    editor.begin(WATCH)
    hand.drag((0.2, 0.2), (0.6, 0.6))
    hand.press(*[KEYS.Key_Right] * 3)
    editor.set_kind(IGNORE)
    steps = [told[0], told[3], told[4]]
    hand.press(KEYS.Key_Z, modifier=CTRL)
    assert told[-1] == steps[1]
    hand.press(KEYS.Key_Z, modifier=CTRL)
    assert told[-1] == steps[0]  # the three arrow keys at once
    hand.press(KEYS.Key_Z, modifier=CTRL)
    assert told[-1] == ()
    hand.press(KEYS.Key_Y, KEYS.Key_Y, modifier=CTRL)
    hand.press(KEYS.Key_Z, modifier=CTRL | SHIFT)
    assert told[-1] == steps[2]
    assert not editor.edits.can_redo


def test_areas_from_outside_are_shown_as_they_are_and_not_told(editor, told):
    given = (zone(((0.123456789, 0.1), (0.9, 0.1), (0.5, 0.987654321)), name="Tree"),)
    editor.set_zones(given)
    assert editor.edits.zones is given
    assert told == []
    editor.edits.choose(Chosen(0))
    editor.insert_corner()
    editor.undo()
    assert told[-1] == given


def test_what_the_dialog_hands_back_keeps_the_history(editor, hand, told):
    editor.begin(WATCH)
    hand.drag((0.2, 0.2), (0.6, 0.6))
    editor.set_zones(tuple(told[-1]))
    editor.undo()
    assert told[-1] == ()


def test_without_a_live_picture_nothing_can_be_drawn(editor, hand, told):
    editor.set_zones((zone(),))
    editor.set_message(PictureMessage("lock", "Wrong user name or password"))
    hand.drag((0.4, 0.4), (0.6, 0.6))
    hand.press(KEYS.Key_Delete)
    assert told == []
    assert editor.is_still


def test_a_screen_reader_is_told_what_is_chosen(editor, hand):
    editor.set_zones((zone(FAR), zone(name="Street")))
    editor.edits.choose(Chosen(1, 2))
    editor.undo()
    words = editor.accessibleDescription()
    assert words == "Area 2 of 2: Street, Watched area, corner 3 of 4 at 60 %, 60 %"


@pytest.mark.parametrize(
    "press, words",
    [
        ((0.4, 0.4), {"Rename…", "Watched", "Ignored", "Add a corner", "Remove the area"}),
        ((0.05, 0.95), {"New watched area", "New ignored area", "Undo", "Redo"}),
    ],
)
def test_a_right_click_offers_what_can_be_done_there(editor, hand, press, words):
    editor.set_zones((zone(),))
    place = hand.place(*press)
    reason = QContextMenuEvent.Reason.Mouse
    where = editor.mapToGlobal(place)
    QApplication.sendEvent(editor, QContextMenuEvent(reason, place, where))
    (menu,) = editor.findChildren(QMenu)
    assert words <= {action.text() for action in menu.actions()}
    menu.close()


def test_the_row_below_names_the_chosen_area_and_changes_its_kind(editor, hand, told, qtbot):
    bar = ZoneBar(editor)
    qtbot.addWidget(bar)
    with qtbot.waitActive(bar):
        bar.show()
    before = bar.height()
    editor.set_zones((zone(name="Street"), zone(FAR, IGNORE)))
    hand.click((0.4, 0.4))
    (name,) = bar.findChildren(QLineEdit)
    assert name.text() == "Street"
    name.selectAll()
    QTest.keyClicks(name, "Yard ")
    assert told[-1][0].name == "Yard"
    editor.undo()
    assert told[-1][0].name == "Street"  # the letters at once
    (kinds,) = bar.findChildren(Segments)
    kinds.button(IGNORE).click()
    assert told[-1][0].kind is IGNORE
    hand.click((0.8, 0.75))
    assert (name.text(), name.placeholderText()) == ("", "Ignored area")
    assert bar.height() == before
