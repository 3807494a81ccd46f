"""Four cameras that record always, on a disk that stops answering: what was sent is compared."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic, time

import psutil
import pytest

from tests.support.fakes import FakeCamera
from tests.support.hanging_disk import HangingDisk, hanging_disk, missing_parts
from tests.support.program import Program, program
from tests.support.running import always, write_cameras
from tests.support.sent_and_recorded import FPS, fault_video, journalled, pictures_in
from tests.support.waiting import wait_until

pytestmark = pytest.mark.skipif(bool(missing_parts()), reason=missing_parts())

# s: the alarm comes, REC goes out (5 s behind, and what a fragment held), and REC comes back
# once the disk answers.
ALARM_S = 10.0
REC_OUT_S = 7.0
REC_BACK_S = 6.0
# s on either side of a fault in which recording goes well.
WELL_S = 2.0
# s that what was sent may lie unread.
GROUP_S = 0.5
# s: the journal tells whole milliseconds, and a camera notes what it has sent afterwards.
TOLD_S = 0.005
NAMES = ("a", "b", "c", "d")


def rest(seconds: float) -> None:
    Event().wait(seconds)


@dataclass
class Scene:
    """A program with four cameras, and the disk that they are recorded on."""

    folder: Path
    disk: HangingDisk
    cameras: dict[str, FakeCamera]
    running: Program
    folders: dict[str, str] = field(default_factory=dict)

    def until_rec(self, timeout_s: float, *, out: bool = False) -> None:
        """Wait until REC is shown of every camera, or of none."""
        wanted = {"live", "motion"} if out else {"recording"}
        states: list[str] = []

        def are_all() -> bool:
            states[:] = [self.running.states(each)[-1] for each in NAMES]
            return set(states) <= wanted

        try:
            wait_until(are_all, timeout_s)
        except AssertionError as err:
            raise AssertionError(f"{err}: {states}") from None

    def until_told(self, words: str, timeout_s: float) -> None:
        """Wait until standard error has these words."""
        wait_until(lambda: words in self.running.log, timeout_s)

    def until_told_again(self, words: str, times: int, timeout_s: float) -> None:
        """Wait until standard error has these words so many times."""
        wait_until(lambda: self.running.log.count(words) >= times, timeout_s)

    def clips(self, camera_id: str) -> list[Path]:
        """A camera's clips, in order."""
        folder = self.disk.backing / "recordings" / self.folders.get(camera_id, camera_id)
        return sorted(folder.rglob("*.mp4"), key=lambda path: (path.stem[:8], len(path.stem)))

    def end(self) -> dict[str, int]:
        """End the program; how many pictures each camera had sent a second before."""
        rest(1.0)
        sent = {name: camera.pictures_sent for name, camera in self.cameras.items()}
        rest(1.0)
        code, seconds = self.running.end()
        assert code == 0
        assert seconds < 5
        assert not list(self.disk.backing.rglob("*.part"))
        return sent


@contextmanager
def scene(tmp_path: Path, **settings: object) -> Iterator[Scene]:
    """Everything runs, and every camera is recorded since a while."""
    folder = tmp_path / "data"
    folder.mkdir()
    with ExitStack() as stack:
        disk = stack.enter_context(hanging_disk(tmp_path / "disk"))
        chosen = {"recordings_folder": str(disk.folder / "recordings"), "reserve_gb": 0.001}
        (folder / "settings.json").write_text(json.dumps(chosen | settings))
        cameras = {name: stack.enter_context(FakeCamera(fault_video())) for name in NAMES}
        configured = {name: always(each.url(), name=name) for name, each in cameras.items()}
        running = stack.enter_context(program(folder, configured))
        found = Scene(folder, disk, cameras, running)
        wait_until(lambda: all(running.states(each) for each in NAMES), 15)
        found.until_rec(20)
        rest(WELL_S)
        yield found


def hang(scene: Scene, seconds: float) -> None:
    """Have the disk hang for so long; alarm and REC are as promised meanwhile and afterwards."""
    with scene.disk.hanging():
        began = monotonic()
        scene.until_rec(REC_OUT_S, out=True)
        left_s = began + ALARM_S - monotonic()
        scene.until_told("disk hanging: what is recorded waits in memory", left_s)
        rest(began + seconds - monotonic())
    scene.until_rec(REC_BACK_S)
    scene.until_told("the disk is well again", REC_BACK_S)


def assert_all_is_there(scene: Scene, sent: dict[str, int]) -> None:
    """Each camera has one clip, without a hole, from its beginning to where it ended."""
    for name in NAMES:
        (clip,) = scene.clips(name)
        pictures = pictures_in(clip)
        assert pictures == list(range(pictures[0], pictures[-1] + 1))
        assert pictures[0] <= 2 * FPS
        assert pictures[-1] >= sent[name] - 1
        assert len(scene.cameras[name].clients) == 1
        assert journalled(scene.folder, name) == []


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


def sent_at(camera: FakeCamera, number: int) -> float:
    """When a picture was sent, in seconds since the epoch."""
    sent = next(at for at, index in camera.sent if index == number)
    return time() - monotonic() + sent


@pytest.mark.parametrize(
    "seconds", [pytest.param(40, marks=[pytest.mark.long, pytest.mark.timeout(150)])]
)
def test_without_room_what_is_lost_is_exactly_the_gap_that_is_told(tmp_path, seconds):
    with scene(tmp_path, disk_buffer_mb=1) as found:
        hang(found, seconds)
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


def change_all(scene: Scene, **changes: object) -> None:
    """Have every camera's clip end and the next begin: a clip has one rotation."""
    path = scene.folder / "cameras.json"
    cameras = json.loads(path.read_text())
    write_cameras(scene.folder, {key: each | changes for key, each in cameras.items()})


def rename(scene: Scene, camera_id: str, name: str) -> None:
    """Give a camera another name, which its folder is to follow."""
    path = scene.folder / "cameras.json"
    cameras = json.loads(path.read_text())
    cameras[camera_id]["name"] = name
    write_cameras(scene.folder, cameras)


@pytest.mark.long
@pytest.mark.timeout(240)
def test_wherever_the_disk_hangs_nothing_is_lost(tmp_path):
    """At a new clip's file, at the end of the one before, under who looks after the library."""
    with scene(tmp_path) as found:
        for turn, operation in enumerate(("create", "fsync", "rename"), start=1):
            with found.disk.holding(operation, path="recordings/"):
                change_all(found, rotation=90 * turn)
                wait_until(lambda: found.disk.held >= len(NAMES))
                found.until_told_again("disk hanging", turn, ALARM_S)
                found.until_rec(REC_OUT_S, out=True)
                rest(3.0)
            found.until_rec(REC_BACK_S)
        with found.disk.holding("getattr", path="/.vms"):
            wait_until(lambda: found.disk.held)
            found.until_told_again("disk hanging", turn + 1, ALARM_S)
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
