"""A session's thread speaks in signals, takes orders, and ends when it is told to."""

from datetime import UTC, datetime

import pytest

from tests.support.waiting import wait_until
from vms_desktop.core.base.status import CameraState, Status
from vms_desktop.core.camera.session import LookAgain, Pause
from vms_desktop.workers.camera.session_worker import SessionWorker
from vms_desktop.workers.latest import Latest

AT = datetime(2026, 1, 1, tzinfo=UTC)


class Obeying:
    """A session that tells its state and repeats what it is told to do."""

    def __init__(self, inbox, report):
        self.inbox, self.report, self.orders = inbox, report, []

    def run(self):
        self.report.status_changed(Status(state=CameraState.LIVE, since_at=AT))
        self.report.event_began(AT)
        while not self.inbox.wait(5):
            self.orders += self.inbox.take_all()


@pytest.fixture
def sessions():
    """The sessions that the worker's maker has made."""
    return []


@pytest.fixture
def worker(qapp, sessions):
    def make(inbox, report):
        sessions.append(Obeying(inbox, report))
        return sessions[-1]

    worker = SessionWorker("7", "watch", make, Latest())
    yield worker
    worker.stop()
    assert worker.wait(1000)


def test_what_a_session_tells_comes_with_the_cameras_id(worker, qtbot):
    told = []
    worker.status_changed.connect(lambda *told_of: told.append(told_of))
    worker.event_began.connect(lambda *told_of: told.append(told_of))
    worker.start()
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told == [("7", Status(state=CameraState.LIVE, since_at=AT)), ("7", AT)]


def test_orders_are_obeyed_in_their_order(worker, sessions):
    worker.start()
    orders = [Pause(True), LookAgain(), Pause(False)]
    for order in orders:
        worker.post(order)
    wait_until(lambda: sessions[0].orders == orders)


def test_its_thread_is_named_for_role_and_camera(worker):
    assert worker.objectName() == "watch-7"


@pytest.mark.expects_log_errors
def test_a_bug_ends_the_thread_and_is_told(qapp, qtbot):
    class Crashing(Obeying):
        def run(self):
            raise KeyError("x")

    worker = SessionWorker("7", "hd", Crashing, Latest())
    with qtbot.waitSignal(worker.crashed) as told:
        worker.start()
    assert told.args == ["7"]
    assert worker.wait(1000)
