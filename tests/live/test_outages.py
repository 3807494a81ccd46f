"""A disk that is gone, full or read-only is told, costs no picture, and is used again later."""

import subprocess
import sys
from contextlib import contextmanager, suppress
from time import monotonic

import av
import numpy as np
import pytest

from tests.support.camera_entries import always
from tests.support.fakes import FakeCamera
from tests.support.running import running_fleet
from tests.support.video import encode
from vms_desktop.core.base.errors import StorageProblem
from vms_desktop.core.base.status import CameraState

VIDEO = encode(300, width=160, height=96, fps=15)


def snow(index, width, height):
    return np.random.default_rng(index).integers(0, 255, (height, width, 3), np.uint8)


SNOW = encode(45, width=160, height=96, fps=15, paint=snow)


@contextmanager
def small_disk(folder, megabytes):
    """A disk of its own at the folder; a skip where mounting is not allowed."""
    if sys.platform != "linux":
        pytest.skip("platform: mounts a tmpfs")
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("platform: mounting a disk takes privileges")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def storage(running):
    return running.fleet.status("a").storage


def playable(clip):
    """Whether a clip has pictures; what a full disk tore off may be missing at its end."""
    count = 0
    with av.open(str(clip)) as source, suppress(av.InvalidDataError):
        for _ in source.decode(video=0):
            count += 1
    return count > 5


def test_a_folder_that_vanishes_is_told_and_recording_resumes_with_it(qapp, data_dir):
    recordings, away = data_dir / "recordings", data_dir / "away"
    with (
        FakeCamera(VIDEO) as camera,
        running_fleet(data_dir, {"a": always(camera.url())}) as running,
    ):
        running.until(lambda: running.state("a") is CameraState.RECORDING)
        recordings.rename(away)
        began = monotonic()
        running.until(lambda: storage(running) is StorageProblem.MISSING, 12)
        told = monotonic()
        assert told - began < 10
        running.until(lambda: running.state("a") is CameraState.LIVE)
        sent = camera.pictures_sent
        running.until(lambda: camera.pictures_sent > sent + 5)
        # Longer than the next clip's pre-roll reaches back: a shorter time would be no gap.
        running.until(lambda: monotonic() - told > 8, 12)
        assert not recordings.exists()
        away.rename(recordings)
        running.until(lambda: running.state("a") is CameraState.RECORDING, 12)
        assert storage(running) is None
        assert len(camera.clients) == 1
    clips = list(recordings.glob("Door/*/*.mp4"))
    assert len(clips) >= 1
    assert all(playable(clip) for clip in clips)
    (journal,) = data_dir.glob("gaps/Door/*.jsonl")
    assert "disk: missing" in journal.read_text()


def test_a_disk_that_turns_read_only_is_told_and_recording_resumes(qapp, data_dir):
    recordings = data_dir / "recordings"
    with small_disk(recordings, 30), FakeCamera(VIDEO) as camera:
        with running_fleet(data_dir, {"a": always(camera.url())}) as running:
            running.until(lambda: running.state("a") is CameraState.RECORDING)
            running.until(lambda: camera.pictures_sent > 15)
            # The system refuses while a file is open for writing.
            running.fleet.pause("a", True)
            running.until(lambda: running.clips)
            remount(recordings, "ro")
            running.fleet.pause("a", False)
            running.until(lambda: storage(running) is StorageProblem.READ_ONLY, 12)
            running.until(lambda: running.state("a") is CameraState.LIVE)
            remount(recordings, "rw")
            running.until(lambda: running.state("a") is CameraState.RECORDING, 12)
        assert all(playable(clip.path) for clip in running.clips)


def remount(folder, mode):
    subprocess.run(["mount", "-o", f"remount,{mode}", str(folder)], check=True)


def test_on_a_full_disk_the_oldest_clip_goes_and_recording_goes_on(qapp, data_dir):
    recordings = data_dir / "recordings"
    with small_disk(recordings, 6), FakeCamera(SNOW) as camera:
        cameras = {"a": always(camera.url())}
        with running_fleet(data_dir, cameras) as running:
            running.until(lambda: running.state("a") is CameraState.RECORDING)
            sent = camera.pictures_sent
            running.until(lambda: camera.pictures_sent > sent + 30)
            running.configure({"a": cameras["a"] | {"rotation": 180}})  # Cuts the clip.
            running.until(lambda: running.clips)
            fill(recordings)
            running.until(lambda: not running.clips[0].path.exists(), 5)

            # Nothing is left that could go: told, and taken up again when there is room.
            running.until(lambda: storage(running) is StorageProblem.FULL, 12)
            running.until(lambda: running.state("a") is CameraState.LIVE)
            cut = len(running.clips)
            (recordings / "other").unlink()
            running.until(lambda: running.state("a") is CameraState.RECORDING)
            sent = camera.pictures_sent
            running.until(lambda: camera.pictures_sent > sent + 15)
        assert len(camera.clients) == 1
        kept = [clip for clip in running.clips if clip.path.exists()]
        assert kept[-1] is running.clips[-1]
        assert len(running.clips) > cut >= 1
        assert all(playable(clip.path) for clip in kept)


def fill(folder):
    """Leave no byte free."""
    with (folder / "other").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return
