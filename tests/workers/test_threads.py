"""A thread that must not end goes on after a bug, without haste."""

import pytest
from PySide6.QtCore import QThread

from vms_desktop.core.base.inbox import Inbox
from vms_desktop.workers.threads import run_with_restart


class Worker(QThread):
    def __init__(self, work, rest_s):
        super().__init__()
        self.setObjectName("worker")
        self.inbox, self.crashes = Inbox(), 0
        self._work, self._rest_s = work, rest_s

    def run(self):
        run_with_restart(self, self.inbox, self._work, self._rest_s, self._count)

    def _count(self):
        self.crashes += 1


def crash():
    raise ZeroDivisionError("a bug")


@pytest.mark.expects_log_errors
def test_work_that_crashes_is_begun_again_until_the_end_is_asked_for(qapp, qtbot, caplog):
    worker = Worker(crash, rest_s=0.001)
    worker.start()
    qtbot.waitUntil(lambda: worker.crashes > 2)
    worker.inbox.stop()
    assert worker.wait(2000)
    assert "worker crashed" in caplog.text


@pytest.mark.expects_log_errors
def test_an_order_that_the_crashing_work_never_takes_does_not_hurry_it(qapp, qtbot):
    worker = Worker(crash, rest_s=30)
    worker.inbox.post("never taken")
    worker.start()
    qtbot.waitUntil(lambda: worker.crashes > 0)
    assert not worker.wait(200)
    worker.inbox.stop()
    assert worker.wait(2000)
    assert worker.crashes == 1
