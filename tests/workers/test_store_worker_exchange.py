"""What the store's thread does beside the two files: import, export, the keyring."""

import json
import os

import pytest

from tests.support.keyrings import MemoryKeyring, PromptingKeyring
from tests.support.packets import CAMERA, camera
from vms_desktop.core.base.errors import StorageError, StorageProblem
from vms_desktop.core.base.json_text import Defect
from vms_desktop.core.config.camera_store import CameraStore
from vms_desktop.core.config.keyring import SystemKeyring
from vms_desktop.core.config.settings import SettingsStore
from vms_desktop.workers import store_worker as module
from vms_desktop.workers.store_worker import StoreWorker


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(module, "LOOK_S", 0.02)


@pytest.fixture
def start(qapp, data_dir):
    workers = []

    def start(backend):
        keyring = SystemKeyring(lambda: backend, limit_s=0.05)
        backups = data_dir / "backups"
        cameras = CameraStore(data_dir / "cameras.json", backups, None, keyring)
        workers.append(StoreWorker(cameras, SettingsStore(data_dir / "settings.json", backups)))
        workers[-1].start()
        return workers[-1]

    yield start
    for worker in workers:
        worker.stop()
        assert worker.wait(5000)


@pytest.fixture
def worker(start):
    return start(MemoryKeyring())


def test_another_file_is_read_and_nothing_changed(worker, qtbot, tmp_path, data_dir):
    path = tmp_path / "other.json"
    path.write_text(json.dumps({"x": {"name": "Shop", "url_sd": "0"}, "y": {"name": "Bad"}}))
    with qtbot.waitSignal(worker.import_read) as told:
        worker.import_cameras(path, (CAMERA,))
    [report] = told.args
    assert [each.name for each in report.cameras] == ["Shop"]
    assert [each.name for each in report.refused] == ["Bad"]
    assert list(data_dir.iterdir()) == []


@pytest.mark.parametrize(
    "make, problem",
    [
        (lambda path: path.write_bytes(b"ftypisom"), Defect.TORN),
        (lambda path: path.write_bytes(b"[]"), Defect.INVALID),
        (lambda _: None, StorageProblem.MISSING),
        (lambda path: path.mkdir(), StorageProblem.MISSING),
        (os.mkfifo, StorageProblem.MISSING),
    ],
)
def test_what_holds_no_cameras_is_told_with_the_reason(worker, qtbot, tmp_path, make, problem):
    make(tmp_path / "other.json")
    with qtbot.waitSignal(worker.import_read) as told:
        worker.import_cameras(tmp_path / "other.json", ())
    assert told.args == [problem]


def test_a_film_chosen_by_mistake_is_not_read_whole(worker, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "IMPORT_MOST_BYTES", 10)
    (tmp_path / "other.json").write_text('{"a": {"name": "Door"}}')
    with qtbot.waitSignal(worker.import_read) as told:
        worker.import_cameras(tmp_path / "other.json", ())
    assert told.args == [Defect.TORN]


@pytest.mark.parametrize("with_passwords, password", [(True, "s3cret"), (False, "")])
def test_cameras_are_exported_for_their_owner_alone(
    worker, qtbot, tmp_path, with_passwords, password
):
    path = tmp_path / "given.json"
    with qtbot.waitSignal(worker.exported) as told:
        given = (camera(password="s3cret"),)
        worker.export_cameras(path, given, with_passwords=with_passwords)
    assert told.args == [str(path), True]
    assert json.loads(path.read_text())["cam-1"]["password"] == password
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_export_that_fails_is_told(worker, qtbot, tmp_path):
    (tmp_path / "file").touch()
    with qtbot.waitSignal(worker.exported) as told:
        worker.export_cameras(tmp_path / "file" / "given.json", (CAMERA,), with_passwords=False)
    assert told.args[1] is False


def test_after_a_save_that_failed_the_cameras_are_told_as_they_are(worker, qtbot, monkeypatch):
    with qtbot.waitSignal(worker.cameras_loaded):
        worker.save_cameras((CAMERA,))

    def fail(*_):
        raise StorageError(StorageProblem.FULL)

    monkeypatch.setattr(CameraStore, "save", fail)
    with (
        qtbot.waitSignal(worker.save_failed),
        qtbot.waitSignal(worker.cameras_loaded) as told,
    ):
        worker.save_cameras((camera(name="Gate"),))
    [loaded] = told.args
    assert [each.name for each in loaded.cameras] == ["Front door"]
    assert loaded.saves == 2


@pytest.mark.parametrize("locked", [False, True])
def test_whether_there_is_a_keyring_is_found_out_when_asked(start, qtbot, locked):
    backend = MemoryKeyring()
    backend.locked = locked
    worker = start(backend)
    assert backend.calls == []
    with qtbot.waitSignal(worker.keyring_found) as told:
        worker.try_keyring()
    assert told.args == [not locked]


def test_a_keyring_that_was_unlocked_is_found_later_and_the_cameras_read_again(
    start, qtbot, data_dir
):
    entry = {"name": "Door", "url_sd": "0", "password_in_keyring": True}
    (data_dir / "cameras.json").write_text(json.dumps({"a": entry}))
    backend = PromptingKeyring(a="s3cret")
    worker = start(backend)
    with qtbot.waitSignal(worker.keyring_found) as found:
        worker.try_keyring()
    with qtbot.waitSignal(worker.cameras_loaded) as loaded:
        worker.read_cameras()
    assert (found.args, loaded.args[0].locked) == ([False], {"a"})
    with (
        qtbot.waitSignal(worker.keyring_found) as found,
        qtbot.waitSignal(worker.cameras_loaded) as loaded,
    ):
        backend.answered.set()
    assert (found.args, loaded.args[0].cameras[0].password) == ([True], "s3cret")


def test_a_keyring_that_hangs_does_not_hold_up_the_end(start, qtbot):
    backend = PromptingKeyring()
    worker = start(backend)
    with qtbot.waitSignal(worker.keyring_found):
        worker.try_keyring()
    worker.stop()
    assert worker.wait(1000)
    backend.answered.set()
