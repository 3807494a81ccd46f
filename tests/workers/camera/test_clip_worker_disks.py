"""The writing thread of a camera on a disk that fails, hangs, or takes too little."""

import errno
import os
from pathlib import Path
from threading import Event, Semaphore

import pytest

from tests.support.clip_writing import (
    END,
    PACKETS,
    START_AT,
    beat,
    begin,
    clips,
    drained,
    lost_between,
    numbers,
    told_losses,
    write,
)
from vms_desktop.core.base.disk_calls import HANGING_BEATS
from vms_desktop.core.base.errors import StorageProblem
from vms_desktop.core.clips.disk_buffer import CLIP_COST_BYTES, PACKET_COST_BYTES
from vms_desktop.core.library.camera_disk import RETRIED_S, RETRY_S, SLOW_BEATS
from vms_desktop.workers.camera.clip_worker import BEHIND_S


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
