"""Four cameras that record always, on a disk that stops answering: what was sent is compared."""

from time import monotonic

import psutil
import pytest

from tests.support.disk_scene import (
    ALARM_S,
    GROUP_S,
    NAMES,
    REC_BACK_S,
    REC_OUT_S,
    TOLD_S,
    WELL_S,
    assert_all_is_there,
    change_all,
    hang,
    rename,
    rest,
    scene,
    sent_at,
)
from tests.support.hanging_disk import missing_parts
from tests.support.sent_and_recorded import fault_video, journalled, pictures_in
from tests.support.waiting import wait_until

pytestmark = pytest.mark.skipif(bool(missing_parts()), reason=missing_parts())


@pytest.mark.parametrize(
    "seconds",
    [
        12,
        pytest.param(30, marks=[pytest.mark.long, pytest.mark.timeout(120)]),
        pytest.param(60, marks=[pytest.mark.long, pytest.mark.timeout(180)]),
    ],
)
def test_nothing_is_lost_while_the_disk_hangs(tmp_path, seconds):
    with scene(tmp_path) as found:
        hang(found, seconds)
        rest(WELL_S)
        assert_all_is_there(found, found.end())


@pytest.mark.long
@pytest.mark.timeout(150)
def test_without_room_what_is_lost_is_exactly_the_gap_that_is_told(tmp_path):
    with scene(tmp_path, disk_buffer_mb=1) as found:
        hang(found, 40)
        rest(WELL_S)
        sent = found.end()
        for name in NAMES:
            first, second = map(pictures_in, found.clips(name))
            for pictures in (first, second):
                assert pictures == list(range(pictures[0], pictures[-1] + 1))
            assert fault_video().keyframes[second[0]]
            assert second[-1] >= sent[name] - 1
            lost = set(range(first[-1] + 1, second[0]))
            assert lost
            (gap,) = journalled(found.folder, name)
            assert gap.reason == "disk: hanging"
            # They arrive in groups, when a thread has rested (`SdSession`).
            camera = found.cameras[name]
            assert -TOLD_S <= gap.begins - sent_at(camera, min(lost)) < GROUP_S
            assert -TOLD_S <= gap.ends - sent_at(camera, second[0]) < GROUP_S


def test_the_program_ends_in_time_on_a_disk_that_hangs(tmp_path):
    with scene(tmp_path) as found:
        with found.disk.hanging():
            rest(WELL_S)
            code, seconds = found.running.end()
            assert code == 0
            assert seconds < 5
        parts = list(found.disk.backing.rglob("*.part"))
        assert len(parts) == len(NAMES)
        for part in parts:
            assert pictures_in(part)


def test_a_program_that_hardly_gets_to_run_takes_no_disk_for_hanging(tmp_path):
    """A call is under way for ten seconds, in which the program ran for less than one."""
    with scene(tmp_path) as found:
        processes = [psutil.Process(found.running.process.pid), found.running.child]
        with found.disk.hanging():
            began = monotonic()
            rest(1.0)  # Every camera's thread is in a call by now.
            for _ in range(3):
                for process in processes:
                    process.suspend()
                rest(3.0)
                for process in processes:
                    process.resume()
                rest(0.1)
            assert monotonic() - began > 10
        found.until_rec(REC_BACK_S)
        rest(WELL_S)
        assert_all_is_there(found, found.end())
        assert "disk hanging" not in found.running.log


@pytest.mark.long
@pytest.mark.timeout(240)
def test_wherever_the_disk_hangs_nothing_is_lost(tmp_path):
    """At a new clip's file, at the end of the one before, under who looks after the library."""
    with scene(tmp_path) as found:
        for turn, operation in enumerate(("create", "fsync", "rename"), start=1):
            with found.disk.holding(operation, path="recordings/"):
                change_all(found, rotation=90 * turn)
                wait_until(lambda: found.disk.held >= len(NAMES))
                found.until_told("disk hanging", ALARM_S, times=turn)
                found.until_rec(REC_OUT_S, out=True)
                rest(3.0)
            found.until_rec(REC_BACK_S)
        with found.disk.holding("getattr", path="/.vms"):
            wait_until(lambda: found.disk.held)
            found.until_told("disk hanging", ALARM_S, times=turn + 1)
            rest(3.0)
            found.until_rec(0.1)  # What comes reaches the disk.
        with found.disk.holding("readdir"):
            rename(found, "a", "elsewhere")  # Whose folder that is stands in the folders.
            wait_until(lambda: found.disk.held)
            rest(ALARM_S)
            assert [found.running.states(each)[-1] for each in NAMES[1:]] == ["recording"] * 3
        found.until_rec(REC_BACK_S)
        wait_until((found.disk.backing / "recordings" / "elsewhere").exists)
        found.folders["a"] = "elsewhere"
        rest(WELL_S)
        sent = found.end()
        for name in NAMES:
            clips = [pictures_in(clip) for clip in found.clips(name)]
            assert len(clips) == (5 if name == "a" else 4)
            there = sorted({number for pictures in clips for number in pictures})
            assert there == list(range(there[0], there[-1] + 1))
            assert there[-1] >= sent[name] - 1
            assert journalled(found.folder, name) == []
