"""The running cameras follow the configuration, and each is left alone by what another needs."""

import itertools
import json

import av
import pytest

from tests.support.camera_entries import always, entry
from tests.support.fakes import Behaviour, FakeCamera
from tests.support.running import running_fleet
from tests.support.video import encode, read_number, write_clip
from tests.support.waiting import wait_until
from vms_desktop.core.base import json_file
from vms_desktop.core.base.errors import Problem
from vms_desktop.core.base.picture import Viewport
from vms_desktop.core.base.status import CameraState
from vms_desktop.core.camera.shared import CameraShared
from vms_desktop.workers.camera import fleet as fleet_module

VIDEO = encode(600, width=160, height=96, fps=15)


def numbers_in(path):
    """The number that each picture of a clip carries."""
    with av.open(str(path)) as clip:
        return [read_number(frame.to_ndarray(format="bgr24")) for frame in clip.decode(video=0)]


def test_changes_of_other_cameras_cost_a_camera_no_frame(qapp, data_dir):
    with FakeCamera(VIDEO) as watched, FakeCamera(VIDEO) as other, FakeCamera(VIDEO) as third:
        cameras = {"a": always(watched.url(), name="A"), "b": entry(other.url(), name="B")}
        with running_fleet(data_dir, cameras) as running:
            running.until(lambda: running.state("a") is CameraState.RECORDING)
            running.until_live("b")

            cameras["c"] = entry(third.url(), name="C")
            running.configure(cameras)
            running.until_live("c")

            cameras["b"] |= {"url_sd": third.url()}
            running.configure(cameras)
            running.until(lambda: len(third.clients) == 2)
            running.until_live("b")

            cameras["b"] |= {"is_active": False}
            del cameras["c"]
            running.configure(cameras)
            running.until(lambda: running.state("b") is CameraState.INACTIVE)
            running.until(lambda: running.state("c") is None)
            wait_until(lambda: third.open_connections() == 0)

            cameras["a"] |= {"sensitivity": 900, "retention_days": 3}
            running.configure(cameras)
            running.until(lambda: running.fleet.cameras()[0].sensitivity == 900)
            sent = watched.pictures_sent
            running.until(lambda: watched.pictures_sent > sent + 8)

        assert len(watched.clients) == 1
        assert len(running.clips) == 1
        numbers = numbers_in(running.clips[0].path)
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert numbers[-1] > sent


def test_a_new_name_cuts_the_clip_moves_the_folder_and_keeps_the_connection(qapp, data_dir):
    with FakeCamera(VIDEO) as camera, FakeCamera(VIDEO) as idle:
        cameras = {
            "a": always(camera.url(), name="Door"),
            "b": entry(idle.url(), name="Hall"),
        }
        with running_fleet(data_dir, cameras) as running:
            running.until(lambda: running.state("a") is CameraState.RECORDING)
            running.until_live("b")
            running.until(lambda: camera.pictures_sent > 30)
            cameras["a"] |= {"name": "Gate"}
            cameras["b"] |= {"name": "Room"}
            running.configure(cameras)
            running.until(lambda: len(running.clips) == 1)
            running.until(lambda: running.state("a") is CameraState.RECORDING)
            recordings = running.layout.recordings
            running.until((recordings / "Room").exists)
            running.until(lambda: any(running.layout.thumbnails.glob("Gate/*/*.jpg")))
            running.until(lambda: any(recordings.glob("Gate/*/*.part")))
        assert len(camera.clients) == len(idle.clients) == 1
    assert not (recordings / "Door").exists()
    assert not (recordings / "Hall").exists()
    clips = sorted((recordings / "Gate").glob("*/*.mp4"))
    assert len(clips) == 2
    assert [clip.camera_name for clip in running.clips] == ["Door", "Gate"]
    assert all(numbers_in(clip) for clip in clips)


def test_a_file_changed_by_hand_is_taken_over_and_a_torn_one_told(qapp, data_dir, monkeypatch):
    monkeypatch.setattr(json_file, "QUIET_S", 0.2)
    with FakeCamera(VIDEO) as camera, FakeCamera(VIDEO) as second:
        cameras = {"a": entry(camera.url(), name="A")}
        with running_fleet(data_dir, cameras) as running:
            running.until_live("a")
            cameras["b"] = entry(second.url(), name="B")
            running.configure(cameras, by_hand=True)
            running.until_live("b")

            running.layout.cameras_json.write_text('{"a": {"name": "A"')
            running.until(lambda: running.notices)
            assert running.notices[0].kind == "cameras_restored"
            assert running.notices[0].text_args["restored"] == "yes"
            assert [found.id for found in running.fleet.cameras()] == ["a", "b"]
            assert list(data_dir.glob("cameras.json.broken-*"))

            running.layout.cameras_json.unlink()
            running.until(lambda: running.fleet.cameras() == ())
        assert len(camera.clients) == len(second.clients) == 1


def test_an_invalid_camera_is_told_and_the_others_run(qapp, data_dir):
    with FakeCamera(VIDEO) as camera:
        cameras = {"bad": entry("gopher://x", name="Bad"), "a": entry(camera.url(), name="A")}
        with running_fleet(data_dir, cameras) as running:
            running.until_live("a")
    notice = running.notices[0]
    assert (notice.kind, notice.text_args["name"]) == ("camera_invalid", "Bad")
    assert notice.text_args["field"] == "url_sd"


@pytest.mark.expects_log_errors
def test_a_camera_whose_thread_crashes_is_started_again_and_no_other(qapp, data_dir, monkeypatch):
    monkeypatch.setattr(fleet_module, "RESTART_S", (0.3, 30))
    good, crashes = CameraShared.wanted, itertools.count()

    def crashing(shared, *moment):
        if shared.camera.name == "A" and next(crashes) == 0:
            raise ZeroDivisionError
        return good(shared, *moment)

    monkeypatch.setattr(CameraShared, "wanted", crashing)
    with FakeCamera(VIDEO) as camera, FakeCamera(VIDEO) as other:
        cameras = {"a": entry(camera.url(), name="A"), "b": entry(other.url(), name="B")}
        with running_fleet(data_dir, cameras) as running:
            running.until(lambda: CameraState.FAILED in running.states("a"))
            assert running.fleet.status("a").problem is Problem.CRASHED
            running.until_live("a", "b")
        assert len(camera.clients) == 2
        assert len(other.clients) == 1


def test_a_paused_camera_stays_paused_when_its_address_changes(qapp, data_dir):
    with FakeCamera(VIDEO) as camera, FakeCamera(VIDEO) as other:
        with running_fleet(data_dir, {"a": entry(camera.url())}) as running:
            running.until_live("a")
            running.fleet.pause("a", True)
            running.until(lambda: running.state("a") is CameraState.PAUSED)
            wait_until(lambda: camera.open_connections() == 0)
            running.configure({"a": entry(other.url())})
            running.until(lambda: running.states("a")[-2:] == ["initializing", "paused"])
            assert other.connections == []
            running.fleet.pause("a", False)
            running.until_live("a")
        gaps = list(running.layout.gaps.glob("Door/*.jsonl"))
    assert len(gaps) == 1
    assert '"paused"' in gaps[0].read_text()


def test_a_recording_by_hand_goes_on_when_the_address_changes(qapp, data_dir):
    for name in ("one.mp4", "two.mp4"):
        write_clip(data_dir / name, 60, width=160, height=96, fps=15)
    idle = {"is_recording_enabled": False}
    with running_fleet(data_dir, {"a": entry("one.mp4", **idle)}) as running:
        running.until_live("a")
        running.fleet.record("a", True)
        running.until(lambda: running.state("a") is CameraState.RECORDING)
        running.configure({"a": entry("two.mp4", **idle)})
        running.until(lambda: CameraState.CONNECTING in running.states("a")[3:])
        running.until(lambda: running.state("a") is CameraState.RECORDING)
        assert running.fleet.status("a").manual


def test_a_hidden_tile_gets_no_picture_and_a_seen_one_the_newest_at_its_size(qapp, data_dir):
    with (
        FakeCamera(VIDEO) as camera,
        running_fleet(data_dir, {"a": entry(camera.url())}) as running,
    ):
        running.until_live("a")
        pictures = running.fleet.pictures("a")
        sent = camera.pictures_sent
        running.until(lambda: camera.pictures_sent > sent + 5)
        assert pictures.take() is None
        running.fleet.set_viewport("a", Viewport(80, 48))
        running.until(lambda: (picture := pictures.take()) and picture.pixels.shape == (48, 80, 4))
        running.fleet.set_viewport("a", None)
        sent = camera.pictures_sent
        running.until(lambda: camera.pictures_sent > sent + 5)
        pictures.take()
        running.until(lambda: camera.pictures_sent > sent + 10)
        assert pictures.take() is None


def test_a_snapshot_is_the_full_frame_as_a_png(qapp, data_dir, tmp_path):
    saved = []
    with (
        FakeCamera(VIDEO) as camera,
        running_fleet(data_dir, {"a": entry(camera.url())}) as running,
    ):
        running.fleet.snapshot_saved.connect(lambda _, path: saved.append(path))
        running.until_live("a")
        running.fleet.snapshot("a", tmp_path / "pictures")
        running.until(lambda: saved)
    with av.open(saved[0]) as picture:
        frame = next(picture.decode(video=0))
    assert (frame.width, frame.height) == (160, 96)
    assert saved[0].startswith(str(tmp_path / "pictures" / "Door_"))


def test_a_camera_that_hangs_holds_up_no_end(qapp, data_dir):
    silent = Behaviour(pictures=20)
    with FakeCamera(VIDEO, [silent]) as camera:
        cameras = {str(n): always(camera.url(), name=f"Camera {n}") for n in range(3)}
        with running_fleet(data_dir, cameras) as running:
            running.until(lambda: all(running.state(each) == "recording" for each in cameras))
            running.until(lambda: camera.pictures_sent == 60)
        assert len(running.clips) == 3
    assert min(len(numbers_in(clip.path)) for clip in running.clips) >= 15


def test_a_camera_that_is_switched_off_is_a_gap_until_it_is_watched_again(qapp, data_dir):
    with FakeCamera(VIDEO) as camera:
        cameras = {"a": entry(camera.url(), name="A", is_active=False)}
        with running_fleet(data_dir, cameras) as running:
            running.until(lambda: running.state("a") is CameraState.INACTIVE)
            cameras["a"] = entry(camera.url(), name="A")
            running.configure(cameras)
            running.until_live("a")
    [journal] = running.layout.gaps.glob("A/*.jsonl")
    assert [json.loads(line)["reason"] for line in journal.read_text().splitlines()] == ["inactive"]
