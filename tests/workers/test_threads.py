"""A thread that must not end goes on after a bug, without haste; every thread has an end."""

from collections.abc import Callable
from datetime import date
from functools import partial
from itertools import count
from threading import Event
from time import monotonic
from typing import Any

import pytest
from PySide6.QtCore import Qt

from vms_desktop.core.base.errors import Problem
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.base.picture import Size
from vms_desktop.core.clips.clip_store import CameraFolders, ClipStore
from vms_desktop.core.clips.disk_buffer import DiskBuffer
from vms_desktop.core.config.camera_store import CameraStore
from vms_desktop.core.config.settings import SettingsStore
from vms_desktop.core.export.exporter import Exporter, ExportResult
from vms_desktop.core.export.request import ExportRequest
from vms_desktop.core.index.writer import ClipIndexWriter
from vms_desktop.core.library.archive import Refusal
from vms_desktop.core.library.disk_use import DiskUseCount
from vms_desktop.core.library.storage_guard import StorageWatch
from vms_desktop.core.player.orders import LookAgain
from vms_desktop.workers import store_worker
from vms_desktop.workers.camera.clip_worker import ClipWorker
from vms_desktop.workers.jobs import library_jobs
from vms_desktop.workers.jobs.library_jobs import LibraryJobs
from vms_desktop.workers.latest import Latest
from vms_desktop.workers.library import (
    disk_use_worker,
    gap_reader,
    index_worker,
    maintainer_worker,
    playback_worker,
    thumbnails,
)
from vms_desktop.workers.library.disk_use_worker import DiskUseWorker
from vms_desktop.workers.library.gap_reader import GapReader
from vms_desktop.workers.library.index_worker import IndexWorker, LibraryReader
from vms_desktop.workers.library.maintainer_worker import LibraryWorker
from vms_desktop.workers.library.playback_worker import PlaybackWorker
from vms_desktop.workers.library.thumbnails import ThumbnailReader
from vms_desktop.workers.store_worker import StoreWorker
from vms_desktop.workers.threads import Worker, run_with_restart


class Crashing(Worker):
    def __init__(self, work, rest_s):
        super().__init__("worker")
        self.crashes = 0
        self._work, self._rest_s = work, rest_s

    def run(self):
        run_with_restart(self, self._work, self._rest_s, self._count)

    def _count(self):
        self.crashes += 1


def crash():
    raise ZeroDivisionError("a bug")


@pytest.mark.expects_log_errors
def test_work_that_crashes_is_begun_again_until_the_end_is_asked_for(qapp, qtbot, caplog):
    worker = Crashing(crash, rest_s=0.001)
    worker.start()
    qtbot.waitUntil(lambda: worker.crashes > 2)
    worker.stop()
    assert worker.wait(2000)
    assert "worker crashed" in caplog.text


@pytest.mark.expects_log_errors
def test_an_order_that_the_crashing_work_never_takes_does_not_hurry_it(qapp, qtbot):
    worker = Crashing(crash, rest_s=30)
    worker.post("never taken")
    worker.start()
    qtbot.waitUntil(lambda: worker.crashes > 0)
    assert not worker.wait(200)
    worker.stop()
    assert worker.wait(2000)
    assert worker.crashes == 1


class Once:
    """Does what it stands for, but for the first time: then it has a bug."""

    def __init__(self, real=lambda *_: None):
        self._real, self._calls = real, 0

    def __call__(self, *args, **options):
        self._calls += 1
        if self._calls == 1:
            raise ZeroDivisionError("a bug")
        return self._real(*args, **options)


class Running:
    """Stands for an indexer or a maintainer: works until the inbox is stopped, after one bug."""

    def __init__(self, inbox, works):
        self._inbox, self._once = inbox, Once(works.set)

    def run(self):
        self._once()
        self._inbox.wait(60)

    def drop(self):
        pass


def running(works: Event) -> Callable[..., Any]:
    return lambda inbox, _report: Running(inbox, works)


def library(layout, monkeypatch):
    monkeypatch.setattr(maintainer_worker, "RESTART_S", 0)
    works = Event()
    return LibraryWorker(running(works)), [], works


def index(layout, monkeypatch):
    monkeypatch.setattr(index_worker, "RESTART_S", 0)
    works = Event()
    return IndexWorker(running(works)), [], works


def reader(layout, monkeypatch):
    monkeypatch.setattr(index_worker, "TROUBLE_S", 0)
    ClipIndexWriter(layout.index_file, layout).close()
    worker, works, once = LibraryReader("reader", layout, count()), Event(), Once()

    class Question:
        def answer(self, _index, _is_stale):
            once()
            works.set()

    return worker, [partial(worker.ask, Question(), channel) for channel in "ab"], works


def track(layout, monkeypatch):
    monkeypatch.setattr(playback_worker, "RESTART_S", 0)
    works = Event()

    class Track:
        def __init__(self, _report):
            self._once = Once(works.set)

        def take(self, _order):
            self._once()

        def advance(self):
            return 60.0

        def drop(self, problem):
            assert problem is Problem.CRASHED

        def close(self):
            pass

    make: Callable[..., Any] = Track
    worker = PlaybackWorker("a", make, Latest())
    return worker, [partial(worker.post, LookAgain())] * 2, works


def clips(layout, monkeypatch):
    works, bug = Event(), Once()
    book = CameraFolders(layout, lambda *_: None)
    worker = ClipWorker("1", ClipStore(layout, book, lambda: False), StorageWatch(), DiskBuffer())
    return worker, [partial(worker.claim, job) for job in (bug, works.set)], works


def store(layout, monkeypatch):
    monkeypatch.setattr(store_worker, "LOOK_S", 0.01)
    monkeypatch.setattr(store_worker, "read_import", Once(lambda *_: None))
    cameras = CameraStore(layout.cameras_json, layout.backups)
    worker = StoreWorker(cameras, SettingsStore(layout.settings_json, layout.backups))
    works = told_by(worker.import_read)
    given = layout.cameras_json.with_name("given.json")
    given.write_text("{}")
    return worker, [partial(worker.import_cameras, given, ())] * 2, works


def disk_use(layout, monkeypatch):
    monkeypatch.setattr(disk_use_worker, "RESTART_S", 0)
    monkeypatch.setattr(DiskUseCount, "begin_anew", Once())
    worker = DiskUseWorker(layout)
    return worker, [worker.count] * 2, told_by(worker.counted)


def gaps(layout, monkeypatch):
    monkeypatch.setattr(gap_reader, "RESTART_S", 0)
    worker, day = GapReader(layout), date(2026, 11, 20)
    asked = Event()

    def open_gaps(_layout):
        asked.set()
        return once()

    once = Once(dict)
    monkeypatch.setattr(gap_reader, "open_gaps", open_gaps)

    def ask():
        worker.ask(day, [])
        assert asked.wait(5)  # The newest question alone would be answered.
        worker.ask(day, [])

    return worker, [ask], told_by(worker.gaps_read)


def pictures(layout, monkeypatch):
    monkeypatch.setattr(thumbnails, "RESTART_S", 0)
    works, worker = Event(), ThumbnailReader()
    monkeypatch.setattr(thumbnails, "read_thumbnail", Once(lambda *_: works.set()))
    asked = [layout.root / name for name in "ab"]
    return worker, [partial(worker.ask, path, Size(96, 54)) for path in asked], works


def told_by(signal):
    """Set when a signal comes; it is heard in the thread that sends it."""
    told = Event()
    signal.connect(lambda *_: told.set(), Qt.ConnectionType.DirectConnection)
    return told


WORKERS = [library, index, reader, track, clips, store, disk_use, gaps, pictures]


@pytest.mark.expects_log_errors
@pytest.mark.parametrize("make", WORKERS, ids=lambda make: make.__name__)
def test_a_worker_goes_on_after_a_bug_says_so_once_and_ends_when_it_is_told_to(
    make, qapp, data_dir, monkeypatch, caplog
):
    worker, orders, works = make(Layout(data_dir), monkeypatch)
    worker.start()
    for order in orders:
        order()
    assert works.wait(5)
    assert worker.isRunning()
    worker.stop()
    assert worker.wait(5000)
    assert [record.getMessage() for record in caplog.records] == [f"{worker.objectName()} crashed"]


@pytest.mark.expects_log_errors
@pytest.mark.parametrize("name", ["jobs", "export"])
def test_a_job_with_a_bug_is_told_and_the_next_one_done(name, qtbot, data_dir, monkeypatch, caplog):
    def nothing(*_, **__):
        pass

    jobs, results = LibraryJobs(Layout(data_dir), nothing, nothing), []
    jobs.finished.connect(lambda _number, result: results.append(result))
    monkeypatch.setattr(library_jobs, "refusal_of", Once(lambda *_: Refusal.GONE))
    monkeypatch.setattr(Exporter, "run", Once(lambda: ExportResult(())))
    for _ in range(2):
        if name == "jobs":
            jobs.archive((data_dir / "a.mp4",))
        else:
            jobs.export(ExportRequest(tracks=(), folder=data_dir))
    qtbot.waitUntil(lambda: len(results) == 2)
    assert [failed.problem for failed in results[0].failed] == [Problem.CRASHED]
    assert [failed.problem for failed in results[1].failed] != [Problem.CRASHED]
    assert jobs.stop(monotonic() + 5)
    assert [record.getMessage() for record in caplog.records] == [f"{name} crashed"]
