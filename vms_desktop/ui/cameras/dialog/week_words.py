"""A weekly schedule in words: days, times, and ranges of both."""

from PySide6.QtCore import QLocale, QTime

from vms_desktop.core.config import DAY_S, ScheduleRange, WeekTimes, second_of_day
from vms_desktop.ui.base import words_of

_tr = words_of(__name__)


def day_word(day: int, *, short: bool = True) -> str:
    """A day of the week, 0 = Monday: Mon."""
    forms = QLocale.FormatType
    word = QLocale().standaloneDayName(day + 1, forms.ShortFormat if short else forms.LongFormat)
    return word.rstrip(".").capitalize()


def time_word(second_s: int) -> str:
    """A time of day; the midnight that ends a day is 24:00."""
    if second_s == DAY_S:
        return "24:00"
    moment = QTime(0, 0).addSecs(second_s % DAY_S)
    return moment.toString("HH:mm:ss" if moment.second() else "HH:mm")


def span_words(start_s: int, end_s: int) -> str:
    """A piece of the week, in s since Monday 00:00: Mon 22:00–06:00, Fri 18:00 – Mon 08:00."""
    day = start_s // DAY_S
    start, end = time_word(start_s % DAY_S), time_word((end_s - 1) % DAY_S + 1)
    if end_s - start_s <= DAY_S:
        return f"{day_word(day)} {start}–{end}"
    return f"{day_word(day)} {start} – {day_word((end_s - 1) // DAY_S % 7)} {end}"


def week_words(week: WeekTimes) -> str:
    """A whole schedule in one line."""
    if week.is_whole:
        return _tr("At all times")
    if week.is_empty:
        return _tr("At no time")
    return " · ".join(_range_words(entry) for entry in week.schedule())


def _range_words(entry: ScheduleRange) -> str:
    days = ", ".join(_runs(sorted(entry.days)))
    if entry.start == entry.end and not any((entry.start.hour, entry.start.minute)):
        return days
    end_s = second_of_day(entry.end) or DAY_S
    return f"{days} {time_word(second_of_day(entry.start))}–{time_word(end_s)}"


def _runs(days: list[int]) -> list[str]:
    """Days with neighbours drawn together: Mon–Fri, Sun."""
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return [
        day_word(run[0]) if len(run) == 1 else f"{day_word(run[0])}–{day_word(run[-1])}"
        for run in runs
    ]
