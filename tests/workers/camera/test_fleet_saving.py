"""Cameras are saved, changed and deleted in the window's name, and nothing else is touched."""

import json
from dataclasses import replace
from functools import partial

import pytest

from tests.support.camera_entries import always, entry
from tests.support.fakes import FakeCamera
from tests.support.keyrings import MemoryKeyring
from tests.support.running import running_fleet
from tests.support.video import crossing, encode
from vms_desktop.core.base.errors import Problem, Reason, StorageError, StorageProblem
from vms_desktop.core.base.status import CameraState
from vms_desktop.core.camera import motion_watch
from vms_desktop.core.clips.clip import Trigger
from vms_desktop.core.clips.sidecar import read_sidecar
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.config.camera_store import CameraStore
from vms_desktop.core.config.exchange import ImportReport
from vms_desktop.core.config.keyring import SystemKeyring
from vms_desktop.core.config.zones import Point, Zone, ZoneKind
from vms_desktop.core.motion import events
from vms_desktop.core.motion.detector import MotionDetector

VIDEO = encode(600, width=160, height=96, fps=15)
LEAVES = 150
MOVING = encode(300, width=320, height=180, fps=15, paint=crossing([(20, LEAVES)]))
EVERYWHERE = Zone(
    name="All", kind=ZoneKind.IGNORE, points=(Point(0, 0), Point(1, 0), Point(1, 1), Point(0, 1))
)


@pytest.fixture
def quick(monkeypatch):
    """Detectors that settle, and events that end, within a second."""
    monkeypatch.setattr(motion_watch, "MotionDetector", partial(MotionDetector, settle_s=1.0))
    monkeypatch.setattr(events, "JOIN_S", 1.0)


def on_disk(running):
    return json.loads(running.layout.cameras_json.read_text())


def camera_of(running, camera_id):
    return next(each for each in running.fleet.cameras() if each.id == camera_id)


def change(running, camera_id, **fields):
    """What the window does with a switch: all cameras, one of them changed."""
    cameras = running.fleet.cameras()
    running.fleet.save_cameras(
        tuple(replace(each, **fields) if each.id == camera_id else each for each in cameras)
    )


def test_two_switches_turned_at_once_both_count(qapp, data_dir):
    cameras = {"a": entry("0", is_active=False), "b": entry("1", name="B", is_active=False)}
    with running_fleet(data_dir, cameras) as running:
        running.until(lambda: len(running.fleet.cameras()) == 2)
        change(running, "a", show_detection=False)
        change(running, "a", is_recording_enabled=True)
        change(running, "b", retention_days=7)
        assert camera_of(running, "a").show_detection is False
        running.until(lambda: on_disk(running)["b"].get("retention_days") == 7)
        assert on_disk(running)["a"]["show_detection"] is False
        assert on_disk(running)["a"]["is_recording_enabled"] is True
        seen: list[object] = []
        running.fleet.cameras_changed.connect(seen.append)
        running.fleet.sync_camera_threads()
        running.until(lambda: seen)
        assert camera_of(running, "a").show_detection is False


def test_the_order_is_that_of_the_file_and_can_be_changed(qapp, data_dir):
    cameras = {key: entry("0", name=key, is_active=False) for key in "abc"}
    cameras["bad"] = {"name": "Bad"}
    with running_fleet(data_dir, cameras) as running:
        running.until(lambda: len(running.fleet.cameras()) == 3)
        a, b, c = running.fleet.cameras()
        running.fleet.save_cameras((c, a, b))
        running.until(lambda: list(on_disk(running)) == ["c", "a", "b", "bad"])
        assert [each.id for each in running.fleet.cameras()] == ["c", "a", "b"]


def test_what_cannot_be_saved_is_undone_and_told(qapp, data_dir, monkeypatch):
    with running_fleet(data_dir, {"a": entry("0", is_active=False)}) as running:
        running.until(running.fleet.cameras)

        def fail(*_):
            raise StorageError(StorageProblem.FULL)

        monkeypatch.setattr(CameraStore, "save", fail)
        change(running, "a", name="Gate")
        assert camera_of(running, "a").name == "Gate"
        running.until(lambda: running.notices)
        running.until(lambda: camera_of(running, "a").name == "Door")
    assert running.notices[0].kind == "not_saved"
    assert running.notices[0].text_args == {"problem": "full"}


@pytest.mark.usefixtures("quick")
def test_a_sensitivity_or_an_area_takes_effect_without_reconnecting(qapp, data_dir):
    with FakeCamera(MOVING) as first, FakeCamera(MOVING) as second:
        cameras = {"a": entry(first.url(), name="A"), "b": entry(second.url(), name="B")}
        with running_fleet(data_dir, cameras) as running:
            running.until(lambda: running.state("a") is CameraState.MOTION)
            running.until(lambda: running.state("b") is CameraState.MOTION)
            change(running, "a", sensitivity=1_000_000)
            change(running, "b", zones=(EVERYWHERE,), name="Gate", retention_days=3)
            running.until(lambda: running.state("a") is CameraState.LIVE)
            running.until(lambda: running.state("b") is CameraState.LIVE)
            assert max(first.pictures_sent, second.pictures_sent) < LEAVES
        assert len(first.clients) == len(second.clients) == 1


@pytest.mark.usefixtures("quick")
def test_motion_in_a_clip_that_is_recorded_always_lands_in_its_side_car(qapp, data_dir):
    with FakeCamera(MOVING) as camera:
        with running_fleet(data_dir, {"a": always(camera.url())}) as running:
            began = []
            running.fleet.event_began.connect(lambda *told: began.append(told))
            running.until(lambda: began)
            sent = camera.pictures_sent
            running.until(lambda: camera.pictures_sent > sent + 15)
        [clip] = running.clips
        described = read_sidecar(running.layout.sidecar_path(clip.path), clip.path)
    assert described is not None
    assert described.trigger is Trigger.ALWAYS
    assert described.motions
    longest_s = described.duration_s + 0.002  # Each time is kept to the millisecond.
    assert all(0 < motion.at <= longest_s for motion in described.motions)


@pytest.mark.parametrize("with_recordings", [True, False])
def test_a_deleted_camera_stops_and_its_recordings_go_only_if_told(qapp, data_dir, with_recordings):
    with FakeCamera(VIDEO, speed=4) as camera, FakeCamera(VIDEO, speed=4) as other:
        cameras = {
            "a": always(camera.url(), name="A"),
            "b": always(other.url(), name="B"),
        }
        with running_fleet(data_dir, cameras) as running:
            running.until(lambda: {running.state(each) for each in "ab"} == {"recording"})
            running.fleet.delete_camera("a", with_recordings=with_recordings)
            assert [each.id for each in running.fleet.cameras()] == ["b"]
            running.until(lambda: len(running.clips) == 1)
            if with_recordings:
                running.until(lambda: running.notices)
                assert running.notices[0].kind == "recordings_deleted"
                told = running.notices[0].text_args
                assert (told["name"], told["clips"], told["problem"]) == ("A", "1", "")
            running.until(lambda: list(on_disk(running)) == ["b"])
            assert running.state("b") is CameraState.RECORDING
            recordings = running.layout.recordings
            assert (recordings / "A" / ".camera").exists() is not with_recordings
            assert running.clips[0].path.exists() is not with_recordings
            taken = running.fleet.catalogue.name_problem("A", "new")
            assert taken is (None if with_recordings else Reason.TAKEN)
        assert len(other.clients) == 1


def test_a_camera_that_could_not_be_deleted_keeps_its_recordings(qapp, data_dir, monkeypatch):
    with FakeCamera(VIDEO, speed=4) as camera:
        with running_fleet(data_dir, {"a": always(camera.url())}) as running:
            running.until(lambda: running.state("a") is CameraState.RECORDING)

            def fail(*_):
                raise StorageError(StorageProblem.FULL)

            monkeypatch.setattr(CameraStore, "save", fail)
            running.fleet.delete_camera("a", with_recordings=True)
            running.until(lambda: running.notices)
            running.until(lambda: running.state("a") is CameraState.RECORDING)
        assert len(running.clips) == 2
        assert all(clip.path.exists() for clip in running.clips)
    assert [notice.kind for notice in running.notices] == ["not_saved"]


def test_the_disk_use_is_counted_and_follows_each_clip(qapp, data_dir):
    with (
        FakeCamera(VIDEO, speed=4) as camera,
        running_fleet(data_dir, {"a": always(camera.url())}) as running,
    ):
        fleet = running.fleet
        running.until(lambda: running.state("a") is CameraState.RECORDING)
        fleet.catalogue.count_disk_use()
        running.until(lambda: "a" in fleet.catalogue.disk_use)
        assert fleet.catalogue.disk_use["a"].recordings == 0
        change(running, "a", is_recording_enabled=False)
        running.until(lambda: running.clips)
        running.until(lambda: fleet.catalogue.disk_use["a"].recordings == 1)
        assert fleet.catalogue.disk_use["a"].recordings_bytes == running.clips[0].size_bytes


def test_a_camera_whose_password_is_locked_away_tries_none(qapp, data_dir):
    backend = MemoryKeyring(a="s3cret")
    backend.locked = True
    with FakeCamera(VIDEO, speed=4) as camera:
        cameras = {"a": entry(camera.url(), username="u", password_in_keyring=True)}
        keyring = SystemKeyring(lambda: backend)
        with running_fleet(data_dir, cameras, keyring) as running:
            running.until(lambda: running.state("a") is CameraState.FAILED)
            assert running.fleet.status("a").problem is Problem.WRONG_PASSWORD
            assert camera.connections == []
            assert running.notices[0].kind == "keyring_locked"
            assert running.notices[0].text_args == {"name": "Door"}
            backend.locked = False
            running.fleet.sync_camera_threads()
            running.until_live("a")
            assert camera_of(running, "a").password == "s3cret"


def test_an_imported_camera_runs_beside_the_others(qapp, data_dir, tmp_path):
    with FakeCamera(VIDEO, speed=4) as camera, FakeCamera(VIDEO, speed=4) as second:
        with running_fleet(data_dir, {"a": entry(camera.url(), name="A")}) as running:
            running.until_live("a")
            fleet, exports = running.fleet, []
            reports: list[ImportReport] = []
            fleet.catalogue.import_read.connect(reports.append)
            fleet.catalogue.exported.connect(lambda *told: exports.append(told))
            given = CameraConfig(id="x", name="B", url_sd=second.url(), is_active=True)
            path = tmp_path / "given.json"
            fleet.catalogue.export_cameras(path, (given, *fleet.cameras()), True)
            running.until(lambda: exports)
            fleet.catalogue.import_cameras(path)
            running.until(lambda: reports)
            [report] = reports
            assert (report.known, len(report.cameras)) == (("A",), 1)
            fleet.save_cameras((*fleet.cameras(), *report.cameras))
            running.until_live(report.cameras[0].id)
        assert len(camera.clients) == 1


def test_what_holds_is_told_again_with_every_change_of_the_cameras(qapp, data_dir):
    backend = MemoryKeyring()
    backend.locked = True
    locked = {"is_active": False, "username": "u", "password_in_keyring": True}
    cameras = {
        "bad": {"name": "Bad"},
        "a": entry("rtsp://h/1", name="A", **locked),
        "b": entry("rtsp://h/2", name="B, left", **locked),
        "c": entry("rtsp://h/3", name="C", password="p", **locked),
    }
    with running_fleet(data_dir, cameras, SystemKeyring(lambda: backend)) as running:
        running.until(running.fleet.cameras)
        first = list(running.notices)
        assert [notice.kind for notice in first] == [
            "camera_invalid",
            "keyring_locked",
            "keyring_refused",
        ]
        assert first[1].text_args == {"name": "A\nB, left"}
        running.notices.clear()
        change(running, "a", retention_days=3)
        assert running.notices == first
        running.until(lambda: len(running.notices) == 6)
        assert running.notices[3:] == first


@pytest.mark.parametrize("runs", [False, True], ids=["switched off", "with another address"])
def test_the_folders_of_a_camera_follow_its_new_name_though_nothing_is_recorded(
    qapp, data_dir, runs
):
    clip = data_dir / "recordings" / "Old" / "2026-11-22" / "14-31-03.mp4"
    clip.parent.mkdir(parents=True)
    clip.touch()
    with FakeCamera(VIDEO, speed=4) as camera:
        cameras = {"a": entry(camera.url(), name="Old", is_active=runs)}
        with running_fleet(data_dir, cameras) as running:
            fleet, recordings = running.fleet, running.layout.recordings
            running.until((recordings / "Old" / ".camera").exists)
            change(running, "a", name="New", url_sd=f"{camera.url()}/other")
            moved = recordings / "New" / "2026-11-22" / "14-31-03.mp4"
            running.until(moved.exists)
            running.until(lambda: fleet.catalogue.name_problem("Old", "new") is None)
            assert fleet.catalogue.name_problem("New", "new") is Reason.TAKEN
