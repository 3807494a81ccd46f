import pytest

from tests.support.packets import CAMERA
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.clips.folders import CameraFolders
from vms_desktop.core.config.settings import Settings
from vms_desktop.core.library.gaps import GapJournal
from vms_desktop.core.library.maintainer import (
    CamerasConfigured,
    LibraryMaintainer,
    MaintainerCommand,
)
from vms_desktop.core.library.purger import PurgeResult
from vms_desktop.core.library.storage_guard import StorageWatch
from vms_desktop.workers.library import maintainer_worker
from vms_desktop.workers.library.maintainer_worker import LibraryWorker


@pytest.fixture
def watch():
    return StorageWatch()


@pytest.fixture
def make_worker(qapp, data_dir, watch):
    workers = []

    def make(maker=None):
        layout = Layout(data_dir)
        journal = GapJournal(layout)
        folders = CameraFolders(layout, journal.moved)

        def maintainer(inbox, report):
            return LibraryMaintainer(
                layout, Clock(), Settings(), watch, folders, journal, inbox, report
            )

        workers.append(LibraryWorker(maker or maintainer))
        return workers[-1]

    yield make
    for worker in workers:
        worker.stop()
        assert worker.wait(5000)


def test_what_the_maintainer_finds_is_told_in_signals(make_worker, qtbot, watch):
    worker = make_worker()
    signals = [worker.today_loaded, worker.machine_changed, worker.marked]
    with qtbot.waitSignals(signals):
        worker.start()
        worker.post(CamerasConfigured((CAMERA,)))
    assert watch.ready


def test_a_purge_that_was_asked_for_is_told_even_where_nothing_is_due(make_worker, qtbot):
    worker = make_worker()
    with qtbot.waitSignal(worker.purged) as told:
        worker.start()
        worker.post(MaintainerCommand.PURGE)
    assert told.args == [PurgeResult()]


def test_stopping_ends_it_at_once(make_worker, qtbot):
    worker = make_worker()
    with qtbot.waitSignal(worker.machine_changed):
        worker.start()
    worker.stop()
    assert worker.wait(2000)


def test_a_shared_folder_is_told_with_the_cameras_name(make_worker, qtbot):
    class Sharing:
        def __init__(self, inbox, report):
            self.report = report

        def run(self):
            self.report.folder_shared("Front door", "Front_door_2")

    worker = make_worker(Sharing)
    with qtbot.waitSignal(worker.folder_shared) as told:
        worker.start()
    assert told.args == ["Front door", "Front_door_2"]


@pytest.mark.expects_log_errors
def test_after_a_bug_the_thread_goes_on_and_the_log_tells(make_worker, qtbot, caplog, monkeypatch):
    monkeypatch.setattr(maintainer_worker, "RESTART_S", 0.05)

    class BrokenOnce:
        def __init__(self, inbox, report):
            self.report, self.runs = report, 0

        def run(self):
            self.runs += 1
            if self.runs == 1:
                raise ZeroDivisionError("a bug")
            self.report.folder_shared("Front door", "Front_door_2")

    worker = make_worker(BrokenOnce)
    with qtbot.waitSignal(worker.folder_shared):
        worker.start()
    assert "library crashed" in caplog.text
