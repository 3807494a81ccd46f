"""Webcams are looked for beside the window."""

import threading

import pytest
from PySide6.QtCore import QObject, QThread

from vms_desktop.core.stream.webcams import Webcam
from vms_desktop.workers.camera.webcam_search import WebcamSearch

LAPTOP = (Webcam(0, "Laptop"),)


class Asker(QObject):
    """Notes the answer, and where it came."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[tuple[Webcam, ...]] = []
        self.threads: list[QThread] = []

    def take(self, found: tuple[Webcam, ...]) -> None:
        self.answers.append(found)
        self.threads.append(QThread.currentThread())


def test_the_answer_comes_later_and_in_the_windows_thread(qtbot):
    may_answer = threading.Event()

    def look() -> tuple[Webcam, ...]:
        may_answer.wait(5)
        return LAPTOP

    search, asker = WebcamSearch(look), Asker()
    search.ask(asker.take)
    assert asker.answers == []
    may_answer.set()
    qtbot.waitUntil(lambda: asker.answers == [LAPTOP])
    assert asker.threads == [asker.thread()]


def test_whoever_is_gone_gets_no_answer(qtbot):
    search, gone, other = WebcamSearch(lambda: LAPTOP), Asker(), Asker()
    search.ask(gone.take)
    answers = gone.answers
    gone.deleteLater()
    search.ask(other.take)
    qtbot.waitUntil(lambda: LAPTOP in other.answers)
    assert len(answers) <= 1


@pytest.mark.expects_log_errors
def test_a_bug_in_the_search_leaves_nobody_waiting(qtbot, caplog):
    def look() -> tuple[Webcam, ...]:
        raise ZeroDivisionError

    search, asker = WebcamSearch(look), Asker()
    search.ask(asker.take)
    qtbot.waitUntil(lambda: asker.answers == [()])
    assert [record.getMessage() for record in caplog.records] == ["webcams crashed"]
