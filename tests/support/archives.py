"""The Archives page without its threads: an index and jobs to play with, and its user's hands."""

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtTest import QTest

from vms_desktop.workers.jobs.library_jobs import JobKind, JobResult


class KeeperStandIn(QObject):
    library_changed = Signal(object)


class IndexStandIn(QObject):
    """Answers every question with the same clips, once it is told to."""

    answered = Signal(int, object)

    def __init__(self) -> None:
        super().__init__()
        self.indexer = KeeperStandIn()
        self.asked: list[object] = []

    def ask(self, query: object, _channel: str = "") -> int:
        self.asked.append(query)
        return len(self.asked)

    def answer(self, clips) -> None:
        self.answered.emit(len(self.asked), tuple(clips))


class JobsStandIn(QObject):
    """Notes what it is asked for."""

    finished = Signal(int, object)

    def __init__(self) -> None:
        super().__init__()
        self.orders: list[tuple] = []

    def restore(self, paths) -> int:
        return self._note("restore", paths)

    def delete(self, paths) -> int:
        return self._note("delete", paths)

    def comment(self, path, text) -> int:
        return self._note("comment", path, text)

    def finish(self, kind: JobKind, **facts) -> None:
        self.finished.emit(len(self.orders), JobResult(kind=kind, **facts))

    def _note(self, *order) -> int:
        self.orders.append(order)
        return len(self.orders)


def card(page, clip):
    return page.view.card(clip.path)


def shown(page) -> list[str]:
    return [f"{clip.start_at:%d %T}" for clip in page.view._plan.order]


def click(page, clip, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseClick(card(page, clip).picture, Qt.MouseButton.LeftButton, modifier)


def press(page, clip, key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(card(page, clip).picture, key, modifier)


def write(page, clip, text: str) -> None:
    field = card(page, clip).comment
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


def heard(signal) -> list:
    got: list = []
    signal.connect(got.append)
    return got
