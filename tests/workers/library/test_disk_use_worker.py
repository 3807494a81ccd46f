import pytest

from vms_desktop.core.base.layout import Layout
from vms_desktop.core.library.disk_use import DiskUse
from vms_desktop.workers.library import disk_use_worker as module
from vms_desktop.workers.library.disk_use_worker import DiskUseWorker


@pytest.fixture
def layout(data_dir):
    layout = Layout(data_dir)
    for hour in range(3):
        put(layout, f"{hour:02}-00-00")
    return layout


def put(layout, name):
    path = layout.recordings / "Door" / "2026-11-22" / f"{name}.mp4"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(100))
    return path


@pytest.fixture
def worker(qapp, layout):
    worker = DiskUseWorker(layout)
    worker.take_folders({"1": "Door"})
    yield worker
    worker.stop()
    assert worker.wait(5000)


def told(use):
    return lambda counted: counted == {"1": use}


def test_it_counts_once_it_is_asked_and_not_before(worker, qtbot):
    assert not worker.isRunning()
    with qtbot.waitSignal(worker.counted, check_params_cb=told(DiskUse(300, 3))):
        worker.count()


def test_what_comes_and_goes_is_followed(worker, layout, qtbot):
    with qtbot.waitSignal(worker.counted, check_params_cb=told(DiskUse(300, 3))):
        worker.count()
    clip = put(layout, "04-00-00")
    with qtbot.waitSignal(worker.counted, check_params_cb=told(DiskUse(400, 4))):
        worker.recount([clip])
    clip.unlink()
    with qtbot.waitSignal(worker.counted, check_params_cb=told(DiskUse(300, 3))):
        worker.recount((clip,))


def test_it_counts_anew_only_after_a_while(worker, layout, qtbot, monkeypatch):
    with qtbot.waitSignal(worker.counted, check_params_cb=told(DiskUse(300, 3))):
        worker.count()
    put(layout, "04-00-00")  # By somebody else.
    with qtbot.waitSignal(worker.counted) as counted:
        worker.count()
    assert counted.args == [{"1": DiskUse(300, 3)}]
    monkeypatch.setattr(module, "STALE_S", 0)
    with qtbot.waitSignal(worker.counted, check_params_cb=told(DiskUse(400, 4))):
        worker.count()


def test_a_camera_that_is_new_is_counted_by_itself(worker, layout, qtbot):
    with qtbot.waitSignal(worker.counted, check_params_cb=told(DiskUse(300, 3))):
        worker.count()
    both = {"1": DiskUse(300, 3), "2": DiskUse()}
    with qtbot.waitSignal(worker.counted, check_params_cb=lambda counted: counted == both):
        worker.take_folders({"1": "Door", "2": "Yard"})


def test_it_rests_and_its_end_does_not_wait_for_the_count(worker, layout, qtbot, monkeypatch):
    monkeypatch.setattr(module, "WORK_S", -1)
    monkeypatch.setattr(module, "REST_S", 60)
    worker.count()
    qtbot.waitUntil(worker.isRunning)
    worker.stop()
    assert worker.wait(1000)
