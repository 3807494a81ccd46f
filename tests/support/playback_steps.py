"""What a person does on the Playback page, and sees there."""

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from tests.support.video import read_number
from tests.support.waiting import PATIENCE_S
from vms_desktop.ui.playback.timeline.view import TimelineView

PATIENCE_MS = int(1000 * PATIENCE_S)


def until(qtbot, condition):
    qtbot.waitUntil(condition, timeout=PATIENCE_MS)


def number(page, key):
    """The number of the frame that a camera shows; None where it shows none."""
    players = page.parts.players
    if key not in players.tracks():
        return None
    view = players.view(key)
    return None if view.picture is None or view.message else read_number(view.picture.pixels)


def seen_of(timeline: TimelineView) -> tuple[datetime, datetime]:
    """The part of the day that is in sight."""
    start, end = timeline.view.start_s, timeline.view.end_s
    return datetime.fromtimestamp(start).astimezone(), datetime.fromtimestamp(end).astimezone()


def press(window, key, modifier=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(window.focusWidget() or window, key, modifier)


def dialog(kind):
    return next(
        each
        for each in QApplication.topLevelWidgets()
        if isinstance(each, kind) and each.isVisible()
    )


def button(parent, text):
    return next(each for each in parent.findChildren(QPushButton) if each.text() == text)
