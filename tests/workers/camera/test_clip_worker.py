"""The writing thread of a camera, on a disk that works, fails, and hangs."""

import errno
import os
from datetime import timedelta
from pathlib import Path
from threading import Event

import av
import pytest
from PySide6.QtCore import Qt

from tests.support.library import marked_layout
from tests.support.packets import BEGAN_AT, CAMERA, camera, small, spec, video_packets
from tests.support.waiting import wait_until
from vms_desktop.core.base.errors import Problem, StorageProblem, StreamError
from vms_desktop.core.clips.clip import Clip, ClipEnd
from vms_desktop.core.clips.clip_store import ClipStore
from vms_desktop.core.clips.folders import CameraFolders
from vms_desktop.core.clips.mp4_writer import ClipWriter
from vms_desktop.core.library import storage_guard
from vms_desktop.core.library.storage_guard import HANGING_S, StorageWatch
from vms_desktop.workers.camera import clip_worker as module
from vms_desktop.workers.camera.clip_worker import BEHIND_S, RETRY_S, ClipWorker

VIDEO = small(45)
PACKETS = video_packets(VIDEO)
START_AT = BEGAN_AT.astimezone()
END = ClipEnd(START_AT + timedelta(seconds=3), ())


@pytest.fixture
def now(monkeypatch):
    """The monotonic clock of the worker, set by hand."""
    clock = {"s": 100.0}
    for clocked in (module, storage_guard):
        monkeypatch.setattr(clocked, "monotonic", lambda: clock["s"])
    return clock


class Disk:
    """`os.write` on a disk that can be made to hang, or to fail."""

    def __init__(self, monkeypatch):
        self.writes = Event()
        self.free = Event()
        self.free.set()
        self.code = 0
        self._write = os.write
        monkeypatch.setattr(os, "write", self.write)

    def write(self, descriptor, data):
        self.writes.set()
        self.free.wait()
        if self.code:
            raise OSError(self.code, os.strerror(self.code))
        return self._write(descriptor, data)

    def hang(self):
        self.writes.clear()
        self.free.clear()


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
def worker(qapp, layout, watch, disk, now):
    book = CameraFolders(layout, lambda *_: None)
    worker = ClipWorker("cam-1", ClipStore(layout, book, lambda: False), watch)
    worker.start()
    yield worker
    disk.free.set()
    worker.stop()
    assert worker.wait(5000)


def begin(worker, config=CAMERA):
    return worker.begin(spec(VIDEO, PACKETS[0], config=config, start_at=START_AT), PACKETS[0], None)


def write(worker, number, packets=PACKETS):
    return [worker.write(number, packet) for packet in packets]


def drained(worker):
    """Wait until the thread has done everything that it was given."""
    done = Event()
    told = worker.snapshot_saved.connect(lambda *_: done.set(), Qt.ConnectionType.DirectConnection)
    worker.save(Path(), b"")
    assert done.wait(5)
    worker.snapshot_saved.disconnect(told)


def clips(layout):
    return sorted(path.name for path in layout.recordings.rglob("*.mp4"))


def parts(layout):
    return sorted(layout.recordings.rglob("*.part"))


def test_a_clip_is_written_and_told(worker, qtbot, layout, watch):
    with qtbot.waitSignal(worker.clip_closed) as told:
        number = begin(worker)
        assert all(write(worker, number))
        worker.finish(number, END)
    (clip,) = told.args
    assert clip.path == layout.clip_path("Front_door", START_AT)
    assert clip.path.exists()
    assert watch.take_recorded() == sum(packet.size_bytes for packet in PACKETS)
    drained(worker)
    assert parts(layout) == []


def test_nothing_begins_before_the_folder_was_looked_at(worker, watch):
    assert worker.ready
    watch.look(lambda: StorageProblem.READ_ONLY)
    assert not worker.ready
    assert worker.problem is StorageProblem.READ_ONLY
    watch.look(lambda: None)
    watch.ready = False
    assert not worker.ready


def test_recording_is_shown_only_while_bytes_reach_the_disk(worker, now, disk):
    number = begin(worker)
    assert worker.recording_since(now["s"]) is None
    write(worker, number, PACKETS[:20])
    drained(worker)
    assert worker.recording_since(now["s"]) == START_AT
    # A camera may send a picture every ten seconds: nothing that came waits.
    assert worker.recording_since(now["s"] + 10) == START_AT
    disk.hang()
    write(worker, number, PACKETS[20:])
    assert worker.recording_since(now["s"] + BEHIND_S) == START_AT
    assert disk.writes.wait(5)
    now["s"] += BEHIND_S + 0.1
    assert worker.recording_since(now["s"]) is None
    disk.free.set()
    worker.finish(number, END)
    drained(worker)
    assert worker.recording_since(now["s"]) is None


def test_a_write_that_takes_too_long_is_a_disk_that_hangs_until_it_returns(
    worker, now, disk, monkeypatch
):
    disk.hang()
    number = begin(worker)
    assert worker.write(number, PACKETS[0])
    write(worker, number, PACKETS[1:20])
    assert disk.writes.wait(5)
    now["s"] += HANGING_S
    assert worker.problem is None
    now["s"] += 0.1
    assert worker.problem is StorageProblem.HANGING
    assert not worker.ready
    assert not worker.write(number, PACKETS[20])
    worker.finish(number, END)
    disk.free.set()
    drained(worker)
    assert worker.problem is None
    monkeypatch.setattr(module, "MAX_QUEUED_BYTES", 2)
    assert worker.ready  # Not one byte is thought to wait.


def test_a_clip_that_waited_for_a_hanging_disk_is_whole_afterwards(worker, qtbot, now, disk):
    disk.hang()
    number = begin(worker)
    write(worker, number)
    assert disk.writes.wait(5)
    now["s"] += HANGING_S + 0.1
    worker.finish(number, END)
    with qtbot.waitSignal(worker.clip_closed) as told:
        disk.free.set()
    assert told.args[0].path.exists()


def test_what_waits_for_a_slow_disk_is_bounded(worker, disk, monkeypatch):
    monkeypatch.setattr(module, "MAX_QUEUED_BYTES", 10_000)
    disk.hang()
    number = begin(worker)
    write(worker, number, PACKETS[:20])
    assert disk.writes.wait(5)
    taken = [worker.write(number, PACKETS[20]) for _ in range(200)]
    assert not all(taken)
    assert sum(taken) * PACKETS[20].size_bytes <= 10_000
    assert not worker.ready  # Another clip would only make the slow disk slower.


def test_a_full_disk_ends_the_clip_and_is_told_until_another_is_tried(
    worker, qtbot, now, disk, layout
):
    number = begin(worker)
    write(worker, number, PACKETS[:25])
    drained(worker)
    disk.code = errno.ENOSPC
    write(worker, number, PACKETS[25:])
    worker.finish(number, END)
    with qtbot.waitSignal(worker.clip_closed):
        pass
    assert worker.problem is StorageProblem.FULL
    assert not worker.ready
    now["s"] += RETRY_S
    assert worker.ready
    disk.code = 0
    with qtbot.waitSignal(worker.clip_closed):
        again = begin(worker)
        write(worker, again)
        worker.finish(again, END)
    assert len(clips(layout)) == 2
    assert worker.problem is None


def test_a_clip_that_failed_takes_no_more(worker, disk):
    disk.code = errno.EIO
    number = begin(worker)
    write(worker, number)
    drained(worker)
    assert not worker.write(number, PACKETS[0])
    assert worker.problem is StorageProblem.FAILING
    assert worker.recording_since(0.0) is None


def test_stopping_finishes_what_was_handed_over(worker, layout, disk):
    disk.hang()
    number = begin(worker)
    write(worker, number)
    worker.finish(number, END)
    worker.stop()
    disk.free.set()
    assert worker.wait(5000)
    assert len(clips(layout)) == 1


def test_stopping_makes_a_clip_whole_whose_session_hangs(worker, layout, qtbot):
    told: list[Clip] = []
    worker.clip_closed.connect(told.append)
    number = begin(worker)
    write(worker, number)
    worker.stop()
    assert worker.wait(5000)
    qtbot.waitUntil(lambda: bool(told))
    assert len(clips(layout)) == 1
    last_s = PACKETS[-1].arrived - PACKETS[0].arrived
    assert told[0].end_at == START_AT + timedelta(seconds=last_s)


def test_a_clip_whose_session_ends_it_after_all_is_finished_once(worker, layout, disk):
    disk.hang()
    number = begin(worker)
    write(worker, number)
    worker.stop()
    worker.finish(number, END)
    disk.free.set()
    assert worker.wait(5000)
    assert len(clips(layout)) == 1


def test_the_file_of_a_clip_is_there_from_its_first_packet_on(worker, layout):
    number = begin(worker)
    drained(worker)
    assert parts(layout) == []
    write(worker, number, PACKETS[:5])
    drained(worker)
    assert parts(layout) == [layout.clip_path("Front_door", START_AT).with_suffix(".part")]


def test_a_folder_moves_when_no_clip_is_open_in_it(worker, layout):
    moved = []
    number = begin(worker)
    write(worker, number, PACKETS[:20])
    worker.claim(lambda: moved.append(clips(layout)))
    drained(worker)
    assert moved == []
    worker.finish(number, END)
    drained(worker)
    assert moved == [[f"{START_AT:%H-%M-%S}.mp4"]]
    worker.claim(lambda: moved.append("at once"))
    drained(worker)
    assert moved[1:] == ["at once"]


def test_a_new_name_follows_the_clip_before(worker, layout):
    number = begin(worker)
    write(worker, number)
    worker.finish(number, END)
    renamed = begin(worker, camera(name="Back door"))
    write(worker, renamed)
    worker.finish(renamed, END)
    drained(worker)
    stem = f"{START_AT:%H-%M-%S}"
    assert clips(layout) == [f"{stem}-2.mp4", f"{stem}.mp4"]
    assert {path.parts[-3] for path in layout.recordings.rglob("*.mp4")} == {"Back_door"}


def test_a_snapshot_is_saved_and_told(worker, qtbot, tmp_path):
    path = tmp_path / "pictures" / "door.png"
    with qtbot.waitSignal(worker.snapshot_saved) as told:
        worker.save(path, b"png")
    assert told.args == ["cam-1", str(path)]
    assert path.read_bytes() == b"png"


@pytest.mark.parametrize("data", [b"", b"png"])
def test_a_snapshot_that_cannot_be_saved_is_told_too(worker, qtbot, tmp_path, data):
    (tmp_path / "file").write_bytes(b"")
    with qtbot.waitSignal(worker.snapshot_saved) as told:
        worker.save(tmp_path / "file" / "door.png", data)
    assert told.args == ["cam-1", ""]


@pytest.mark.expects_log_errors
def test_a_bug_in_one_job_does_not_end_the_thread(worker, layout):
    def bug():
        raise ZeroDivisionError

    worker.claim(bug)
    number = begin(worker)
    write(worker, number)
    worker.finish(number, END)
    wait_until(lambda: len(clips(layout)) == 1)


def test_a_disk_without_its_mark_is_missing(worker, layout):
    layout.recordings_mark.unlink()
    number = begin(worker)
    write(worker, number)
    worker.finish(number, END)
    drained(worker)
    assert worker.problem is StorageProblem.MISSING
    assert clips(layout) == []


def test_a_keyframe_that_is_none_begins_nothing(worker, monkeypatch):
    monkeypatch.setattr(ClipStore, "begin", _refuse)
    with pytest.raises(StreamError):
        begin(worker)
    nothing_is_open = Event()
    worker.claim(nothing_is_open.set)
    assert nothing_is_open.wait(5)


def _refuse(*_):
    raise StreamError(Problem.BAD_DATA)


def test_a_muxer_that_refuses_is_not_the_disks_failure_and_is_told_once(
    worker, layout, monkeypatch, caplog
):
    def refuse(_writer, _packet):
        raise av.InvalidDataError(1, "refused")

    def broken():
        number = begin(worker)
        write(worker, number, PACKETS[:1])
        drained(worker)
        is_taken = worker.write(number, PACKETS[1])
        worker.finish(number, END)
        drained(worker)
        return not is_taken

    monkeypatch.setattr(ClipWriter, "write", refuse)
    assert broken()
    assert worker.ready
    assert broken()
    assert len(caplog.records) == 1
    caplog.clear()
