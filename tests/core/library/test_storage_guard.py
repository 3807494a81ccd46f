import errno
import os
import stat
from threading import Event, Thread

import pytest

from vms_desktop.core.base.disk_calls import HANGING_BEATS
from vms_desktop.core.base.errors import StorageProblem
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.library import storage_guard
from vms_desktop.core.library.storage_guard import StorageGuard, StorageWatch


def beat(pulse, times):
    for _ in range(times):
        pulse.beat()


def test_a_folder_never_marked_is_adopted_with_what_is_in_it(tmp_path):
    layout = Layout(tmp_path)
    (layout.recordings / "Front_door").mkdir(parents=True)
    guard = StorageGuard(layout, "")
    assert guard.check() is None
    assert guard.mark
    assert guard.mark in layout.recordings_mark.read_text()
    assert (layout.recordings / "Front_door").is_dir()
    again = StorageGuard(layout, "")
    assert again.check() is None
    assert again.mark == guard.mark


def test_a_data_folder_without_recordings_gets_them(tmp_path):
    layout = Layout(tmp_path)
    guard = StorageGuard(layout, "")
    assert guard.check() is None
    assert stat.S_IMODE(layout.recordings.stat().st_mode) == 0o700
    assert sorted(path.name for path in layout.recordings.iterdir()) == [".vms"]


def test_a_folder_that_lost_its_mark_is_missing_and_stays_untouched(tmp_path):
    layout = Layout(tmp_path)
    layout.recordings.mkdir()
    guard = StorageGuard(layout, "remembered")
    assert guard.check() is StorageProblem.MISSING
    assert list(layout.recordings.iterdir()) == []


def test_a_folder_with_another_mark_is_missing(tmp_path):
    layout = Layout(tmp_path)
    StorageGuard(layout, "").check()
    assert StorageGuard(layout, "remembered").check() is StorageProblem.MISSING


def test_a_disk_that_goes_and_comes_back_needs_nobody(tmp_path):
    layout = Layout(tmp_path)
    guard = StorageGuard(layout, "")
    guard.check()
    layout.recordings.rename(tmp_path / "away")
    assert guard.check() is StorageProblem.MISSING
    assert not layout.recordings.exists()
    (tmp_path / "away").rename(layout.recordings)
    assert guard.check() is None


def test_recordings_deleted_between_two_runs_are_begun_anew(tmp_path):
    layout = Layout(tmp_path)
    guard = StorageGuard(layout, "remembered")
    assert guard.check() is None
    assert guard.mark == "remembered"


def test_a_folder_elsewhere_is_never_made_below_a_missing_mount(tmp_path):
    layout = Layout(tmp_path, tmp_path / "mount" / "recordings")
    assert StorageGuard(layout, "").check() is StorageProblem.MISSING
    assert StorageGuard(layout, "remembered").check() is StorageProblem.MISSING
    assert not (tmp_path / "mount").exists()


def test_a_person_can_say_that_the_folder_is_right(tmp_path):
    layout = Layout(tmp_path)
    layout.recordings.mkdir()
    guard = StorageGuard(layout, "remembered")
    guard.check()
    guard.adopt()
    assert guard.check() is None


@pytest.mark.parametrize(
    "number, problem",
    [
        (errno.EROFS, StorageProblem.READ_ONLY),
        (errno.ENOSPC, StorageProblem.FULL),
        (errno.EIO, StorageProblem.FAILING),
    ],
)
def test_a_disk_that_does_not_take_a_probe_is_told_and_forgiven(number, problem, tmp_path):
    broken = [True]

    def probe(folder):
        if broken:
            raise OSError(number, "no")

    guard = StorageGuard(Layout(tmp_path), "", probe)
    assert guard.check() is problem
    broken.clear()
    assert guard.check() is None


def test_a_full_disk_at_the_first_mark_is_not_taken_for_a_missing_one(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    guard = StorageGuard(Layout(tmp_path), "")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert guard.check() is StorageProblem.FULL
    assert guard.check() is None


def test_nothing_is_ready_before_the_folder_was_looked_at():
    watch = StorageWatch()
    assert not watch.ready
    watch.look(lambda: None)
    assert watch.ready
    assert watch.problem is None


def test_a_look_tells_the_problem_and_its_end():
    watch = StorageWatch()
    problems = [StorageProblem.FULL, StorageProblem.MISSING, None]
    for problem in problems:
        watch.look(iter([problem]).__next__)
        assert watch.problem is problem


def test_a_look_that_takes_too_long_is_a_disk_that_hangs():
    watch, looking, released = StorageWatch(), Event(), Event()

    def hang():
        looking.set()
        released.wait()

    thread = Thread(target=lambda: watch.look(hang))
    thread.start()
    looking.wait()
    beat(watch.pulse, HANGING_BEATS)
    assert watch.problem is None
    watch.pulse.beat()
    assert watch.problem is StorageProblem.HANGING
    assert not watch.may_begin
    released.set()
    thread.join()
    assert watch.problem is None
    assert watch.may_begin


def test_what_a_look_found_stands_while_the_next_hangs():
    watch = StorageWatch()
    watch.look(lambda: None)

    def hang():
        beat(watch.pulse, HANGING_BEATS + 1)
        assert watch.problem is StorageProblem.HANGING
        assert watch.may_begin
        return StorageProblem.MISSING

    watch.look(hang)
    assert watch.found is watch.problem is StorageProblem.MISSING
    assert not watch.may_begin


def test_a_look_that_fails_does_not_look_on():
    watch = StorageWatch()

    def fails() -> StorageProblem | None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        watch.look(fails)
    beat(watch.pulse, 2 * HANGING_BEATS)
    assert watch.problem is None


@pytest.mark.parametrize("freed", [True, False])
def test_asking_for_room_waits_for_the_answer(freed):
    watch = StorageWatch()
    answering = []

    def answer():
        answering.append(Thread(target=lambda: watch.made_room(freed)))
        answering[0].start()

    watch.ask_for_room = answer
    assert watch.make_room() is freed
    answering[0].join()


def test_no_answer_is_worth_another_try(monkeypatch):
    monkeypatch.setattr(storage_guard, "ROOM_WAIT_S", 0.02)
    assert StorageWatch().make_room() is True


def test_room_made_for_one_counts_for_all_who_waited():
    watch = StorageWatch()
    asked, answers = [], []

    def ask():
        asked.append(1)
        if len(asked) == 2:  # Both wait, and both answers come before either wakes.
            watch.made_room(True)
            watch.made_room(False)  # Nothing is left to delete for the second request.

    watch.ask_for_room = ask
    waiting = [Thread(target=lambda: answers.append(watch.make_room())) for _ in range(2)]
    for thread in waiting:
        thread.start()
    for thread in waiting:
        thread.join()
    assert answers == [True, True]


def test_recorded_bytes_are_counted_until_they_are_taken():
    watch = StorageWatch()
    watch.recorded(5)
    watch.recorded(7)
    assert watch.take_recorded() == 12
    assert watch.take_recorded() == 0
    watch.recorded(1)
    assert watch.take_recorded() == 1
    assert watch.recorded_bytes == 13


def test_a_mark_in_which_nonsense_stands_is_no_mark(tmp_path):
    layout = Layout(tmp_path)
    StorageGuard(layout, "").check()
    layout.recordings_mark.write_bytes(b"[" * 5000 + b"]" * 5000)
    assert StorageGuard(layout, "remembered").check() is StorageProblem.MISSING
