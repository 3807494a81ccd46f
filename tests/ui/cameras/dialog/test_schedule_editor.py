from datetime import time

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from vms_desktop.core.config.schedule import ScheduleRange
from vms_desktop.ui.base.theme import DARK_THEME
from vms_desktop.ui.cameras.dialog.schedule_editor import ScheduleEditor
from vms_desktop.ui.cameras.dialog.schedule_grid import Cell
from vms_desktop.ui.cameras.dialog.week_words import week_words

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def span(days, start, end):
    return ScheduleRange(days=frozenset(days), start=start, end=end)


WORK = span(range(5), time(8), time(18))
NIGHTS = span(range(7), time(22), time(6))
ODD = span({2}, time(7, 10), time(7, 50))


pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def editor(qtbot):
    made = ScheduleEditor(DARK_THEME)
    qtbot.addWidget(made)
    made.resize(420, 190)
    made.show()
    made.clear.click()
    return made


def place(editor, day, hour):
    return editor.grid.cell_rect(Cell(day, int(hour * 2))).center().toPoint()


def drag(editor, start, end, button=LEFT):
    """From one cell to another, both given as day and hour."""
    QTest.mousePress(editor.grid, button, pos=place(editor, *start))
    QTest.mouseMove(editor.grid, place(editor, *end))
    QTest.mouseRelease(editor.grid, button, pos=place(editor, *end))


def press(editor, keys):
    for key in keys:
        shift = Qt.KeyboardModifier.ShiftModifier
        modifiers = shift if key.isupper() else Qt.KeyboardModifier.NoModifier
        QTest.keyClick(editor.grid, KEYS[key.lower()], modifiers)


KEYS = {
    "l": Qt.Key.Key_Left, "r": Qt.Key.Key_Right, "u": Qt.Key.Key_Up, "d": Qt.Key.Key_Down,
    " ": Qt.Key.Key_Space, "h": Qt.Key.Key_Home, "e": Qt.Key.Key_End, "x": Qt.Key.Key_Delete,
}  # fmt: skip


@pytest.mark.parametrize(
    "strokes, expected",
    [
        ([((0, 8), (4, 17.5), LEFT)], [WORK]),
        ([((4, 17.5), (0, 8), LEFT)], [WORK]),
        ([((0, 8), (4, 19.5), LEFT), ((0, 18), (4, 19.5), RIGHT)], [WORK]),
        ([((0, 8), (6, 17.5), LEFT), ((5, 8), (6, 17.5), LEFT)], [WORK]),
        ([((0, 22), (6, 23.5), LEFT), ((0, 0), (6, 5.5), LEFT)], [NIGHTS]),
        ([((0, 8), (0, 8.5), LEFT), ((0, 12), (0, 12.5), LEFT)],
         [span({0}, time(8), time(9)), span({0}, time(12), time(13))]),
    ],
)  # fmt: skip
def test_the_mouse_paints_a_rectangle_and_a_second_stroke_or_the_right_button_erases(
    editor, strokes, expected
):
    for start, end, button in strokes:
        drag(editor, start, end, button)
    assert list(editor.schedule()) == expected


@pytest.mark.parametrize(
    "keys, expected",
    [
        (" ", "Mon 00:00–00:30"),
        ("drr ", "Tue 01:00–01:30"),
        ("RRR ", "Mon 00:00–02:00"),
        ("DE ", "Mon–Tue"),
        (" r r  ", "Mon 00:00–01:00"),
        ("E hRx", "Mon 01:00–24:00"),
        ("ulh ", "Mon 00:00–00:30"),
    ],
)
def test_the_keyboard_paints_too(editor, keys, expected):
    editor.grid.setFocus()
    press(editor, keys)
    assert editor.summary == expected


def test_everything_painted_is_always_and_nothing_is_not(editor):
    assert editor.is_empty
    editor.always.click()
    assert (editor.schedule(), editor.is_empty) == ((), False)
    QTest.keyClick(editor.grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    press(editor, "x")
    assert editor.is_empty


def test_times_between_the_cells_survive_an_edit_elsewhere(editor):
    editor.show_schedule((ODD,))
    drag(editor, (4, 22), (4, 23.5))
    assert set(editor.schedule()) == {ODD, span({4}, time(22), time(0))}


@pytest.mark.parametrize(
    "schedule", [(), (ODD,), (NIGHTS, WORK), (WORK, span({0}, time(8), time(9)))]
)
def test_a_schedule_that_is_not_touched_comes_out_as_it_went_in(editor, schedule):
    editor.show_schedule(schedule)
    assert editor.schedule() == schedule


def test_a_stroke_is_told_once_and_one_that_changes_nothing_not_at_all(editor, qtbot):
    told = []
    editor.changed.connect(lambda: told.append(editor.summary))
    drag(editor, (0, 8), (2, 9))
    drag(editor, (5, 8), (6, 9), RIGHT)
    assert told == ["Mon–Wed 08:00–09:30"]


@pytest.mark.parametrize(
    "cell, words",
    [
        (Cell(0, 46), "Mon 22:00–06:00"),
        (Cell(1, 3), "Mon 22:00–06:00"),
        (Cell(1, 24), "Tue 12:00–12:30"),
    ],
)
def test_pointing_at_a_cell_tells_the_range_it_lies_in(editor, cell, words):
    editor.show_schedule((NIGHTS,))
    assert editor.grid.words_for(cell) == words


def test_a_screen_reader_hears_the_cursor_and_the_whole(editor):
    editor.show_schedule((WORK,))
    editor.grid.setFocus()
    press(editor, "d")
    assert editor.grid.accessibleDescription() == "Tue 00:00–00:30, not recorded"
    assert editor.accessibleDescription() == "Mon–Fri 08:00–18:00"


@pytest.mark.parametrize(
    "schedule, words",
    [
        ((), "At all times"),
        ((NIGHTS,), "Mon–Sun 22:00–06:00"),
        ((span({5, 6}, time(0), time(0)),), "Sat–Sun"),
        ((span({0, 2, 3}, time(8), time(0)),), "Mon, Wed–Thu 08:00–24:00"),
    ],
)
def test_a_schedule_is_said_in_one_line(editor, schedule, words):
    editor.show_schedule(schedule)
    assert editor.summary == words == week_words(editor.grid.week)


def test_dragging_beyond_the_edge_paints_up_to_it(editor):
    QTest.mousePress(editor.grid, LEFT, pos=place(editor, 6, 23))
    QTest.mouseMove(editor.grid, QPoint(editor.width() + 50, editor.height() + 50))
    QTest.mouseRelease(editor.grid, LEFT)
    assert editor.summary == "Sun 23:00–24:00"
