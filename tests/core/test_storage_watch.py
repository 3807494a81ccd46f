from threading import Event, Thread

import pytest

from tests.waiting import wait_until
from vms_desktop.core import storage_watch
from vms_desktop.core.errors import StorageProblem
from vms_desktop.core.storage_watch import HANGING_S, StorageWatch


@pytest.fixture
def now(monkeypatch):
    """The monotonic clock, set by hand."""
    clock = {"s": 100.0}
    monkeypatch.setattr(storage_watch, "monotonic", lambda: clock["s"])
    return clock


def test_nothing_is_ready_before_the_folder_was_looked_at():
    watch = StorageWatch()
    assert not watch.ready
    watch.look(lambda: None)
    assert watch.ready
    assert watch.problem is None


def test_a_look_tells_the_problem_and_its_end():
    watch = StorageWatch()
    for problem in (StorageProblem.FULL, StorageProblem.MISSING, None):
        watch.look(lambda problem=problem: problem)
        assert watch.problem is problem


def test_a_look_that_takes_too_long_is_a_disk_that_hangs(now):
    watch, looking, released = StorageWatch(), Event(), Event()

    def hang():
        looking.set()
        released.wait()

    thread = Thread(target=lambda: watch.look(hang))
    thread.start()
    looking.wait()
    now["s"] += HANGING_S
    assert watch.problem is None
    now["s"] += 0.1
    assert watch.problem is StorageProblem.HANGING
    assert not watch.ready
    released.set()
    thread.join()
    assert watch.problem is None
    assert watch.ready


def test_a_look_that_fails_does_not_look_on(now):
    watch = StorageWatch()
    with pytest.raises(ZeroDivisionError):
        watch.look(lambda: 1 / 0)
    now["s"] += 2 * HANGING_S
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
    monkeypatch.setattr(storage_watch, "ROOM_WAIT_S", 0.02)
    assert StorageWatch().make_room() is True


def test_room_made_for_one_counts_for_all_who_waited():
    watch = StorageWatch()
    asked, answers = [], []
    watch.ask_for_room = lambda: asked.append(1)
    waiting = [Thread(target=lambda: answers.append(watch.make_room())) for _ in range(2)]
    for thread in waiting:
        thread.start()
    wait_until(lambda: len(asked) == 2)
    # The first request is met; for the second, nothing is left to delete.
    with watch._changed:  # Both answers come before anyone wakes.
        watch.made_room(True)
        watch.made_room(False)
    for thread in waiting:
        thread.join()
    assert answers == [True, True]


def test_recorded_bytes_are_counted_until_they_are_taken():
    watch = StorageWatch()
    watch.recorded(5)
    watch.recorded(7)
    assert watch.take_recorded() == 12
    assert watch.take_recorded() == 0
