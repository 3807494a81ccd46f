import errno
import json
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.support.packets import camera
from tests.support.waiting import wait_until
from vms_desktop.core.base.errors import Reason, StorageError, StorageProblem
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.clips import folders
from vms_desktop.core.clips.folders import (
    CameraFolders,
    Claim,
    Owner,
    camera_folders_in,
    camera_name_problem,
    claim_folder,
    read_folder_owner,
)


def owner_of(layout: Layout, folder: str) -> Owner:
    owner = read_folder_owner(layout, folder)
    assert owner is not None
    return owner


def fill(layout, folder, *trees):
    for tree in trees:
        place = getattr(layout, tree) / folder
        place.mkdir(parents=True, exist_ok=True)
        (place / f"from-{folder}").touch()


def content(layout):
    return {
        f"{tree.name}/{folder.name}": sorted(p.name for p in folder.iterdir() if p.name[0] != ".")
        for tree in layout.trees()
        if tree.is_dir()
        for folder in tree.iterdir()
    }


def test_a_new_camera_gets_a_marked_private_folder(layout):
    assert claim_folder(layout, "a", "Front door") == Claim("Front_door")
    mark = layout.camera_mark("Front_door")
    assert json.loads(mark.read_bytes()) == {"id": "a", "name": "Front door"}
    assert mark.parent.stat().st_mode & 0o777 == 0o700
    assert claim_folder(layout, "a", "Front door") == Claim("Front_door")


def test_a_folder_of_the_web_version_is_adopted(layout):
    fill(layout, "Front_door", "recordings", "thumbnails")
    assert claim_folder(layout, "a", "Front door") == Claim("Front_door")
    assert owner_of(layout, "Front_door").id == "a"
    assert content(layout)["recordings/Front_door"] == ["from-Front_door"]


def test_folders_follow_their_camera_through_a_rename(layout):
    claim_folder(layout, "a", "Old")
    fill(layout, "Old", "recordings", "thumbnails", "archives", "gaps")
    assert claim_folder(layout, "a", "New") == Claim("New", renamed_from="Old")
    assert content(layout) == {
        f"{tree}/New": ["from-Old"] for tree in ("recordings", "thumbnails", "archives", "gaps")
    }
    assert owner_of(layout, "New").name == "New"
    assert claim_folder(layout, "a", "New") == Claim("New")


def test_a_name_that_makes_the_same_folder_moves_nothing(layout):
    claim_folder(layout, "a", "Front door")
    assert claim_folder(layout, "a", "Front/door") == Claim("Front_door")
    assert owner_of(layout, "Front_door").name == "Front/door"


def test_a_change_of_case_is_a_rename(layout):
    claim_folder(layout, "a", "door")
    assert claim_folder(layout, "a", "Door") == Claim("Door", renamed_from="door")
    assert camera_folders_in(layout.recordings) == ["Door"]


@pytest.mark.parametrize("name", ["Front door", "front door", "Front-door", "FRONT_DOOR"])
def test_two_names_that_make_one_folder_are_kept_apart(name, layout):
    claim_folder(layout, "a", "Front door")
    wanted = name.replace(" ", "_").replace("-", "_")
    assert claim_folder(layout, "b", name) == Claim(f"{wanted}_2", shared=True)
    assert claim_folder(layout, "c", name) == Claim(f"{wanted}_3", shared=True)
    assert claim_folder(layout, "b", name) == Claim(f"{wanted}_2", shared=True)


def test_a_folder_that_another_camera_has_claimed_is_taken_before_it_exists(layout):
    assert claim_folder(layout, "b", "Door", {"a": "door", "b": "Door"}) == Claim(
        "Door_2", shared=True
    )


def test_folders_are_never_merged(layout):
    claim_folder(layout, "a", "A")
    claim_folder(layout, "b", "B")
    fill(layout, "A", "recordings", "archives")
    fill(layout, "B", "recordings", "archives")
    assert claim_folder(layout, "a", "B") == Claim("B_2", renamed_from="A", shared=True)
    assert content(layout) == {
        "recordings/B": ["from-B"],
        "recordings/B_2": ["from-A"],
        "archives/B": ["from-B"],
        "archives/B_2": ["from-A"],
    }


@pytest.mark.parametrize("tree", ["recordings", "archives", "thumbnails", "gaps"])
def test_a_rename_avoids_a_folder_that_exists_in_any_tree(tree, layout):
    claim_folder(layout, "a", "A")
    fill(layout, "B", tree)
    assert claim_folder(layout, "a", "B") == Claim("B_2", renamed_from="A", shared=True)


def test_two_cameras_that_swap_their_names_keep_their_folders_apart(layout):
    claim_folder(layout, "a", "A")
    claim_folder(layout, "b", "B")
    fill(layout, "A", "recordings")
    fill(layout, "B", "recordings")
    claims = [claim_folder(layout, "a", "B"), claim_folder(layout, "b", "A")]
    assert claims == [
        Claim("B_2", renamed_from="A", shared=True),
        Claim("A", renamed_from="B"),
    ]
    assert claim_folder(layout, "a", "B") == Claim("B", renamed_from="B_2")
    assert content(layout) == {"recordings/B": ["from-A"], "recordings/A": ["from-B"]}


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_move_cut_short_is_finished_by_the_next_claim(after, layout, monkeypatch):
    claim_folder(layout, "a", "Old")
    fill(layout, "Old", "recordings", "thumbnails", "archives", "gaps")
    rename = Path.rename
    moved: list[Path] = []

    def fails_after_some(path, target):
        if len(moved) == after:
            raise OSError(errno.EIO, "pulled")
        moved.append(path)
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", fails_after_some)
        with pytest.raises(StorageError) as caught:
            claim_folder(layout, "a", "New")
    assert caught.value.kind is StorageProblem.FAILING
    assert claim_folder(layout, "a", "New").folder == "New"
    assert content(layout) == {
        f"{tree}/New": ["from-Old"] for tree in ("recordings", "thumbnails", "archives", "gaps")
    }
    assert owner_of(layout, "New").moving_to == ""


@pytest.mark.parametrize("mark", [b"", b"{", b"[]", b'{"id": 1', b"null"])
def test_a_torn_mark_counts_as_none(mark, layout):
    fill(layout, "Door", "recordings")
    layout.camera_mark("Door").write_bytes(mark)
    assert claim_folder(layout, "a", "Door") == Claim("Door")
    assert owner_of(layout, "Door").id == "a"


def test_a_copied_folder_does_not_confuse_its_camera(layout):
    for folder in ("Aside", "Door", "Zoo"):
        (layout.recordings / folder).mkdir(parents=True)
        layout.camera_mark(folder).write_text('{"id": "a", "name": "Door"}')
    assert claim_folder(layout, "a", "Door") == Claim("Door")
    assert camera_folders_in(layout.recordings) == ["Aside", "Door", "Zoo"]


def test_hidden_folders_and_files_are_no_cameras(layout):
    (layout.recordings / ".unreadable").mkdir(parents=True)
    (layout.recordings / "readme.txt").touch()
    assert camera_folders_in(layout.recordings) == []


@pytest.mark.parametrize("code", [errno.EXDEV, errno.EPERM, errno.EACCES, errno.EBUSY])
@pytest.mark.parametrize("after", [0, 1, 3])
def test_where_the_disk_renames_no_folder_the_camera_keeps_the_one_it_has(
    after, code, layout, monkeypatch, caplog
):
    claim_folder(layout, "a", "Old")
    fill(layout, "Old", "recordings", "thumbnails", "archives", "gaps")
    rename = Path.rename
    moved: list[Path] = []

    def refused_after_some(path, target):
        if len(moved) >= after and path.name == "Old":
            raise OSError(code, "not here")
        moved.append(path)
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refused_after_some)
        assert claim_folder(layout, "a", "New") == Claim("Old")
    assert content(layout) == {
        f"{tree}/Old": ["from-Old"] for tree in ("recordings", "thumbnails", "archives", "gaps")
    }
    assert read_folder_owner(layout, "Old") == Owner("a", "New")
    assert caplog.text.count("is not renamed") == 1
    assert claim_folder(layout, "a", "New") == Claim("New", renamed_from="Old")


def test_a_move_that_was_cut_short_and_is_refused_since_keeps_the_old_folder(layout, monkeypatch):
    claim_folder(layout, "a", "Old")
    fill(layout, "Old", "recordings", "thumbnails")
    (layout.thumbnails / "Old").rename(layout.thumbnails / "New")
    mark = {"id": "a", "name": "New", "moving_to": "New"}
    layout.camera_mark("Old").write_text(json.dumps(mark))
    rename = Path.rename

    def refused(path, target):
        if path.name == "Old":
            raise OSError(errno.EXDEV, "not here")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refused)
    assert claim_folder(layout, "a", "New") == Claim("Old")
    assert content(layout) == {"recordings/Old": ["from-Old"], "thumbnails/Old": ["from-Old"]}
    assert read_folder_owner(layout, "Old") == Owner("a", "New")


def test_the_folders_are_known_once_claimed_and_forgotten_when_told(layout):
    book = CameraFolders(layout, lambda *_: None)
    assert book.known() == {}
    book.claim(camera())
    other = camera(id="cam-2")
    assert book.claim(other).shared
    assert book.known() == {"cam-1": "Front_door", "cam-2": "Front_door_2"}
    book.forget(["cam-1", "nobody"])
    assert book.known() == {"cam-2": "Front_door_2"}
    mark = json.loads(layout.camera_mark("Front_door").read_text())
    assert mark["id"] == "cam-1"


def test_the_folders_are_known_while_a_disk_hangs(layout, monkeypatch):
    book = CameraFolders(layout, lambda *_: None)
    book.claim(camera())
    hangs, released = Event(), Event()

    def hang(*_):
        hangs.set()
        released.wait()
        raise StorageError(StorageProblem.FAILING)

    monkeypatch.setattr(folders, "claim_folder", hang)

    def claim():
        with suppress(StorageError):
            book.claim(camera(id="2"))

    claiming = Thread(target=claim)
    claiming.start()
    hangs.wait()
    known = []
    asking = Thread(target=lambda: known.append(book.known()))
    asking.start()
    wait_until(lambda: bool(known))
    released.set()
    for thread in (claiming, asking):
        thread.join()
    assert known == [{"cam-1": "Front_door"}]


NAMED = (camera(id="1", name="Front door"), camera(id="2", name="Café", is_active=False))
KNOWN_FOLDERS = {"1": "Front_door", "2": "Cafe", "gone": "Old_yard"}


@pytest.mark.parametrize(
    "name, expected",
    [
        ("Garden", None),
        ("  Garden ", None),
        ("", Reason.EMPTY),
        (" \t", Reason.EMPTY),
        ("x" * 200, None),
        ("x" * 201, Reason.TOO_LONG),
        ("Front door", Reason.TAKEN),
        ("front-DOOR", Reason.TAKEN),
        ("cafe", Reason.TAKEN),  # an inactive camera's
        ("Old yard", Reason.TAKEN),  # a deleted camera's, whose clips are still there
        ("../../etc/passwd", None),
        ("CON", None),
        ("\U0001f600", None),
        ("\x00", None),
    ],
)
def test_a_name_is_refused_where_it_is_none_or_its_folder_is_another_cameras(name, expected):
    assert camera_name_problem(name, "new", NAMED, KNOWN_FOLDERS) is expected


def test_a_camera_keeps_its_own_name_and_folder():
    assert camera_name_problem("FRONT door", "1", NAMED, KNOWN_FOLDERS) is None


def test_a_mark_that_is_too_deep_is_none(tmp_path):
    layout = Layout(tmp_path)
    layout.camera_mark("Door").parent.mkdir(parents=True)
    layout.camera_mark("Door").write_bytes(b"[" * 5000 + b"]" * 5000)
    assert read_folder_owner(layout, "Door") is None
    assert claim_folder(layout, "a", "Door").folder == "Door"
