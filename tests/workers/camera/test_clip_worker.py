"""The writing thread of a camera: clips, folders, snapshots, and its end."""

from datetime import timedelta
from threading import Event

import av
import pytest

from tests.support.clip_writing import (
    END,
    PACKETS,
    START_AT,
    begin,
    clips,
    drained,
    parts,
    write,
)
from tests.support.packets import camera
from tests.support.waiting import wait_until
from vms_desktop.core.base.errors import Problem, StorageProblem, StreamError
from vms_desktop.core.clips.clip import Clip
from vms_desktop.core.clips.clip_store import ClipStore
from vms_desktop.core.clips.mp4_writer import ClipWriter


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
