"""`cameras.json` of which a save was killed, or that was damaged at any one byte."""

import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.camera_entries import always
from tests.support.fakes import FakeCamera
from tests.support.packets import HandClock
from tests.support.program import environment, program
from tests.support.sent_and_recorded import fault_video
from tests.support.sentinel import LOGIN, leaks_of_processes, with_login
from tests.support.waiting import wait_until
from vms_desktop.core.base.json_file import QUIET_S, json_bytes
from vms_desktop.core.config.camera_store import CameraStore

CAMERAS = {
    key: with_login({"name": name, "url_sd": f"rtsp://camera/{key}", "is_active": True})
    for key, name in {"first": "Entrée", "second": "Yard"}.items()
}
FILE = json_bytes(CAMERAS)
SAMPLE = 120


@pytest.mark.skipif(os.name != "posix", reason="platform: fork")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kills", [50, pytest.param(500, marks=pytest.mark.long)])
def test_a_kill_during_a_save_leaves_the_old_cameras_or_the_new(kills):
    ended = subprocess.run(
        [sys.executable, "-m", "tests.faults.saves", str(kills)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    within = re.search(r"(\d+) kills, (\d+) within a save", ended.stdout)
    assert within
    assert int(within[1]) == kills
    # That saves were cut short, and not the time between them.
    assert int(within[2]) > kills // 2


def damages() -> list[bytes]:
    """The file with every bit of every byte flipped, every byte gone, and cut at every byte."""
    flipped = [
        FILE[:at] + bytes((FILE[at] ^ 1 << bit,)) + FILE[at + 1 :]
        for at in range(len(FILE))
        for bit in range(8)
    ]
    inverted = [FILE[:at] + bytes((FILE[at] ^ 255,)) + FILE[at + 1 :] for at in range(len(FILE))]
    without = [FILE[:at] + FILE[at + 1 :] for at in range(len(FILE))]
    cut = [FILE[:at] for at in range(len(FILE) - 1)]
    return [*flipped, *inverted, *without, *cut]


def sample() -> list[bytes]:
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 - shown where it fails
    return random.Random(seed).sample(damages(), SAMPLE)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("chosen", [sample, pytest.param(damages, marks=pytest.mark.long)])
def test_a_damaged_byte_costs_no_camera_that_could_be_read(data_dir, chosen):
    backups, kept = data_dir / "backups", data_dir / "kept"
    (data_dir / "cameras.json").write_bytes(FILE)
    good = CameraStore(data_dir / "cameras.json", backups).load()
    shutil.copytree(backups, kept)
    restored = 0
    for data in chosen():
        shutil.rmtree(backups)
        shutil.copytree(kept, backups)
        restored += look_at_damaged(data_dir, data, good)
    assert restored
    shutil.rmtree(kept)


def look_at_damaged(folder: Path, data: bytes, good) -> bool:
    """Load it as a start does, and again once nobody can still be writing it."""
    path = folder / "cameras.json"
    path.write_bytes(data)
    clock = HandClock()
    store = CameraStore(path, folder / "backups", clock)
    at_once = store.load()
    clock.time += QUIET_S
    later = store.load()
    for loaded in (at_once, later):
        # Each is there, or shown with what is wrong with it.
        assert len(loaded.cameras) + len(loaded.invalid) == len(CAMERAS), data
    if later.notice is None:
        assert path.read_bytes() == data
        return False
    assert at_once.cameras == later.cameras == good.cameras, data
    assert later.notice.is_restored
    assert later.notice.set_aside
    assert later.notice.set_aside.read_bytes() == data
    assert later.notice.set_aside.stat().st_mode & 0o077 == 0
    later.notice.set_aside.unlink()
    return True


@pytest.mark.long
@pytest.mark.timeout(120)
@pytest.mark.skipif(os.name != "posix", reason="platform: signals")
@pytest.mark.parametrize("keeps", [0, 0.3, 0.7])
def test_the_program_starts_with_a_torn_file_records_and_says_what_it_did(data_dir, keeps):
    with FakeCamera(fault_video(), (LOGIN,)) as door, FakeCamera(fault_video(), (LOGIN,)) as yard:
        cameras = {
            "a": with_login(always(door.url(), name="Door")),
            "b": with_login(always(yard.url(), name="Yard")),
        }
        with program(data_dir, cameras) as running:
            running.until_state("recording", "b")
            assert running.end()[0] == 0
        path = data_dir / "cameras.json"
        whole = path.read_bytes()
        torn = whole[: int(len(whole) * keeps)]
        path.write_bytes(torn)
        with program(data_dir) as running:
            for key in cameras:
                running.until_state("recording", key)
            assert "cameras.json is not whole, the last good version stands in" in running.log
            wait_until(lambda: list(data_dir.glob("cameras.json.broken-*")))
            wait_until(lambda: path.read_bytes() == whole)
            assert leaks_of_processes(running.process.pid) == []
            assert running.end()[0] == 0
            assert "copied to cameras.json.broken" in running.log
        (aside,) = data_dir.glob("cameras.json.broken-*")
        assert aside.read_bytes() == torn
        assert aside.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name != "posix", reason="platform: signals")
def test_a_crash_report_and_all_that_is_logged_have_no_password(data_dir):
    with FakeCamera(fault_video(), (LOGIN,)) as camera:
        cameras = {"a": with_login(always(camera.url())), "b": with_login(always("rtsp://no.host"))}
        with program(data_dir, cameras, "--log-level", "DEBUG") as running:
            running.until_state("recording")
            child = running.child
            assert child
            assert leaks_of_processes(running.process.pid) == []
            child.send_signal(11)
            wait_until(lambda: any((data_dir / "logs").glob("crash-2*.txt")))
            wait_until(lambda: running.states().count("recording") == 2)
            assert running.end()[0] == 0
    # The rest is looked through when the test ends: see `conftest`.
    assert (data_dir / "cameras.json").read_bytes().count(b"S3ntinel") == len(cameras)
