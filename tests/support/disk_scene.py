"""Four cameras that record always, on a disk that hangs on order, and what became of it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic, time

from tests.support.camera_entries import always, write_cameras
from tests.support.fakes import FakeCamera
from tests.support.hanging_disk import HangingDisk, hanging_disk
from tests.support.program import Program, program
from tests.support.sent_and_recorded import FPS, fault_video, journalled, pictures_in
from tests.support.sentinel import LOGIN, with_login
from tests.support.waiting import wait_until

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

    def until_told(self, words: str, timeout_s: float, *, times: int = 1) -> None:
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
def scene(
    tmp_path: Path, elsewhere: Mapping[str, Path] | None = None, **settings: object
) -> Iterator[Scene]:
    """Everything runs, and every camera is recorded since a while.

    Args:
        elsewhere: Folders of cameras that are links to other disks.
    """
    folder = tmp_path / "data"
    folder.mkdir()
    with ExitStack() as stack:
        disk = stack.enter_context(hanging_disk(tmp_path / "disk"))
        chosen = {"recordings_folder": str(disk.folder / "recordings"), "reserve_gb": 0.001}
        (folder / "settings.json").write_text(json.dumps(chosen | settings))
        for name, place in (elsewhere or {}).items():
            (disk.backing / "recordings").mkdir(mode=0o700, exist_ok=True)
            (disk.backing / "recordings" / name).symlink_to(place)
        cameras = {name: stack.enter_context(FakeCamera(fault_video(), (LOGIN,))) for name in NAMES}
        configured = {
            name: with_login(always(each.url(), name=name)) for name, each in cameras.items()
        }
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
        scene.until_told("disk hanging: what is not yet written waits in memory", left_s)
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


def sent_at(camera: FakeCamera, number: int) -> float:
    """When a picture was sent, in seconds since the epoch."""
    sent = next(at for at, index in camera.sent if index == number)
    return time() - monotonic() + sent


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
