import json
from dataclasses import replace

import pytest

from tests.support.packets import CAMERA, camera
from vms_desktop.core.base import json_file
from vms_desktop.core.base.errors import StorageError, StorageProblem
from vms_desktop.core.config.camera_store import CameraStore, LoadedCameras
from vms_desktop.core.config.settings import Settings, SettingsStore
from vms_desktop.workers import store_worker as module
from vms_desktop.workers.store_worker import StoreWorker


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(module, "LOOK_S", 0.02)


@pytest.fixture
def cameras(data_dir):
    return CameraStore(data_dir / "cameras.json", data_dir / "backups")


@pytest.fixture
def settings(data_dir):
    return SettingsStore(data_dir / "settings.json", data_dir / "backups")


@pytest.fixture
def worker(qapp, cameras, settings):
    worker = StoreWorker(cameras, settings)
    worker.start()
    yield worker
    worker.stop()
    assert worker.wait(5000)


def write_by_hand(data_dir, *found):
    entries = {each.id: {"name": each.name, "url_sd": each.url_sd} for each in found}
    (data_dir / "cameras.json").write_text(json.dumps(entries))


def loaded_names(told):
    return [each.name for each in told.args[0].cameras]


def test_the_cameras_are_read_when_asked(worker, qtbot, data_dir):
    write_by_hand(data_dir, CAMERA)
    with qtbot.waitSignal(worker.cameras_loaded) as told:
        worker.read_cameras()
    assert loaded_names(told) == ["Front door"]


def test_a_missing_file_holds_no_cameras(worker, qtbot):
    with qtbot.waitSignal(worker.cameras_loaded) as told:
        worker.read_cameras()
    assert loaded_names(told) == []


def test_a_file_that_is_changed_or_made_by_hand_is_read_again(worker, qtbot, data_dir):
    with qtbot.waitSignal(worker.cameras_loaded):
        worker.read_cameras()
    with qtbot.waitSignal(worker.cameras_loaded) as told:
        write_by_hand(data_dir, CAMERA)
    assert loaded_names(told) == ["Front door"]
    with qtbot.waitSignal(worker.cameras_loaded) as told:
        write_by_hand(data_dir, CAMERA, camera(id="2", name="Garden"))
    assert loaded_names(told) == ["Front door", "Garden"]


def test_a_file_that_is_written_slowly_is_read_when_it_is_whole(worker, qtbot, data_dir):
    write_by_hand(data_dir, CAMERA)
    with qtbot.waitSignal(worker.cameras_loaded):
        worker.read_cameras()
    whole = json.dumps({each: {"name": each, "url_sd": "rtsp://h/1"} for each in ("a", "b")})
    with qtbot.waitSignal(worker.cameras_loaded) as told:
        (data_dir / "cameras.json").write_text(whole[:50])
    assert loaded_names(told) == ["Front door"]
    with qtbot.waitSignal(worker.cameras_loaded) as told:
        (data_dir / "cameras.json").write_text(whole)
    assert loaded_names(told) == ["a", "b"]
    assert (data_dir / "cameras.json").read_text() == whole
    assert not list(data_dir.glob("cameras.json.*"))


def test_one_that_stays_torn_is_set_aside_later_and_told(worker, qtbot, data_dir, monkeypatch):
    write_by_hand(data_dir, CAMERA)
    with qtbot.waitSignal(worker.cameras_loaded):
        worker.read_cameras()
    monkeypatch.setattr(json_file, "QUIET_S", 0.2)
    with qtbot.waitSignal(
        worker.cameras_loaded, check_params_cb=lambda loaded: loaded.notice is not None
    ):
        (data_dir / "cameras.json").write_bytes(b'{"a": ')
    [aside] = data_dir.glob("cameras.json.broken-*")
    assert aside.read_bytes() == b'{"a": '


def test_nothing_is_told_while_nothing_changes(worker, qtbot, data_dir):
    write_by_hand(data_dir, CAMERA)
    with qtbot.waitSignal(worker.cameras_loaded):
        worker.read_cameras()
    with qtbot.assertNotEmitted(worker.cameras_loaded, wait=150):
        pass


def test_a_file_is_not_read_before_somebody_asked(worker, qtbot, data_dir):
    write_by_hand(data_dir, CAMERA)
    with qtbot.assertNotEmitted(worker.cameras_loaded, wait=150):
        pass


def test_saved_cameras_are_on_the_disk_and_told(worker, qtbot, data_dir):
    with qtbot.waitSignal(worker.cameras_loaded) as told:
        worker.save_cameras((CAMERA, camera(id="2", name="Garden")))
    assert loaded_names(told) == ["Front door", "Garden"]
    with qtbot.waitSignal(worker.cameras_loaded) as told:
        worker.save_cameras((CAMERA,), deleted=["2"])
    assert loaded_names(told) == ["Front door"]
    assert list(json.loads((data_dir / "cameras.json").read_text())) == ["cam-1"]


def test_saving_does_not_look_like_a_change_by_hand(worker, qtbot):
    told: list[LoadedCameras] = []
    worker.cameras_loaded.connect(told.append)
    with qtbot.waitSignal(worker.cameras_loaded):
        worker.save_cameras((CAMERA,))
    with qtbot.assertNotEmitted(worker.cameras_loaded, wait=150):
        pass
    assert len(told) == 1


def test_a_file_that_cannot_be_saved_is_told(worker, qtbot, cameras, monkeypatch):
    def fail(*_):
        raise StorageError(StorageProblem.FULL)

    monkeypatch.setattr(cameras, "save", fail)
    with qtbot.waitSignal(worker.save_failed) as told:
        worker.save_cameras((CAMERA,))
    assert told.args == [StorageProblem.FULL]


def test_a_file_that_cannot_be_read_is_tried_again_and_logged_once(
    worker, qtbot, cameras, monkeypatch, caplog, data_dir
):
    write_by_hand(data_dir, CAMERA)
    load, tries = cameras.load, []

    def fail():
        tries.append(1)
        if len(tries) < 5:
            raise StorageError(StorageProblem.FAILING)
        return load()

    monkeypatch.setattr(cameras, "load", fail)
    with qtbot.waitSignal(worker.cameras_loaded) as told:
        worker.read_cameras()
    assert loaded_names(told) == ["Front door"]
    assert caplog.text.count("cameras.json not read") == 1


def test_only_the_newest_settings_are_written(worker, qtbot, settings, monkeypatch):
    saved: list[Settings] = []
    save = settings.save

    def noted(given: Settings) -> None:
        save(given)
        saved.append(given)

    monkeypatch.setattr(settings, "save", noted)
    newest = Settings(purge_hour=5)
    for hour in range(5):
        worker.save_settings(Settings(purge_hour=hour))
    worker.save_settings(newest)
    qtbot.waitUntil(lambda: bool(saved) and saved[-1] == newest)
    assert settings.load().settings == newest


@pytest.mark.expects_log_errors
def test_an_order_that_meets_a_bug_does_not_lose_the_others(
    qapp, cameras, settings, data_dir, monkeypatch
):
    def crash(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(module, "read_import", crash)
    (data_dir / "given.json").write_text("{}")
    worker = StoreWorker(cameras, settings)
    worker.import_cameras(data_dir / "given.json", ())
    worker.save_cameras((CAMERA,))
    worker.stop()
    worker.start()
    assert worker.wait(5000)
    assert [each.name for each in cameras.load().cameras] == [CAMERA.name]


def test_stopping_writes_what_is_still_waiting(qapp, cameras, settings, data_dir):
    worker = StoreWorker(cameras, settings)
    worker.save_settings(Settings(purge_hour=7))
    worker.save_cameras((replace(CAMERA, name="Last"),))
    worker.stop()
    worker.start()
    assert worker.wait(5000)
    assert json.loads((data_dir / "settings.json").read_text())["purge_hour"] == 7
    assert json.loads((data_dir / "cameras.json").read_text())["cam-1"]["name"] == "Last"
