"""Passwords move between `cameras.json` and the keyring, and none is ever lost."""

import json
from dataclasses import replace

import pytest

from tests.support.keyrings import MemoryKeyring, PromptingKeyring
from tests.support.waiting import wait_until
from vms_desktop.core.base.errors import StorageError, StorageProblem
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.config.camera_store import CameraStore
from vms_desktop.core.config.keyring import SystemKeyring

PLAIN = CameraConfig(id="a", name="Door", url_sd="rtsp://h/1", username="u", password="s3cret")
KEPT = replace(PLAIN, password_in_keyring=True)


@pytest.fixture
def backend():
    return MemoryKeyring()


@pytest.fixture
def new_store(tmp_path, backend):
    def new_store(keyring=None):
        keyring = keyring or SystemKeyring(lambda: backend)
        return CameraStore(tmp_path / "cameras.json", tmp_path / "backups", None, keyring)

    return new_store


def kept(backend):
    """What the keyring has, by camera."""
    return {key.rpartition("/")[2]: password for key, password in backend.kept.items()}


def on_disk(tmp_path):
    return json.loads((tmp_path / "cameras.json").read_bytes())


def all_files(tmp_path):
    return b"".join(path.read_bytes() for path in tmp_path.rglob("*.json"))


def loaded(store):
    return store.load().cameras


def test_a_password_moves_into_the_keyring_and_out_of_every_file(new_store, tmp_path, backend):
    store = new_store()
    for days in range(3):
        store.save([replace(PLAIN, retention_days=days)])
    store.save([KEPT])
    assert kept(backend) == {"a": "s3cret"}
    assert b"s3cret" not in all_files(tmp_path)
    assert len(list((tmp_path / "backups").iterdir())) == 4
    assert loaded(store) == loaded(new_store()) == (KEPT,)


def test_and_back_into_the_files(new_store, tmp_path, backend):
    store = new_store()
    store.save([KEPT])
    store.save([PLAIN])
    assert on_disk(tmp_path)["a"]["password"] == "s3cret"
    assert kept(backend) == {}
    assert loaded(new_store()) == (PLAIN,)
    for version in (tmp_path / "backups").iterdir():
        assert json.loads(version.read_bytes())["a"]["password"] == "s3cret"


def test_a_password_that_the_keyring_does_not_give_back_stays_in_the_file(
    new_store, tmp_path, backend
):
    backend.forgetful = True
    store = new_store()
    store.save([KEPT])
    assert on_disk(tmp_path)["a"]["password"] == "s3cret"
    found = store.load()
    assert found.cameras == (KEPT,)
    assert found.refused == {"a"}
    backend.forgetful = False
    store.save(found.cameras)
    assert b"s3cret" not in all_files(tmp_path)
    assert store.load().refused == frozenset()


def test_a_crash_between_the_two_steps_leaves_it_in_the_file(
    new_store, tmp_path, backend, monkeypatch
):
    store = new_store()
    store.save([PLAIN])
    monkeypatch.setattr(store.file, "save", fail)
    with pytest.raises(StorageError):
        store.save([KEPT])
    assert loaded(new_store()) == (PLAIN,)


def fail(*_):
    raise StorageError(StorageProblem.FULL)


def test_a_file_that_is_not_written_leaves_the_keyring_as_it_was(new_store, backend, monkeypatch):
    store = new_store()
    store.save([KEPT])
    monkeypatch.setattr(store.file, "save", fail)
    with pytest.raises(StorageError):
        store.save([replace(KEPT, password="other")])
    assert kept(backend) == {"a": "s3cret"}


def test_a_locked_keyring_leaves_the_password_empty_and_says_whose(new_store, backend):
    new_store().save([KEPT])
    backend.locked = True
    found = new_store().load()
    assert found.cameras == (replace(KEPT, password=""),)
    assert found.locked == {"a"}


@pytest.mark.parametrize(
    "change", [{"name": "Gate"}, {"password_in_keyring": False}, {"username": "v"}]
)
def test_what_is_saved_meanwhile_destroys_nothing_in_it(new_store, backend, change):
    new_store().save([KEPT])
    backend.locked = True
    store = new_store()
    [camera] = loaded(store)
    store.save([replace(camera, **change)])
    store.load()
    backend.locked = False
    for each in (store, new_store()):
        [camera] = loaded(each)
        assert (camera.password, camera.password_in_keyring) == ("s3cret", True)


def test_a_password_typed_while_it_is_locked_stands_in_the_file_and_counts(
    new_store, tmp_path, backend
):
    new_store().save([KEPT])
    backend.locked = True
    store = new_store()
    [camera] = loaded(store)
    store.save([replace(camera, password="newer")])
    assert on_disk(tmp_path)["a"]["password"] == "newer"
    backend.locked = False
    store.save(loaded(store))
    assert kept(backend) == {"a": "newer"}
    assert b"newer" not in all_files(tmp_path)


def test_a_keyring_that_prompts_delays_the_cameras_for_a_moment_only(new_store, tmp_path):
    backend = PromptingKeyring(a="s3cret", b="t0p")
    keyring = SystemKeyring(lambda: backend, limit_s=0.05)
    (tmp_path / "cameras.json").write_text(
        json.dumps(
            {
                each: {"name": each, "url_sd": "rtsp://h/1", "password_in_keyring": True}
                for each in ("a", "b")
            }
        )
    )
    store = new_store(keyring)
    assert store.load().locked == {"a", "b"}
    assert len(backend.calls) == 1
    backend.answered.set()
    wait_until(keyring.came_back)
    assert [camera.password for camera in loaded(store)] == ["s3cret", "t0p"]


def test_a_deleted_camera_takes_its_password_along(new_store, backend):
    store = new_store()
    store.save([KEPT, replace(KEPT, id="b", password="t0p")])
    store.save([replace(KEPT, id="b", password="t0p")], deleted=["a"])
    assert kept(backend) == {"b": "t0p"}


def test_a_new_name_or_a_copy_keeps_each_password(new_store, backend):
    store = new_store()
    store.save([KEPT])
    [camera] = loaded(store)
    store.save([replace(camera, name="Gate"), replace(camera, id="b", name="Door 2")])
    assert kept(backend) == {"a": "s3cret", "b": "s3cret"}
    assert [camera.password for camera in loaded(new_store())] == ["s3cret", "s3cret"]


def test_an_emptied_password_leaves_the_keyring(new_store, backend):
    store = new_store()
    store.save([KEPT])
    store.save([replace(KEPT, password="")])
    assert kept(backend) == {}
    assert loaded(new_store()) == (replace(KEPT, password=""),)


def test_nothing_is_asked_of_it_where_nothing_changes_or_no_camera_uses_it(new_store, backend):
    store = new_store()
    store.save([PLAIN, replace(PLAIN, id="b")])
    store.load()
    assert backend.calls == []
    store.save([KEPT])
    store.load()
    before = list(backend.calls)
    store.save([replace(KEPT, is_active=True)])
    store.load()
    assert backend.calls == before


def test_no_password_reaches_the_log(new_store, backend, caplog):
    store = new_store()
    store.save([KEPT])
    backend.locked = True
    store.save([replace(KEPT, password="newer")])
    new_store().load()
    assert caplog.text
    assert "s3cret" not in caplog.text
    assert "newer" not in caplog.text
