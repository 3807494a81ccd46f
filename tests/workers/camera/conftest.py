"""A writing thread over a folder of its own, with a clock that is set by hand."""

import pytest

from tests.support.clip_writing import Disk
from tests.support.library import marked_layout
from vms_desktop.core.clips import disk_buffer
from vms_desktop.core.clips.clip_store import ClipStore
from vms_desktop.core.clips.disk_buffer import DiskBuffer
from vms_desktop.core.clips.folders import CameraFolders
from vms_desktop.core.library.storage_guard import StorageWatch
from vms_desktop.workers.camera import clip_worker as module
from vms_desktop.workers.camera.clip_worker import ClipWorker


@pytest.fixture
def now(monkeypatch):
    """The monotonic clock of the worker, set by hand."""
    clock = {"s": 100.0}
    for clocked in (module, disk_buffer):
        monkeypatch.setattr(clocked, "monotonic", lambda: clock["s"])
    return clock


@pytest.fixture
def disk(monkeypatch):
    disk = Disk(monkeypatch)
    yield disk
    disk.free.set()


@pytest.fixture
def watch():
    watch = StorageWatch()
    watch.look(lambda: None)
    return watch


@pytest.fixture
def layout(data_dir):
    return marked_layout(data_dir)


@pytest.fixture
def buffer():
    return DiskBuffer()


@pytest.fixture
def worker(qapp, layout, watch, disk, now, buffer):
    book = CameraFolders(layout, lambda *_: None)
    worker = ClipWorker("cam-1", ClipStore(layout, book, lambda: False), watch, buffer)
    worker.start()
    yield worker
    disk.free.set()
    worker.stop()
    assert worker.wait(5000)
