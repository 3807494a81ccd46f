"""The calendar: which days it shows, marks and chooses, by hand and by key."""

from datetime import date, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from vms_desktop.ui.base.theme import DARK_THEME
from vms_desktop.ui.playback.calendar import DayCalendar, month_days

TODAY = date(2026, 11, 22)


@pytest.fixture
def calendar(qtbot) -> DayCalendar:
    QLocale.setDefault(QLocale("en_GB"))
    made = DayCalendar(DARK_THEME, TODAY)
    qtbot.addWidget(made)
    made.show()
    return made


def days(calendar: DayCalendar) -> Any:
    return calendar.findChild(QWidget, "calendarDays")


def title(calendar) -> str:
    return calendar.findChild(QLabel).text()


@pytest.mark.parametrize(
    "year, month, first_weekday, first, last",
    [
        (2026, 11, 1, date(2026, 10, 26), date(2026, 12, 6)),
        (2026, 11, 7, date(2026, 11, 1), date(2026, 12, 12)),
        (2026, 2, 7, date(2026, 2, 1), date(2026, 3, 14)),
        (2027, 1, 1, date(2026, 12, 28), date(2027, 2, 7)),
    ],
)
def test_six_weeks_hold_every_month(year, month, first_weekday, first, last):
    shown = month_days(year, month, first_weekday)
    assert (shown[0], shown[-1], len(shown)) == (first, last, 42)
    assert shown == [first + timedelta(days=number) for number in range(42)]


def test_it_opens_at_this_month_with_no_day_chosen(calendar):
    assert (title(calendar), calendar.day) == ("November 2026", None)


def test_arrows_beside_the_title_turn_the_month_and_ask_for_its_days(calendar, qtbot):
    back = next(b for b in calendar.findChildren(QToolButton) if b.text() == "Previous month")
    with qtbot.waitSignal(calendar.month_shown) as told:
        back.click()
    assert told.args == [2026, 10]
    assert title(calendar) == "October 2026"


def test_marks_of_another_month_are_passed_over(calendar):
    calendar.show_month(2026, 10, {date(2026, 10, 3): 4})
    assert calendar.clips() == {}
    calendar.show_month(2026, 11, {date(2026, 11, 3): 4})
    assert calendar.clips() == {date(2026, 11, 3): 4}


def test_a_click_chooses_a_day(calendar, qtbot):
    grid = days(calendar)
    cell = grid.cell(6 * 1 + 3).center()  # the second week begins with the seventh cell
    with qtbot.waitSignal(calendar.day_chosen) as told:
        QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=cell)
    assert told.args == [calendar.day]
    assert told.args == [date(2026, 11, 4)]


@pytest.mark.parametrize(
    "keys, expected",
    [
        ([Qt.Key.Key_Left], date(2026, 11, 21)),
        ([Qt.Key.Key_Up], date(2026, 11, 15)),
        ([Qt.Key.Key_Down, Qt.Key.Key_Down], date(2026, 12, 6)),
    ],
)
def test_keys_move_and_enter_chooses(calendar, qtbot, keys, expected):
    grid = days(calendar)
    for key in keys:
        QTest.keyClick(grid, key)
    with qtbot.waitSignal(calendar.day_chosen) as told:
        QTest.keyClick(grid, Qt.Key.Key_Return)
    assert told.args == [expected]
    assert calendar.month == (expected.year, expected.month)


def test_the_day_under_the_keyboard_is_told_in_words(calendar):
    calendar.show_month(2026, 11, {TODAY: 32})
    assert days(calendar).accessibleName().startswith("Sunday 22 November 2026, 32")
