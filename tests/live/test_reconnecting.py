"""A camera that is lost comes back by itself, soon, and alone."""

import itertools

from tests.support.camera_entries import always, entry
from tests.support.fakes import Behaviour, Ending, FakeCamera
from tests.support.running import running_fleet
from tests.support.video import encode, write_clip
from vms_desktop.core.base.errors import Problem
from vms_desktop.core.base.status import CameraState
from vms_desktop.core.camera import backoff

VIDEO = encode(60, width=160, height=96, fps=15)
GOOD = Behaviour()
ENDINGS = {
    "close": Behaviour(pictures=30, ending=Ending.CLOSE),
    "reset": Behaviour(pictures=30, ending=Ending.RESET),
    "cut": Behaviour(pictures=30, ending=Ending.CUT),
    "silence": Behaviour(pictures=30),
    "good": GOOD,
}


def first(running, camera_id, state):
    """When a camera was in the state for the first time, and that status."""
    return next(
        (at, status)
        for at, told_id, status in running.told
        if told_id == camera_id and status.state is state
    )


def test_each_lost_stream_is_told_and_opened_anew_in_time(qapp, data_dir):
    cameras = {key: FakeCamera(VIDEO, [ending, GOOD]) for key, ending in ENDINGS.items()}
    entries = {key: entry(camera.url(), name=key) for key, camera in cameras.items()}
    lost = ENDINGS.keys() - {"good"}
    try:
        with running_fleet(data_dir, entries) as running:
            running.until(lambda: all(len(cameras[key].clients) == 2 for key in lost), 14)
            running.until_live(*lost)
            for key in lost:
                check_came_back(running, key, cameras[key])
            assert len(cameras["good"].clients) == 1
    finally:
        for camera in cameras.values():
            camera.close()
    journals = {path.parent.name: path.read_text() for path in data_dir.glob("gaps/*/*.jsonl")}
    assert journals.keys() == lost
    assert "stream_lost: timed_out" in journals["silence"]
    assert "stream_lost: ended" in journals["close"]


def check_came_back(running, key, camera):
    at, status = first(running, key, CameraState.STREAM_LOST)
    silent = key == "silence"
    assert status.problem is (Problem.TIMED_OUT if silent else Problem.ENDED)
    assert status.last_picture_at is not None
    assert status.attempt == 2
    ended = camera.endings[0]
    assert at - ended < (4.2 if silent else 0.6)
    assert camera.clients[1] - ended < (6 if silent else 1.8)


def test_a_camera_that_answers_again_is_live_within_five_seconds(qapp, data_dir, monkeypatch):
    monkeypatch.setattr(backoff, "DELAYS_S", (1.0, 30.0))
    with FakeCamera(VIDEO) as camera:
        camera.refuse()
        with running_fleet(data_dir, {"a": entry(camera.url())}) as running:
            running.until(lambda: running.states("a").count(CameraState.STREAM_LOST) >= 3)
            assert running.fleet.status("a").problem is Problem.REFUSED
            assert running.fleet.status("a").next_try_at is not None
            camera.listen()
            running.until_live("a")


def test_a_wrong_password_is_tried_by_one_stream_three_times_then_rarely(
    qapp, data_dir, monkeypatch
):
    monkeypatch.setattr(backoff, "PASSWORD_DELAY_S", 0.3)
    locked = Behaviour(login=("me", "right"))
    with FakeCamera(VIDEO, [locked]) as camera:
        cameras = {
            "a": entry(
                camera.url(),
                url_hd=f"{camera.url()}/hd",
                username="me",
                password="wrong",
                is_recording_enabled=True,
            )
        }
        with running_fleet(data_dir, cameras) as running:
            running.until(lambda: len(camera.clients) == 3)
            tries = itertools.count()
            running.until(lambda: next(tries) > 60)
            assert len(camera.clients) == 3
            assert running.state("a") is CameraState.FAILED
            assert running.fleet.status("a").problem is Problem.WRONG_PASSWORD
            assert not any("/hd" in request.url for request in camera.requests)

            cameras["a"]["password"] = "right"
            running.configure(cameras)
            running.until_live("a")
            running.until(lambda: any("/hd" in request.url for request in camera.requests))


def test_where_hd_alone_refuses_the_password_sd_is_recorded(qapp, data_dir, monkeypatch):
    monkeypatch.setattr(backoff, "PASSWORD_DELAY_S", 0.3)
    locked = Behaviour(login=("me", "right"))
    with FakeCamera(VIDEO) as sd, FakeCamera(VIDEO, [locked]) as hd:
        camera = always(sd.url(), url_hd=hd.url("me", "wrong"))
        with running_fleet(data_dir, {"a": camera}) as running:
            running.until(lambda: running.state("a") is CameraState.RECORDING)
            running.until(lambda: len(hd.clients) == 3)
            tries = itertools.count()
            running.until(lambda: next(tries) > 60)
            assert len(hd.clients) == 3
            assert len(sd.clients) == 1


def test_a_file_that_appears_is_played(qapp, data_dir):
    with running_fleet(data_dir, {"a": entry("missing.mp4")}) as running:
        running.until(lambda: running.state("a") is CameraState.STREAM_LOST)
        assert running.fleet.status("a").problem is Problem.NOT_FOUND
        write_clip(data_dir / "missing.mp4", 30, width=160, height=96)
        running.until_live("a")
