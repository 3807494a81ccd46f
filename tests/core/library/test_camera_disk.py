"""The verdict on the disk of one camera's clips, from what is told of it and of its folder."""

import pytest

from vms_desktop.core.base.disk_calls import HANGING_BEATS, DiskCalls
from vms_desktop.core.base.errors import StorageProblem
from vms_desktop.core.library.camera_disk import (
    PROOF_S,
    RETRIED_S,
    RETRY_S,
    SLOW_BEATS,
    CameraDisk,
)
from vms_desktop.core.library.storage_guard import StorageWatch

NOW = 100.0


class Known:
    """A disk, and all that is known of it."""

    def __init__(self, found: StorageProblem | None = None) -> None:
        self.watch = StorageWatch()
        self.calls = DiskCalls(self.watch.pulse)
        self.waits = False
        self.disk = CameraDisk(self.watch, self.calls, lambda: self.waits)
        self.look(found)

    def look(self, found: StorageProblem | None) -> None:
        self.watch.look(lambda: found)

    def beat(self, times: int) -> None:
        for _ in range(times):
            self.watch.pulse.beat()


@pytest.mark.parametrize("found", StorageProblem)
def test_what_was_written_disproves_what_need_not_be_so_in_the_cameras_folder(found):
    known = Known(found)
    assert known.disk.problem(NOW) is found
    known.disk.written(NOW)
    stays = found in (StorageProblem.MISSING, StorageProblem.FULL, StorageProblem.HANGING)
    for later_s in (0.0, PROOF_S + 60):
        assert known.disk.problem(NOW + later_s) is (found if stays else None)


def test_another_problem_of_the_folder_is_told_once_the_proof_is_old():
    known = Known(StorageProblem.FORBIDDEN)
    known.disk.written(NOW)
    known.look(StorageProblem.READ_ONLY)
    assert known.disk.problem(NOW + PROOF_S - 0.1) is None
    assert known.disk.problem(NOW + PROOF_S) is StorageProblem.READ_ONLY


@pytest.mark.parametrize(
    "later_s, told, begins",
    [
        (0.0, StorageProblem.FAILING, False),
        (RETRY_S - 0.1, StorageProblem.FAILING, False),
        (RETRY_S, StorageProblem.FAILING, True),
        (RETRY_S + RETRIED_S, None, True),
    ],
)
def test_a_failure_is_told_until_the_next_clip_was_tried(later_s, told, begins):
    known = Known()
    known.disk.failed(StorageProblem.FAILING, NOW)
    assert known.disk.problem(NOW + later_s) is told
    assert known.disk.may_begin(NOW + later_s) is begins
    known.disk.written(NOW)
    assert known.disk.problem(NOW) is None


@pytest.mark.parametrize(
    "beats, waits, told",
    [
        (SLOW_BEATS, True, None),
        (SLOW_BEATS + 1, True, StorageProblem.SLOW),
        (SLOW_BEATS + 1, False, None),
    ],
)
def test_a_disk_that_has_not_caught_up_for_ten_beats_is_slow(beats, waits, told):
    known = Known()
    known.waits = waits
    known.beat(beats)
    assert known.disk.problem(NOW) is told
    known.disk.kept_up()
    assert known.disk.problem(NOW) is None


def test_the_beats_after_a_hang_are_counted_from_its_end():
    known = Known()
    known.waits = True
    with known.calls:
        known.beat(HANGING_BEATS + SLOW_BEATS)
        assert known.disk.problem(NOW) is StorageProblem.HANGING
    known.beat(SLOW_BEATS)
    assert known.disk.problem(NOW) is None
    assert known.disk.why_unwritten() is StorageProblem.HANGING
    known.beat(1)
    assert known.disk.problem(NOW) is known.disk.why_unwritten() is StorageProblem.SLOW


def test_packets_that_came_before_a_hang_ended_were_dropped_for_it():
    known = Known()
    assert known.disk.why_dropped(since=0.0) is StorageProblem.SLOW
    with known.calls:
        known.beat(HANGING_BEATS + 1)
    ended = known.calls.hung_until
    assert known.disk.why_dropped(since=ended) is StorageProblem.HANGING
    assert known.disk.why_dropped(since=ended + 0.1) is StorageProblem.SLOW


def test_a_folder_that_is_gone_is_so_by_a_look_or_by_a_failure():
    known = Known()
    assert not known.disk.is_gone(NOW)
    known.disk.failed(StorageProblem.MISSING, NOW)
    assert known.disk.is_gone(NOW)
    assert not known.disk.is_gone(NOW + RETRY_S)
    known.look(StorageProblem.MISSING)
    assert known.disk.is_gone(NOW + RETRY_S)
