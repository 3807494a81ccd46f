import errno
import os

import pytest

from vms_desktop.core.base.errors import StorageError, StorageProblem
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.clips.folders import claim_folder, read_folder_owners
from vms_desktop.core.library import removal as module
from vms_desktop.core.library.removal import PendingRemovals, Removal, RemovalResult

DAY = "2026-11-22"


@pytest.fixture
def layout(data_dir):
    layout = Layout(data_dir)
    for camera_id, name in (("1", "Door"), ("2", "Yard")):
        claim_folder(layout, camera_id, name)
        for hour in range(3):
            put(layout.recordings, f"{name}/{DAY}/{hour:02}-00-00.mp4")
            put(layout.thumbnails, f"{name}/{DAY}/{hour:02}-00-00.jpg")
            put(layout.thumbnails, f"{name}/{DAY}/{hour:02}-00-00.json")
        put(layout.gaps, f"{name}/{DAY}.jsonl")
    return layout


def put(tree, name):
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(100))
    return path


def files(layout):
    return {path.relative_to(layout.root).as_posix() for path in layout.root.rglob("*.*")}


def remove(layout, camera_id="1", name="Door"):
    removal = Removal(layout, camera_id, name)
    gone = [path for batch in removal.steps for path in batch]
    return removal.removed, gone


def test_clips_thumbnails_gaps_and_folders_of_that_camera_go_and_no_others(layout):
    before = files(layout)
    removed, gone = remove(layout)
    assert removed == RemovalResult("1", "Door", clips=3, size_bytes=300)
    assert len(gone) == 3
    assert files(layout) == {name for name in before if "Door" not in name}
    assert not any((tree / "Door").exists() for tree in layout.trees())


def test_archives_stay_and_the_folder_stays_theirs(layout):
    archived = put(layout.archives, f"Door/{DAY}/09-00-00.mp4")
    remove(layout)
    assert archived.exists()
    assert read_folder_owners(layout)["Door"].id == "1"
    assert list((layout.recordings / "Door").iterdir()) == [layout.camera_mark("Door")]


def test_what_the_program_did_not_put_there_stays_and_is_told(layout):
    mine = put(layout.recordings, f"Door/{DAY}/holiday.mp4")
    notes = put(layout.recordings, "Door/notes.txt")
    removed, _ = remove(layout)
    assert (removed.clips, removed.remaining, removed.problem) == (3, 2, None)
    assert mine.exists()
    assert notes.exists()
    assert read_folder_owners(layout)["Door"].id == "1"


def test_a_part_that_was_left_goes_too(layout):
    put(layout.recordings, f"Door/{DAY}/05-00-00.part")
    assert remove(layout)[0].remaining == 0
    assert not (layout.recordings / "Door").exists()


def test_the_folder_is_found_by_its_mark_whatever_its_name(layout):
    removed, _ = remove(layout, name="A name never used")
    assert removed.clips == 3


def test_a_camera_that_never_recorded_leaves_nothing_to_delete(layout):
    assert remove(layout, "3", "New")[0] == RemovalResult("3", "New")


@pytest.mark.parametrize(
    "number, problem",
    [
        (errno.EACCES, StorageProblem.FORBIDDEN),
        (errno.EROFS, StorageProblem.READ_ONLY),
        (errno.EIO, StorageProblem.FAILING),
    ],
)
def test_what_could_not_be_deleted_is_told_with_the_reason(layout, monkeypatch, number, problem):
    def refuse(_path, missing_ok=False):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("pathlib.Path.unlink", refuse)
    removed, gone = remove(layout)
    assert gone == []
    assert (removed.clips, removed.remaining) == (0, 3)
    assert removed.problem is problem


def test_a_disk_that_goes_away_is_told(layout, monkeypatch):
    def fail(*_):
        raise StorageError(StorageProblem.FAILING)

    monkeypatch.setattr(module, "oldest_clips", fail)
    assert remove(layout)[0].problem is StorageProblem.FAILING


def test_recordings_go_once_the_camera_is_gone_from_the_file_and_has_no_threads():
    removals = PendingRemovals()
    removals.ask("1", "Door")
    assert removals.take(busy=()) == []  # Not saved yet.
    removals.saved({"2"})
    assert removals.take(busy={"1"}) == []
    assert removals.take(busy={"2"}) == [("1", "Door")]
    assert removals.take(busy=()) == []


@pytest.mark.parametrize("history", [[{"1", "2"}, {"2"}], [{"1"}], [{"2"}, {"1"}]])
def test_they_stay_where_the_file_keeps_the_camera_or_has_it_again(history):
    removals = PendingRemovals()
    removals.ask("1", "Door")
    for cameras in history:
        removals.saved(cameras)
    assert removals.take(busy=()) == []


def test_at_the_end_of_the_program_all_that_were_asked_for_are_left():
    removals = PendingRemovals()
    for camera_id in "12":
        removals.ask(camera_id, f"Camera {camera_id}")
        removals.saved({"3"} if camera_id == "1" else {"2", "3"})
    removals.ask("4", "Camera 4")
    assert removals.take_rest() == [("4", "Camera 4"), ("1", "Camera 1")]
    assert removals.take_rest() == []
