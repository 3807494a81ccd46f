"""What a person asks of the maintainer: recordings that go, a folder that is taken."""

import json
from datetime import timedelta

import pytest

from tests.support.home import Home
from tests.support.packets import CAMERA, camera
from tests.support.waiting import wait_until
from vms_desktop.core.base.errors import StorageProblem
from vms_desktop.core.clips.folders import read_folder_owners
from vms_desktop.core.library import removal
from vms_desktop.core.library.maintainer import (
    BytesFreed,
    CamerasConfigured,
    DeleteRecordings,
    MaintainerCommand,
)
from vms_desktop.core.library.purger import Purger


def test_whose_the_folders_are_is_told_those_of_deleted_cameras_too(home, now):
    with home.cared_for(CAMERA, camera(id="cam-2", name="Yard")):
        wait_until(lambda: bool(home.known))
        home.inbox.post(CamerasConfigured((CAMERA,)))
        wait_until(lambda: len(home.known) == 2)
        home.inbox.post(CamerasConfigured((camera(name="Gate"),)))
    both = {"cam-1": "Front_door", "cam-2": "Yard"}
    assert home.known[:2] == [both, both]


def test_a_folder_that_lost_its_mark_is_taken_as_it_is_once_a_person_says_so(home, now):
    clip = home.record(now - timedelta(days=1))
    home.layout.recordings_mark.unlink()
    with home.cared_for(CAMERA, mark="remembered"):
        home.wait_until_ready()
        assert home.watch.problem is StorageProblem.MISSING
        home.inbox.post(MaintainerCommand.ADOPT_FOLDER)
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
        home.inbox.post(CamerasConfigured(()))
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


def many_clips(home, now, count=4):
    return [home.record(now - timedelta(days=1, minutes=each)) for each in range(count)]


class EndWith:
    """Takes what is told, and ends the run with it."""

    def __init__(self, inbox):
        self._inbox = inbox

    def append(self, _told):
        self._inbox.stop()


def until_known(home):
    home.wait_until_ready()
    wait_until(lambda: bool(home.known))


def recorded(home):
    return list(home.layout.recordings.rglob("*.mp4"))


def test_what_a_run_did_not_delete_the_next_one_does(home, now, monkeypatch):
    many_clips(home, now)
    other = camera(id="cam-2", name="Yard")
    monkeypatch.setattr(removal, "BATCH", 1)
    home.deleted = EndWith(home.inbox)
    with home.cared_for(CAMERA, other):
        until_known(home)
        home.inbox.post(CamerasConfigured((other,)))
        home.inbox.post(DeleteRecordings("cam-1", "Front door"))
        wait_until(lambda: home.inbox.stopped)
    assert len(recorded(home)) == 3
    again = Home(home.layout.root)
    with again.cared_for(other):
        wait_until(lambda: bool(again.removed))
    [removed] = again.removed
    assert (removed.camera_id, removed.name, removed.clips) == ("cam-1", "Front door", 3)
    assert not (home.layout.recordings / "Front_door").exists()
    third = Home(home.layout.root)
    with third.cared_for(other):
        until_known(third)
    assert third.removed == []


@pytest.mark.parametrize("is_last_order", [True, False])
def test_what_was_asked_for_at_the_very_end_is_deleted_at_the_next_start(home, now, is_last_order):
    many_clips(home, now)
    with home.cared_for(CAMERA):
        until_known(home)
        home.inbox.post(DeleteRecordings("cam-1", "Front door", at_once=False))
        if not is_last_order:
            wait_until(lambda: read_folder_owners(home.layout)["Front_door"].is_leaving)
    assert len(recorded(home)) == 4
    again = Home(home.layout.root)
    with again.cared_for(camera(id="cam-2", name="Yard")):
        wait_until(lambda: bool(again.removed))
    assert recorded(home) == []


def test_a_camera_that_came_back_before_the_next_start_keeps_its_recordings(home, now):
    many_clips(home, now)
    with home.cared_for(CAMERA):
        until_known(home)
        home.inbox.post(DeleteRecordings("cam-1", "Front door", at_once=False))
    other = camera(id="cam-2", name="Yard")
    # It is in the file again; then it goes once more, without its recordings.
    for cameras in [(CAMERA, other), (other,)]:
        again = Home(home.layout.root)
        with again.cared_for(*cameras):
            until_known(again)
        assert again.removed == []
    assert len(recorded(home)) == 4


def test_an_entry_that_cannot_be_taken_is_a_camera_that_came_back(home, now):
    many_clips(home, now)
    with home.cared_for(CAMERA):
        until_known(home)
        home.inbox.post(DeleteRecordings("cam-1", "Front door", at_once=False))
    again, other = Home(home.layout.root), camera(id="cam-2", name="Yard")
    again.inbox.post(CamerasConfigured((other,), unread=frozenset({"cam-1"})))
    with again.cared_for():
        until_known(again)
    assert len(recorded(home)) == 4


def test_what_is_not_of_this_program_is_told_once_and_stays(home, now):
    clip = home.record(now - timedelta(days=1))
    own = clip.path.with_name("mine.txt")
    own.write_text("keep")
    with home.cared_for(CAMERA):
        until_known(home)
        home.inbox.post(CamerasConfigured(()))
        home.inbox.post(DeleteRecordings("cam-1", "Front door"))
        wait_until(lambda: bool(home.removed))
    assert home.removed[0].remaining == 1
    assert not read_folder_owners(home.layout)["Front_door"].is_leaving
    assert own.read_text() == "keep"


def test_nothing_is_deleted_below_a_disk_that_is_not_there(home, now):
    clip = home.record(now - timedelta(days=1))
    home.layout.recordings_mark.unlink()
    with home.cared_for(camera(id="cam-2", name="Yard"), mark="remembered"):
        home.wait_until_ready()
        home.inbox.post(DeleteRecordings("cam-1", "Front door"))
        wait_until(lambda: bool(home.removed))
    assert home.removed[0].problem is StorageProblem.MISSING
    assert clip.path.exists()


def old_and_new(home, now, *, old, new):
    """Clips of which retention by one day lets the old ones go."""
    home.record(now - timedelta(hours=1))
    for number in range(old + new - 1):
        days = 3 if number < old else 0.1
        path = home.layout.clip_path("Front_door", now - timedelta(days=days, minutes=number))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(1000))


def purged(home):
    with home.cared_for(camera(retention_days=1)):
        wait_until(lambda: bool(home.known))
        home.inbox.post(MaintainerCommand.PURGE)
        wait_until(lambda: bool(home.purged))
    return home.purged


def test_all_that_is_due_goes_at_once_when_a_person_asks(home, now):
    old_and_new(home, now, old=9, new=11)
    [told] = purged(home)
    assert (told.clips, told.freed_bytes, told.waiting, told.cancelled) == (9, 9000, (), False)
    assert len(list(home.layout.recordings.rglob("*.mp4"))) == 11


def test_what_a_person_has_deleted_is_counted(home, monkeypatch):
    freed = []
    monkeypatch.setattr(Purger, "freed", lambda _purger, size: freed.append(size))
    with home.cared_for(CAMERA):
        home.inbox.post(BytesFreed(7))
        wait_until(lambda: freed == [7])


def test_what_needs_an_answer_waits_for_it_all_the_same(home, now):
    old_and_new(home, now, old=9, new=2)
    [told] = purged(home)
    assert (told.clips, [ask.clips for ask in told.waiting]) == (0, [9])


def test_a_purge_ends_when_a_person_says_so(home, now):
    old_and_new(home, now, old=9, new=11)
    for order in (MaintainerCommand.PURGE, MaintainerCommand.CANCEL_PURGE):  # Found in one round.
        home.inbox.post(order)
    with home.cared_for(camera(retention_days=1)):
        wait_until(lambda: bool(home.purged))
    assert [(told.clips, told.cancelled) for told in home.purged] == [(0, True)]
    assert len(list(home.layout.recordings.rglob("*.mp4"))) == 20
