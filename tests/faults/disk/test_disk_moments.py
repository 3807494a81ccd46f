"""Disks that hang at the worst moments, or take too little: files are held against gaps."""

import errno
from collections.abc import Iterable
from multiprocessing import get_context
from pathlib import Path
from time import monotonic, time

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
    Scene,
    assert_all_is_there,
    change_all,
    hang,
    rest,
    scene,
)
from tests.support.hanging_disk import hanging_disk, missing_parts
from tests.support.program import program
from tests.support.sent_and_recorded import (
    FPS,
    PICTURES,
    Journalled,
    Sent,
    fault_video,
    journalled,
    pictures_in,
)
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(240),
    pytest.mark.skipif(bool(missing_parts()), reason=missing_parts()),
]

# s: a clip's times are those of arrivals, and its last picture's length is the usual one.
EDGE_S = 0.2


def sent_by(found: Scene, name: str) -> list[Sent]:
    """What a camera has sent so far, in seconds since the epoch."""
    to_epoch = time() - monotonic()
    return [(at + to_epoch, index) for at, index in found.cameras[name].sent]


def assert_gaps_are_what_is_missing(
    sent: Iterable[Sent], files: Iterable[Path], gaps: list[Journalled]
) -> None:
    """No picture is missing that no gap tells of, and none is there within a gap."""
    there = {number for path in files for number in pictures_in(path, may_be_torn=True)}
    for at, number in sent:
        if number in there:
            inside = [gap for gap in gaps if gap.begins + EDGE_S < at < gap.ends - EDGE_S - GROUP_S]
            assert not inside, f"picture {number} is there and told as missing: {inside}"
        else:
            told = [gap for gap in gaps if gap.begins - GROUP_S - EDGE_S <= at <= gap.ends + TOLD_S]
            assert told, f"picture {number} is missing and not told: {gaps}"


def gaps_of(found: Scene, name: str) -> list[Journalled]:
    return journalled(found.folder, found.folders.get(name, name))


def start_again(found: Scene) -> None:
    """Start the program over what it has left, and end it well."""
    with program(found.folder) as running:
        for name in NAMES:
            running.until_state("recording", name, 20)
        assert running.end()[0] == 0
    assert not list(found.disk.backing.rglob("*.part"))


@pytest.mark.parametrize("seconds", [14, 3])
def test_what_a_kill_during_a_hang_costs_is_told_at_the_next_start(tmp_path, seconds):
    with scene(tmp_path) as found:
        with found.disk.hanging():
            rest(seconds)
            killed = found.running.kill() + time() - monotonic()
        sent = {name: [each for each in sent_by(found, name) if each[0] < killed] for name in NAMES}
        before = {name: len(found.cameras[name].clients) for name in NAMES}
        start_again(found)
        for name in NAMES:
            assert len(found.cameras[name].clients) > before[name]
            gaps = gaps_of(found, name)
            clips = found.clips(name)
            assert_gaps_are_what_is_missing(sent[name], clips[:1], gaps)
            missing = {number for _, number in sent[name]} - set(pictures_in(clips[0]))
            assert len(missing) > (seconds - 1) * FPS
            reasons = [gap.reason for gap in gaps]
            assert reasons == ["disk: hanging", "not_running"][-len(reasons) :]
            if seconds > 12:  # A heartbeat came meanwhile.
                assert len(reasons) == 2


def test_what_the_end_during_a_hang_costs_is_told_at_once(tmp_path):
    with scene(tmp_path) as found:
        with found.disk.hanging():
            rest(8.0)
            code, seconds = found.running.end()
            assert code == 0
            assert seconds < 5
            ended = time()
            told = {name: gaps_of(found, name) for name in NAMES}
        sent = {
            name: [each for each in sent_by(found, name) if each[0] < ended - seconds]
            for name in NAMES
        }
        start_again(found)
        for name in NAMES:
            assert {gap.reason for gap in told[name]} == {"disk: hanging"}
            clip = found.clips(name)[:1]
            assert_gaps_are_what_is_missing(sent[name], clip, told[name])
            assert_gaps_are_what_is_missing(sent[name], clip, gaps_of(found, name))
            assert len(sent[name]) - len(pictures_in(clip[0])) > 6 * FPS


@pytest.mark.parametrize("later_s", [0.0, 0.3])
def test_a_kill_just_after_a_hang_costs_what_was_not_yet_written(tmp_path, later_s):
    with scene(tmp_path) as found:
        with found.disk.hanging():
            rest(9.0)
        rest(later_s)
        killed = found.running.kill() + time() - monotonic()
        sent = {name: [each for each in sent_by(found, name) if each[0] < killed] for name in NAMES}
        start_again(found)
        for name in NAMES:
            first = found.clips(name)[:1]
            pictures = pictures_in(first[0])
            assert pictures == list(range(pictures[0], pictures[-1] + 1))
            assert_gaps_are_what_is_missing(sent[name], first, gaps_of(found, name))


def test_a_disk_that_is_too_slow_is_told_and_what_it_costs_are_gaps(tmp_path):
    video = fault_video()
    rate = len(NAMES) * sum(map(len, video.units)) / PICTURES * FPS
    with scene(tmp_path, disk_buffer_mb=1) as found:
        with found.disk.slowed(0.4 * rate):
            found.until_rec(20, out=True)
            found.until_told("disk slow: what is not yet written waits in memory", 20)
            wait_until(lambda: "are lost: slow" in found.running.log, 40)
            rest(5.0)
            assert "disk hanging" not in found.running.log
        found.until_rec(20)
        found.until_told("the disk is well again", 10)
        rest(WELL_S)
        ended = time()
        found.end()
        lossy = 0
        for name in NAMES:
            sent = [each for each in sent_by(found, name) if each[0] < ended]
            gaps = gaps_of(found, name)
            assert {gap.reason for gap in gaps} <= {"disk: slow"}
            assert_gaps_are_what_is_missing(sent, found.clips(name), gaps)
            lossy += bool(gaps)
        assert lossy


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE])
def test_a_share_that_forgets_its_files_costs_no_more_than_it_had_not_taken(tmp_path, code):
    with scene(tmp_path) as found:
        with found.disk.holding("write", path="recordings/", error=code):
            began = time()
            wait_until(lambda: found.disk.held >= len(NAMES))
            found.until_rec(REC_OUT_S, out=True)
            found.until_told("disk hanging", ALARM_S)
            rest(3.0)
        found.until_rec(REC_BACK_S + 5)
        rest(WELL_S)
        ended = time()
        found.end()
        for name in NAMES:
            sent = [each for each in sent_by(found, name) if each[0] < ended]
            clips = found.clips(name)
            assert len(clips) >= 2
            there = {number for clip in clips for number in pictures_in(clip)}
            lost = [at for at, number in sent if number not in there and at < ended - 1]
            assert lost
            assert min(lost) > began - 1.5  # What the muxer held when it hung.
            assert_gaps_are_what_is_missing(sent, clips, gaps_of(found, name))


def test_the_first_clip_of_a_day_waits_for_its_folder(tmp_path):
    with scene(tmp_path) as found:
        for name in NAMES:
            for clip in found.disk.backing.glob(f"recordings/{name}/*/*.part"):
                clip.parent.rename(clip.parent.with_name("2020-01-01"))  # As if it were midnight.
        with found.disk.holding("mkdir", path="recordings/"):
            change_all(found, rotation=90)
            wait_until(lambda: found.disk.held >= len(NAMES))
            found.until_told("disk hanging", ALARM_S)
            rest(2.0)
        found.until_rec(REC_BACK_S)
        rest(WELL_S)
        assert found.running.end()[0] == 0
        for name in NAMES:
            # The file of before was moved as it was written, and keeps the name that it had.
            (before,) = found.disk.backing.glob(f"recordings/{name}/2020-01-01/*.part")
            files = [before, *found.clips(name)]
            assert len(files) > 1
            there = sorted({each for path in files for each in pictures_in(path)})
            assert there == list(range(there[0], there[-1] + 1))


def test_while_a_deletion_hangs_all_is_recorded_and_it_is_told(tmp_path):
    with scene(tmp_path, quota_gb=0.00014) as found:
        for turn in (90, 180):  # Clips end, so that there are some to be deleted.
            change_all(found, rotation=turn)
            rest(4.0)
        # The system lets nobody make or rename a file where one is being deleted: so no clip
        # is begun from here on.
        with found.disk.holding("unlink", path=".mp4"):
            wait_until(lambda: found.disk.held, 40)
            held = monotonic()
            found.until_told("disk hanging", 45)
            assert monotonic() - held > 20  # Less is a long list.
            found.until_rec(0.5)
        found.until_told("the disk is well again", 10)
        found.until_rec(REC_BACK_S)
        assert "are lost" not in found.running.log
        found.end()
        for name in NAMES:
            assert gaps_of(found, name) == []


def test_a_disk_that_hangs_holds_up_no_camera_on_another(tmp_path):
    with (
        hanging_disk(tmp_path / "one") as one,
        scene(tmp_path, elsewhere={"a": one.folder}) as found,
    ):
        assert (found.disk.backing / "recordings" / "a").is_symlink()
        with one.hanging():
            wait_until(lambda: found.running.states("a")[-1] == "live", REC_OUT_S)
            found.until_told("disk hanging", ALARM_S)
            rest(8.0)
            assert [found.running.states(each)[-1] for each in NAMES[1:]] == ["recording"] * 3
            for name in NAMES[1:]:
                part = next(found.disk.backing.glob(f"recordings/{name}/*/*.part"))
                before = part.stat().st_size
                rest(1.5)
                assert part.stat().st_size > before
        found.until_rec(REC_BACK_S)
        rest(WELL_S)
        sent = found.end()
        for name in NAMES:
            place = one.backing if name == "a" else found.disk.backing / "recordings" / name
            (clip,) = place.rglob("*.mp4")
            pictures = pictures_in(clip)
            assert pictures == list(range(pictures[0], pictures[-1] + 1))
            assert pictures[-1] >= sent[name] - 1
            assert gaps_of(found, name) == []


def _spin() -> None:
    while True:
        pass


def test_a_program_that_is_starved_takes_no_disk_for_hanging_and_cuts_no_clip(tmp_path):
    """At the lowest priority beside one that never rests, on one processor."""
    with scene(tmp_path) as found:
        child = found.running.child
        spinning = get_context("spawn").Process(target=_spin)
        spinning.start()
        try:
            psutil.Process(spinning.pid).cpu_affinity([0])
            for thread in child.threads():
                psutil.Process(thread.id).cpu_affinity([0])
                psutil.Process(thread.id).nice(19)
            used = child.cpu_times().user + child.cpu_times().system
            rest(12.0)
            used = child.cpu_times().user + child.cpu_times().system - used
        finally:
            spinning.kill()
            spinning.join()
        assert used < 2.0  # It hardly had a turn.
        found.until_rec(10)
        rest(WELL_S)
        assert_all_is_there(found, found.end())
        assert "disk" not in found.running.log


def test_a_program_that_was_stopped_takes_no_disk_for_hanging(tmp_path):
    """It is told as time in which nothing ran, and costs no more than that."""
    with scene(tmp_path) as found:
        processes = [found.running.child, psutil.Process(found.running.process.pid)]
        for process in processes:
            process.suspend()
        rest(6.0)
        for process in processes:
            process.resume()
        wait_until(lambda: "nothing ran for" in found.running.log)
        found.until_rec(15)
        rest(WELL_S)
        found.end()
        assert "disk" not in found.running.log
        for name in NAMES:
            assert {gap.reason for gap in gaps_of(found, name)} <= {"asleep"}


def test_the_alarm_and_rec_are_as_promised_in_a_second_hang(tmp_path):
    with scene(tmp_path) as found:
        for _ in range(2):
            hang(found, 12)
            rest(WELL_S)
        assert_all_is_there(found, found.end())
