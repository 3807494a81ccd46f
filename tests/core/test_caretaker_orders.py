"""What a person asks of the caretaker: recordings that go, a folder that is taken."""

import json
from datetime import datetime, timedelta

import pytest

from tests.home import Home
from tests.packets import CAMERA, camera
from tests.waiting import wait_until
from vms_desktop.core import caretaker as module
from vms_desktop.core.caretaker import AdoptFolder, DeleteRecordings, TakeCameras
from vms_desktop.core.errors import StorageProblem


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(module, "TICK_S", 0.02)
    monkeypatch.setattr(module, "CHECK_S", 0.05)


@pytest.fixture
def home(data_dir):
    return Home(data_dir)


@pytest.fixture
def now():
    return datetime.now().astimezone()


def test_whose_the_folders_are_is_told_those_of_deleted_cameras_too(home, now):
    with home.cared_for(CAMERA, camera(id="cam-2", name="Yard")):
        wait_until(lambda: bool(home.known))
        home.inbox.post(TakeCameras((CAMERA,)))
        wait_until(lambda: len(home.known) == 2)
        home.inbox.post(TakeCameras((camera(name="Gate"),)))
    both = {"cam-1": "Front_door", "cam-2": "Yard"}
    assert home.known[:2] == [both, both]


def test_a_folder_that_lost_its_mark_is_taken_as_it_is_once_a_person_says_so(home, now):
    clip = home.record(now - timedelta(days=1))
    home.layout.recordings_mark.unlink()
    with home.cared_for(CAMERA, mark="remembered"):
        home.wait_until_ready()
        assert home.watch.problem is StorageProblem.MISSING
        home.inbox.post(AdoptFolder())
        wait_until(lambda: home.watch.problem is None)
        wait_until(lambda: bool(home.known))
    assert json.loads(home.layout.recordings_mark.read_text()) == {"id": "remembered"}
    assert clip.path.exists()


def test_a_deleted_cameras_recordings_go_with_its_last_gap_and_are_told(home, now):
    clip = home.record(now - timedelta(days=1))
    with home.cared_for(CAMERA):
        home.wait_until_ready()
        wait_until(lambda: bool(home.known))
        home.journal.opened("cam-1", "Front_door", now, "paused")
        home.journal.closed("cam-1", now + timedelta(seconds=1))
        home.inbox.post(TakeCameras(()))
        home.inbox.post(DeleteRecordings("cam-1", "Front door"))
        wait_until(lambda: bool(home.removed))
    [removed] = home.removed
    assert (removed.clips, removed.size_bytes, removed.remaining) == (1, clip.size_bytes, 0)
    assert home.deleted == [(clip.path,)]
    assert home.known[-1] == {}
    assert not any((tree / "Front_door").exists() for tree in home.layout.trees())


def test_the_recordings_of_a_camera_that_is_back_already_stay(home, now):
    clip = home.record(now - timedelta(days=1))
    with home.cared_for(CAMERA):
        home.wait_until_ready()
        home.inbox.post(DeleteRecordings("cam-1", "Front door"))
        wait_until(lambda: bool(home.removed))
    assert home.removed[0].clips == 0
    assert clip.path.exists()


def test_nothing_is_deleted_below_a_disk_that_is_not_there(home, now):
    clip = home.record(now - timedelta(days=1))
    home.layout.recordings_mark.unlink()
    with home.cared_for(camera(id="cam-2", name="Yard"), mark="remembered"):
        home.wait_until_ready()
        home.inbox.post(DeleteRecordings("cam-1", "Front door"))
        wait_until(lambda: bool(home.removed))
    assert home.removed[0].problem is StorageProblem.MISSING
    assert clip.path.exists()
