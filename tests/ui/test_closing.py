"""The window is closed while work goes on that would be lost."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from vms_desktop.core.base.errors import StorageProblem
from vms_desktop.core.library.archive import FailedPath
from vms_desktop.ui.quit_dialog import QuitDialog
from vms_desktop.workers.jobs.library_jobs import JobKind, JobResult, JobUnderWay

EXPORTED = JobResult(kind=JobKind.EXPORT)
FULL = JobResult(kind=JobKind.EXPORT, failed=(FailedPath(Path(), StorageProblem.FULL),))


class Work:
    """Jobs under way, as a test wants them."""

    def __init__(self, jobs, monkeypatch):
        self.jobs = jobs
        self.under_way = {7: JobUnderWay(JobKind.EXPORT, 420, 1000)}
        monkeypatch.setattr(jobs, "under_way", lambda: tuple(self.under_way.values()))

    def follow(self, done):
        self.under_way[7] = JobUnderWay(JobKind.EXPORT, done, 1000)
        self.jobs.progress.emit(7, done, 1000)

    def end(self, result=EXPORTED):
        self.under_way.clear()
        self.jobs.finished.emit(7, result)


@pytest.fixture
def work(review, monkeypatch):
    return Work(review.jobs, monkeypatch)


@pytest.fixture
def window(open_window, work):
    return open_window()


def asked(window):
    return [dialog for dialog in window.findChildren(QuitDialog) if dialog.isVisible()]


def test_an_export_is_asked_about_once_and_goes_on_where_nobody_says_otherwise(window, work):
    for _ in range(3):
        assert not window.close()
    (dialog,) = asked(window)
    assert dialog.told.text() == "Export: 42%"
    work.follow(500)
    assert dialog.told.text() == "Export: 50%"
    assert dialog.focusWidget() is dialog.keep
    assert dialog.keep.isDefault()
    QTest.keyClick(dialog.keep, Qt.Key.Key_Return)
    assert asked(window) == []
    assert window.isVisible()
    assert not window.close()
    assert len(asked(window)) == 1


def test_a_person_may_discard_it(window, qtbot):
    window.close()
    with qtbot.waitSignal(window.closed):
        asked(window)[0].give_up.click()


@pytest.mark.parametrize("result, closes", [(EXPORTED, True), (FULL, False)])
def test_the_window_closes_once_it_is_done_unless_that_failed(window, work, result, closes):
    window.close()
    asked(window)[0].later.click()
    assert "The program quits when the work under way is done." in window.banners.texts()
    work.end(result)
    assert window.isVisible() is not closes


def test_closing_later_can_be_taken_back(window, work):
    window.close()
    asked(window)[0].later.click()
    buttons = window.banners.findChildren(QPushButton)
    next(each for each in buttons if each.text() == "Do not quit").click()
    work.end()
    assert window.isVisible()


def test_what_is_done_while_the_question_stands_closes_the_window(window, work):
    window.close()
    work.end()
    assert not window.isVisible()


def test_what_fails_while_the_question_stands_is_read_first(window, work):
    window.close()
    work.end(FULL)
    assert asked(window) == []
    assert window.isVisible()


def test_clips_that_are_being_deleted_are_told_by_number(window, work):
    work.under_way = {8: JobUnderWay(JobKind.DELETE, 3, 40)}
    window.close()
    (dialog,) = asked(window)
    assert dialog.told.text() == "Deleting: 3 of 40 clips"
    assert dialog.keep.text() == "Keep working"


def test_a_signal_asks_nobody(window):
    window.close()
    window.dismiss_dialogs()
    assert window.close()


def test_the_end_of_the_session_asks_nobody(window):
    window._note_session_end(None)  # A QSessionManager is the system's alone to make.
    assert window.close()


def test_without_work_nothing_is_asked(window, work):
    work.under_way.clear()
    assert window.close()


def test_an_export_that_a_crash_interrupted_is_told(window, review):
    review.jobs.interrupted.emit((None,))
    assert any("An export was interrupted" in text for text in window.banners.texts())
