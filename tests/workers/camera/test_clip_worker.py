"""The writing thread of a camera, on a disk that works, fails, and hangs."""

import errno
import os
from datetime import timedelta
from pathlib import Path
from threading import Event, Semaphore

import av
import pytest
from PySide6.QtCore import Qt

from tests.support.library import marked_layout
from tests.support.packets import BEGAN_AT, CAMERA, camera, small, spec, video_packets
from tests.support.waiting import wait_until
from tests.support.written import sent_pictures, written_numbers
from vms_desktop.core.base.disk_calls import HANGING_BEATS
from vms_desktop.core.base.errors import Problem, StorageProblem, StreamError
from vms_desktop.core.clips import disk_buffer
from vms_desktop.core.clips.clip import Clip, ClipEnd
from vms_desktop.core.clips.clip_store import ClipStore
from vms_desktop.core.clips.disk_buffer import CLIP_COST_BYTES, PACKET_COST_BYTES, DiskBuffer
from vms_desktop.core.clips.folders import CameraFolders
from vms_desktop.core.clips.mp4_writer import ClipWriter
from vms_desktop.core.clips.recording import Loss
from vms_desktop.core.library.storage_guard import StorageWatch
from vms_desktop.workers.camera import clip_worker as module
from vms_desktop.workers.camera.clip_worker import (
    BEHIND_S,
    RETRIED_S,
    RETRY_S,
    SLOW_BEATS,
    ClipWorker,
)

VIDEO = small(45)
PACKETS = video_packets(VIDEO)
SENT = sent_pictures(VIDEO)
START_AT = BEGAN_AT.astimezone()
END = ClipEnd(START_AT + timedelta(seconds=3), ())


@pytest.fixture
def now(monkeypatch):
    """The monotonic clock of the worker, set by hand."""
    clock = {"s": 100.0}
    for clocked in (module, disk_buffer):
        monkeypatch.setattr(clocked, "monotonic", lambda: clock["s"])
    return clock


class Disk:
    """`os.write` on a disk that can be made to hang, or to fail."""

    def __init__(self, monkeypatch):
        self.writes = Event()
        self.free = Event()
        self.free.set()
        self.code = 0
        self.codes = []
        self._write = os.write
        monkeypatch.setattr(os, "write", self.write)

    def write(self, descriptor, data):
        self.writes.set()
        self.free.wait()
        if code := self.codes.pop(0) if self.codes else self.code:
            raise OSError(code, os.strerror(code))
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
    watch.look(lambda: StorageProblem.MISSING)
    assert not worker.ready
    assert worker.problem is StorageProblem.MISSING
    watch.look(lambda: None)
    watch.ready = False
    assert not worker.ready


def test_what_the_folder_around_refuses_is_not_told_of_a_clip_that_is_written(
    worker, watch, layout, disk, now
):
    watch.look(lambda: StorageProblem.FORBIDDEN)
    assert worker.ready
    assert worker.problem is StorageProblem.FORBIDDEN
    number = begin(worker)
    write(worker, number, PACKETS[:20])
    drained(worker)
    assert worker.problem is None
    assert worker.recording_since(now["s"]) == START_AT
    disk.code = errno.EACCES
    write(worker, number, PACKETS[20:])
    worker.finish(number, END)
    drained(worker)
    assert worker.problem is StorageProblem.FORBIDDEN
    now["s"] += RETRY_S
    assert worker.ready
    assert worker.problem is StorageProblem.FORBIDDEN
    now["s"] += 60
    assert worker.problem is StorageProblem.FORBIDDEN


def test_a_refusal_is_told_until_the_next_clip_was_tried(worker, now, disk):
    disk.code = errno.EACCES
    number = begin(worker)
    write(worker, number)
    worker.finish(number, END)
    drained(worker)
    now["s"] += RETRY_S
    assert worker.ready
    assert worker.problem is StorageProblem.FORBIDDEN
    now["s"] += RETRIED_S
    assert worker.problem is None


def test_a_disk_that_takes_less_than_comes_is_told_as_such(worker, watch, now, monkeypatch):
    asked, turns, real = Semaphore(0), Semaphore(0), os.write

    def write_in_turn(descriptor, data):
        asked.release()
        assert turns.acquire(timeout=10)
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", write_in_turn)
    beat(watch, 2 * SLOW_BEATS)  # Nothing was to be written.
    number = begin(worker)
    write(worker, number)
    told = []
    for _ in range(4):
        assert asked.acquire(timeout=5)
        told.append(worker.problem)
        now["s"] += 60
        beat(watch, HANGING_BEATS)  # Long, and no call that hangs.
        turns.release()
    assert told == [None, None, None, StorageProblem.SLOW]
    turns.release(1000)
    drained(worker)
    assert worker.problem is None
    worker.finish(number, END)


def test_a_snapshot_for_which_there_is_no_room_is_told_and_not_kept(worker, buffer, qtbot, disk):
    disk.hang()
    number = begin(worker)
    write(worker, number, PACKETS[:2])
    assert disk.writes.wait(5)
    buffer.most_bytes = 10_000
    with qtbot.waitSignal(worker.snapshot_saved) as told:
        worker.save(Path("x.png"), bytes(10_001))
    assert told.args == ["cam-1", ""]
    worker.finish(number, END)


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


def beat(watch, times):
    for _ in range(times):
        watch.pulse.beat()


def numbers(layout):
    """The pictures in each clip, in the clips' order."""
    paths = sorted(layout.recordings.rglob("*.mp4"), key=lambda path: (len(path.name), path.name))
    return [written_numbers(path, SENT) for path in paths]


def test_a_call_that_takes_too_long_is_a_disk_that_hangs_and_its_clip_goes_on(
    worker, watch, now, disk, layout
):
    disk.hang()
    number = begin(worker)
    write(worker, number, PACKETS[:20])
    assert disk.writes.wait(5)
    beat(watch, HANGING_BEATS)
    assert worker.problem is None
    watch.pulse.beat()
    assert worker.problem is StorageProblem.HANGING
    now["s"] += 60
    assert worker.recording_since(now["s"]) is None
    assert worker.ready
    assert all(write(worker, number, PACKETS[20:]))
    worker.finish(number, END)
    disk.free.set()
    drained(worker)
    assert worker.problem is None
    assert numbers(layout) == [list(range(45))]


def test_rec_comes_back_once_nothing_waits_for_long(worker, now, disk):
    disk.hang()
    number = begin(worker)
    write(worker, number, PACKETS[:20])
    assert disk.writes.wait(5)
    now["s"] += 60
    write(worker, number, PACKETS[20:])
    assert worker.recording_since(now["s"]) is None
    disk.free.set()
    drained(worker)
    assert worker.recording_since(now["s"]) == START_AT
    worker.finish(number, END)


def test_rec_goes_out_while_the_end_of_a_clip_hangs(worker, now, monkeypatch):
    asked, answers = Event(), Event()

    def fsync(_descriptor):
        asked.set()
        assert answers.wait(10)

    number = begin(worker)
    write(worker, number)
    drained(worker)  # Its folder was marked, which takes an fsync of its own.
    monkeypatch.setattr(os, "fsync", fsync)
    worker.finish(number, END)
    following = begin(worker)
    write(worker, following)
    assert asked.wait(5)
    assert worker.recording_since(now["s"]) == START_AT
    now["s"] += BEHIND_S + 0.1
    assert worker.recording_since(now["s"]) is None
    answers.set()
    drained(worker)
    assert worker.recording_since(now["s"]) == START_AT
    worker.finish(following, END)


def test_a_call_that_takes_long_while_nobody_runs_is_no_hang(worker, watch, now, disk):
    disk.hang()
    number = begin(worker)
    write(worker, number)
    assert disk.writes.wait(5)
    now["s"] += 60
    watch.pulse.beat()  # The one that is late.
    assert worker.problem is None
    worker.finish(number, END)


@pytest.mark.parametrize("place, call", [(os, "open"), (os, "fsync"), (Path, "rename")])
def test_wherever_a_disk_hangs_what_comes_waits(worker, watch, layout, monkeypatch, place, call):
    asked, answers = Event(), Event()
    real = getattr(place, call)

    def hanging(*args, **more):
        asked.set()
        assert answers.wait(10)
        return real(*args, **more)

    monkeypatch.setattr(place, call, hanging)
    for _ in range(2):
        number = begin(worker)
        assert all(write(worker, number))
        worker.finish(number, END)
        assert asked.wait(5)
        beat(watch, HANGING_BEATS + 1)
        assert worker.problem is StorageProblem.HANGING
        assert worker.ready
    answers.set()
    drained(worker)
    assert worker.problem is None
    assert numbers(layout) == [list(range(45))] * 2


def test_several_clips_wait_for_a_hanging_disk(worker, watch, disk, layout):
    disk.hang()
    for _ in range(3):
        assert worker.ready
        number = begin(worker)
        write(worker, number)
        worker.finish(number, END)
        assert disk.writes.wait(5)
        beat(watch, HANGING_BEATS + 1)
    disk.free.set()
    drained(worker)
    assert numbers(layout) == [list(range(45))] * 3


def told_losses(worker):
    losses: list[Loss] = []
    worker.packets_lost.connect(
        lambda _, loss: losses.append(loss), Qt.ConnectionType.DirectConnection
    )
    return losses


def lost_between(loss):
    """The pictures that arrived within what was told as lost, in whole ms."""
    since, until = (
        (at - START_AT).total_seconds() - 0.001 for at in (loss.since_at, loss.until_at)
    )
    return [number for number, each in enumerate(PACKETS) if since <= each.arrived < until]


@pytest.mark.parametrize(
    "beats, problem",
    [(HANGING_BEATS + 1, StorageProblem.HANGING), (HANGING_BEATS, StorageProblem.SLOW)],
)
@pytest.mark.parametrize("fitting", [17, 31])
def test_without_room_what_waited_longest_is_lost_up_to_a_keyframe_and_told(
    worker, watch, disk, layout, buffer, fitting, beats, problem
):
    losses = told_losses(worker)
    costs = [each.size_bytes + PACKET_COST_BYTES for each in PACKETS]
    buffer.most_bytes = sum(costs[-fitting:]) + CLIP_COST_BYTES
    disk.hang()
    number = begin(worker)
    assert worker.write(number, PACKETS[0])
    assert disk.writes.wait(5)  # It is in the call that hangs, and waits no more.
    beat(watch, beats)
    assert all(write(worker, number, PACKETS[1:]))
    worker.finish(number, END)
    disk.free.set()
    drained(worker)
    first, second = numbers(layout)
    (loss,) = losses
    assert loss.problem is problem
    assert first == [0]
    assert PACKETS[second[0]].is_keyframe
    assert second == list(range(second[0], 45))
    assert lost_between(loss) == list(range(1, second[0]))
    assert worker.recording_since(0.0) is None


def test_what_waited_is_tried_again_where_the_file_alone_was_lost(
    worker, now, disk, layout, caplog
):
    """A share that connects anew knows the file no more that was open."""
    losses = told_losses(worker)
    disk.hang()
    number = begin(worker)
    write(worker, number)
    worker.finish(number, END)
    assert disk.writes.wait(5)
    now["s"] += 30
    disk.codes = [errno.EIO]
    disk.free.set()
    drained(worker)
    assert "error" in caplog.text
    assert numbers(layout) == [list(range(15, 45))]
    (loss,) = losses
    assert loss.problem is StorageProblem.FAILING
    assert lost_between(loss) == list(range(15))


def test_what_is_abandoned_is_told_as_lost(worker, now, disk):
    losses = told_losses(worker)
    disk.hang()
    number = begin(worker)
    write(worker, number)
    assert disk.writes.wait(5)
    now["s"] = PACKETS[-1].arrived + 1
    worker.abandon()
    (loss,) = losses
    assert lost_between(loss) == list(range(45))
    worker.finish(number, END)


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
    monkeypatch.setattr(ClipStore, "check", _refuse)
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
