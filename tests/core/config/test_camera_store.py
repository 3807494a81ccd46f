import errno
import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.packets import HandClock
from vms_desktop.core.base.errors import Reason, StorageError, StorageProblem
from vms_desktop.core.base.json_file import QUIET_S, write_json
from vms_desktop.core.base.json_text import Defect
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.config.camera_store import CameraStore

DOOR = {"name": "Door", "url_sd": "rtsp://host/1", "is_active": True, "colour": "green"}
YARD = {"name": "Yard", "url_sd": "rtsp://host/2", "sensitivity": "500"}


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def store(tmp_path, clock):
    return CameraStore(tmp_path / "cameras.json", tmp_path / "backups", clock)


@pytest.fixture
def load_settled(store, clock):
    """Load what nobody has been writing for a while."""

    def load():
        store.load()
        clock.time += QUIET_S
        clock.step_s -= QUIET_S  # All within one second of the wall's clock.
        return store.load()

    return load


@pytest.fixture
def put(tmp_path):
    def put(content):
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        (tmp_path / "cameras.json").write_bytes(data)

    return put


def on_disk(tmp_path):
    return json.loads((tmp_path / "cameras.json").read_bytes())


def names(loaded):
    return [camera.name for camera in loaded.cameras]


def test_no_file_means_no_cameras(store, tmp_path):
    loaded = store.load()
    assert (loaded.cameras, loaded.invalid, loaded.notice) == ((), (), None)
    assert list(tmp_path.iterdir()) == []


def test_cameras_come_in_the_files_order(store, put):
    put({"b": YARD, "a": DOOR})
    assert names(store.load()) == ["Yard", "Door"]


@pytest.mark.parametrize(
    "entry, field, reason, name",
    [
        ({"name": "X"}, "url_sd", Reason.EMPTY, "X"),
        ({"name": "", "url_sd": "rtsp://h/1"}, "name", Reason.EMPTY, ""),
        (DOOR | {"sensitivity": "much"}, "sensitivity", Reason.NOT_A_NUMBER, "Door"),
        (DOOR | {"name": ["Door"]}, "name", Reason.WRONG_TYPE, ""),
        ("text", "camera", Reason.WRONG_TYPE, ""),
        (None, "camera", Reason.WRONG_TYPE, ""),
    ],
)
def test_an_invalid_camera_stands_apart_and_the_others_run(entry, field, reason, name, store, put):
    put({"a": DOOR, "bad": entry, "b": YARD})
    loaded = store.load()
    assert names(loaded) == ["Door", "Yard"]
    [invalid] = loaded.invalid
    assert (invalid.id, invalid.name, invalid.number) == ("bad", name, 2)
    assert (invalid.error.field, invalid.error.reason) == (field, reason)


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"a": {"name": "Côté", "url_sd": "rtsp://h/1"}}, ensure_ascii=False).encode(c)
        for c in ("utf-8", "utf-8-sig", "utf-16", "latin-1")
    ],
)
def test_whatever_encoding_an_editor_chose_is_read(content, store, put):
    put(content)
    assert names(store.load()) == ["Côté"]


def test_a_key_that_stands_twice_does_no_harm(store, put):
    door = json.dumps(DOOR)
    put(f'{{"a": {door}, "a": {door}}}'.encode())
    assert names(store.load()) == ["Door"]


@pytest.mark.parametrize(
    "broken, kind",
    [
        (b"", Defect.TORN),
        (b'{"a": {"name": "Do', Defect.TORN),
        (b"\x00" * 100, Defect.TORN),
        (b"[" * 100_000, Defect.TORN),
        (b"[]", Defect.INVALID),
        (b"null", Defect.INVALID),
    ],
)
def test_a_broken_file_is_set_aside_and_the_last_good_one_loaded(
    broken, kind, store, load_settled, put, tmp_path, clock
):
    put({"a": DOOR})
    store.load()
    put(broken)
    loaded = load_settled()
    assert names(loaded) == ["Door"]
    assert loaded.notice.kind is kind
    assert loaded.notice.set_aside == tmp_path / f"cameras.json.broken-{clock.now():%Y%m%d-%H%M%S}"
    assert loaded.notice.set_aside.read_bytes() == broken
    assert loaded.notice.is_restored
    assert on_disk(tmp_path) == {"a": DOOR}
    assert store.load().notice is None


def test_two_broken_files_in_one_second_are_both_kept(load_settled, put, tmp_path):
    for content in (b"one", b"two"):
        put(content)
        load_settled()
    kept = sorted(path.read_bytes() for path in tmp_path.glob("cameras.json.broken-*"))
    assert kept == [b"one", b"two"]


def test_a_broken_file_without_a_good_one_is_an_empty_one(store, load_settled, put, tmp_path):
    put(b"{")
    loaded = load_settled()
    assert loaded.cameras == ()
    assert not loaded.notice.is_restored
    assert not (tmp_path / "cameras.json").exists()
    assert store.load().notice is None


def test_a_broken_backup_is_passed_over(store, put, tmp_path):
    put({"a": DOOR})
    store.load()
    (tmp_path / "backups" / "cameras.000009.json").write_bytes(b"{")
    put(b"")
    again = CameraStore(tmp_path / "cameras.json", tmp_path / "backups")
    assert names(again.load()) == ["Door"]


def test_a_file_edited_by_hand_is_kept_too(store, put, tmp_path):
    store.save([CameraConfig(id="a", name="Old", url_sd="rtsp://h/1")])
    put({"a": DOOR})
    store.load()
    put(b"")
    again = CameraStore(tmp_path / "cameras.json", tmp_path / "backups")
    assert names(again.load()) == ["Door"]


def test_the_last_five_versions_are_kept(store, tmp_path):
    for number in range(8):
        store.save([CameraConfig(id="a", name=f"v{number}", url_sd="rtsp://h/1")])
    kept = sorted((tmp_path / "backups").iterdir())
    assert [json.loads(path.read_bytes())["a"]["name"] for path in kept] == [
        f"v{number}" for number in range(3, 8)
    ]
    store.load()
    assert len(list((tmp_path / "backups").iterdir())) == 5


def test_saving_keeps_unknown_keys_invalid_entries_and_what_has_not_changed(store, put, tmp_path):
    put({"bad": {"name": "X"}, "a": DOOR, "b": YARD})
    opener, yard = store.load().cameras
    store.save([replace(opener, name="Front"), yard])
    saved = on_disk(tmp_path)
    assert list(saved) == ["bad", "a", "b"]
    assert saved["bad"] == {"name": "X"}
    assert saved["a"]["name"] == "Front"
    assert saved["a"]["colour"] == "green"
    assert saved["b"] == YARD


def test_saving_removes_cameras_that_are_gone_and_adds_new_ones(store, put, tmp_path):
    put({"bad": {"name": "X"}, "a": DOOR, "b": YARD})
    _, yard = store.load().cameras
    store.save([yard, CameraConfig(id="c", name="Shop", url_sd="rtsp://h/3")], deleted=["bad"])
    assert list(on_disk(tmp_path)) == ["b", "c"]
    assert names(store.load()) == ["Yard", "Shop"]


def test_saving_does_not_lose_a_camera_that_somebody_added_since(store, put, tmp_path):
    put({"a": DOOR})
    loaded = store.load()
    put({"a": DOOR, "b": YARD})
    store.save(loaded.cameras)
    assert list(on_disk(tmp_path)) == ["a", "b"]


def test_saving_over_a_file_torn_since_loses_nothing(store, put, tmp_path):
    put({"bad": {"name": "X"}, "a": DOOR})
    loaded = store.load()
    put(b"{")
    store.save(loaded.cameras)
    assert on_disk(tmp_path) == {"bad": {"name": "X"}, "a": DOOR}
    told = store.load().notice
    assert (told.kind, told.set_aside.read_bytes()) == (Defect.TORN, b"{")
    assert store.load().notice is None


def test_a_file_that_was_never_read_is_not_written_over(store, put, tmp_path, monkeypatch):
    put({"a": DOOR})

    def fail(_path):
        raise OSError(errno.EIO, "the disk is in trouble")

    with monkeypatch.context() as broken:
        broken.setattr(Path, "read_bytes", fail)
        with pytest.raises(StorageError) as caught:
            store.save([CameraConfig(id="b", name="B", url_sd="rtsp://h/1")])
    assert caught.value.kind is StorageProblem.FAILING
    assert on_disk(tmp_path) == {"a": DOOR}


def test_passwords_are_for_their_owner_alone(store, tmp_path):
    store.save([CameraConfig(id="a", name="A", url_sd="rtsp://h/1", password="p@ss")])
    files = [tmp_path / "cameras.json", *(tmp_path / "backups").iterdir()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_what_is_set_aside_with_its_passwords_is_for_its_owner_alone(load_settled, put, tmp_path):
    put(b'{"a": {"name": "Door", "password": "p@ss"')
    (tmp_path / "cameras.json").chmod(0o644)
    aside = load_settled().notice.set_aside
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600


def test_the_stamp_changes_with_the_file(store, put):
    stamps = [store.file.stamp()]
    put({"a": DOOR})
    stamps.append(store.file.stamp())
    assert store.file.stamp() == stamps[-1]
    store.save([])
    stamps.append(store.file.stamp())
    assert stamps[0] is None
    assert len(set(stamps)) == 3


def test_what_the_disk_does_not_give_is_an_error_of_the_storage(tmp_path):
    (tmp_path / "cameras.json").mkdir()
    with pytest.raises(StorageError):
        CameraStore(tmp_path / "cameras.json", tmp_path / "backups").load()


def test_a_lone_surrogate_can_be_written(tmp_path):
    write_json(tmp_path / "x.json", {"name": "\ud800"})
    assert json.loads((tmp_path / "x.json").read_bytes()) == {"name": "\ud800"}


def test_both_cameras_of_one_id_run_and_stay_two(store, put, tmp_path):
    put(f'{{"a": {json.dumps(DOOR)}, "a": {json.dumps(YARD)}}}'.encode())
    loaded = store.load()
    assert names(loaded) == ["Door", "Yard"]
    [new] = loaded.repeated
    assert store.load().repeated == {new}, "told as long as the file says so"
    store.save(loaded.cameras)
    assert on_disk(tmp_path) == {"a": DOOR, new: YARD}
    assert store.load().repeated == frozenset()


def test_an_edit_under_way_is_not_lost_by_a_save(store, put, tmp_path):
    put({"a": DOOR})
    loaded = store.load()
    put(b'{"a": {"name": "Front')
    assert names(store.load()) == ["Door"]
    store.save([*loaded.cameras, CameraConfig(id="b", name="Yard", url_sd="rtsp://h/1")])
    assert list(on_disk(tmp_path)) == ["a", "b"]
    [aside] = tmp_path.glob("cameras.json.broken-*")
    assert aside.read_bytes() == b'{"a": {"name": "Front'
