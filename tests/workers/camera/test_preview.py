"""A preview takes its frames from the running camera, or opens a stream for itself alone."""

import itertools
import time
from collections import defaultdict
from contextlib import contextmanager
from typing import Any

import av
import pytest
from PySide6.QtCore import QObject

from tests.support.camera_entries import always, entry
from tests.support.fakes import Behaviour, FakeCamera, Greeting
from tests.support.running import RunningFleet, running_fleet
from tests.support.video import encode, numbered, read_number
from tests.support.waiting import wait_until
from vms_desktop.core.base.errors import Problem
from vms_desktop.core.base.picture import Viewport
from vms_desktop.core.base.status import CameraState
from vms_desktop.core.camera.preview import Previewer
from vms_desktop.core.config.camera import camera_from_json
from vms_desktop.core.motion.detector import MotionDetector
from vms_desktop.workers.camera import preview as preview_module

VIDEO = encode(600, width=160, height=96, fps=15, paint=numbered)
# Four times as many pictures a second: what has to wait for some waits a quarter as long.
SPEED = 4
ROOM = Viewport(80, 48)
LOGIN = ("me", "right")


class Watched:
    """A preview that is looked at, and what came of it.

    Attributes:
        newest: The newest frame, once one was taken.
        told: Every status, in order.
    """

    def __init__(self, running, preview):
        self.running, self.preview = running, preview
        self.newest = None
        self.told = [preview.status]
        preview.status_changed.connect(self.told.append)
        preview.set_viewport(ROOM)

    @property
    def status(self):
        return self.told[-1]

    def until(self, condition=bool, timeout_s=8.0):
        """Wait for a frame, from now on, that is as asked for."""
        self.preview.frames.take()
        self.newest = None
        self.running.until(lambda: (frame := self.take()) and condition(frame), timeout_s)
        return self.newest

    def take(self):
        self.newest = self.preview.frames.take() or self.newest
        return self.newest

    def until_state(self, state):
        self.running.until(lambda: self.status.state is state)
        return self.status


@contextmanager
def watching(running, url, **changes):
    """A preview of camera `a` with these edits, stopped at the end."""
    preview = running.fleet.preview(edited(url, **changes))
    yield Watched(running, preview)
    preview.stop()


@contextmanager
def previewed(running, url):
    """The same of a camera that runs."""
    running.until_live("a")
    with watching(running, url) as preview:
        yield preview


def edited(url, camera_id="a", **changes):
    return camera_from_json(camera_id, entry(url, **changes))


def pass_frames(running, count=6):
    """Let some time go by: what does not happen now does not happen soon."""
    turns = itertools.count()
    running.until(lambda: next(turns) >= count)


@pytest.fixture
def fleet_of(qapp, data_dir):
    return lambda cameras: running_fleet(data_dir, cameras)


def test_a_running_camera_is_opened_once_and_goes_on_undisturbed(fleet_of):
    with FakeCamera(VIDEO, speed=SPEED) as camera, fleet_of({"a": always(camera.url())}) as running:
        running.until(lambda: running.state("a") is CameraState.RECORDING)
        running.fleet.set_viewport("a", Viewport(40, 24))
        tile = running.fleet.pictures("a")
        with watching(running, camera.url()) as preview:
            assert preview.status.state.has_picture
            assert preview.until().picture.pixels.shape == (48, 80, 4)
            first = read_number(preview.newest.picture.pixels)
            tile.take()
            running.until(lambda: (picture := tile.take()) and picture.pixels.shape[0] == 24)
            assert read_number(preview.until().picture.pixels) > first
            sent = camera.pictures_sent
            running.until(lambda: camera.pictures_sent > sent + 8)
        assert len(camera.clients) == 1
    with av.open(str(running.clips[0].path)) as clip:
        numbers = [read_number(frame.to_ndarray(format="bgr24")) for frame in clip.decode(video=0)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert numbers[-1] > sent


def test_edits_show_while_the_camera_keeps_its_own_settings(fleet_of, monkeypatch):
    judge, thresholds = MotionDetector.analyse, defaultdict(set)

    def judged(detector, *frame):
        motion = judge(detector, *frame)
        thresholds[id(detector)].add(motion.threshold_px)
        return motion

    monkeypatch.setattr(MotionDetector, "analyse", judged)
    saved = entry("", sensitivity=700)
    with FakeCamera(VIDEO, speed=SPEED) as camera:
        saved["url_sd"] = camera.url()
        with fleet_of({"a": saved}) as running:
            running.until_live("a")
            with watching(running, camera.url(), sensitivity=700) as preview:
                assert preview.until().threshold_px == 700
                preview.preview.set_camera(edited(camera.url(), sensitivity=123))
                preview.until(lambda frame: frame.threshold_px == 123)
                other_hd = edited(camera.url(), url_hd=f"{camera.url()}/hd", rotation=90)
                preview.preview.set_camera(other_hd)
                preview.until(lambda frame: frame.picture.source == (96, 160))
                preview.preview.show_mask(True)
                preview.until(lambda frame: frame.is_mask)
                ours, theirs = sorted(thresholds.values(), key=len)
                assert ours == {700}
                assert theirs >= {700, 123}
            assert len(camera.clients) == 1


def judged_frames(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The times of the frames that previews judge from now on."""
    judge, judged = Previewer.frame, []

    def frame(previewer: Previewer, *frame: Any) -> None:
        judged.append(frame[2])
        judge(previewer, *frame)

    monkeypatch.setattr(Previewer, "frame", frame)
    return judged


def wait_for(running: RunningFleet, camera: FakeCamera, pictures: int) -> None:
    running.until(lambda: camera.pictures_sent >= pictures)


def until_unjudged(running: RunningFleet, camera: FakeCamera, judged: list[float]) -> None:
    """Wait until no preview judges any of eight pictures that the camera sends."""
    for _ in range(5):
        judged.clear()
        wait_for(running, camera, camera.pictures_sent + 8)
        if not judged:
            return
    raise AssertionError("previews judge on")


def test_every_frame_is_judged_until_the_dialog_closes(fleet_of, monkeypatch):
    """Of frames that nobody sees, four a second are; before and after."""
    judged = judged_frames(monkeypatch)
    with FakeCamera(VIDEO, speed=SPEED) as camera, fleet_of({"a": entry(camera.url())}) as running:
        running.until_live("a")
        with watching(running, camera.url()) as preview:
            preview.until()
            sent, judged[:] = camera.pictures_sent, []
            running.until(lambda: camera.pictures_sent >= sent + 30)
            running.until(lambda: len(judged) >= 28, timeout_s=1)
        until_unjudged(running, camera, judged)


@pytest.mark.parametrize("why", ["new", "inactive", "paused", "another address", "another login"])
def test_a_camera_that_does_not_run_so_is_opened_for_the_preview_alone(fleet_of, why):
    with FakeCamera(VIDEO, speed=SPEED) as camera, FakeCamera(VIDEO, speed=SPEED) as saved:
        configured = {
            "new": {},
            "inactive": {"a": entry(camera.url(), is_active=False)},
            "paused": {"a": entry(camera.url())},
            "another address": {"a": entry(saved.url())},
            "another login": {"a": entry(camera.url())},
        }[why]
        changes = {"username": "me"} if why == "another login" else {}
        with fleet_of(configured) as running:
            running.until(lambda: len(running.fleet.cameras()) == len(configured))
            if why in ("paused", "another login"):
                running.until_live("a")
            if why == "paused":
                running.fleet.pause("a", True)
                running.until(lambda: running.state("a") is CameraState.PAUSED)
            clients = len(camera.clients)
            with watching(running, camera.url(), **changes) as preview:
                assert preview.status.state is CameraState.CONNECTING
                preview.until()
                preview.until_state(CameraState.LIVE)
                assert len(camera.clients) == clients + 1
            wait_until(lambda: camera.open_connections() == (why == "another login"))
        assert not running.clips


def test_it_follows_an_edited_address_there_and_back(fleet_of):
    with FakeCamera(VIDEO, speed=SPEED) as camera, FakeCamera(VIDEO, speed=SPEED) as other:
        with fleet_of({"a": entry(camera.url())}) as running:
            running.until_live("a")
            with watching(running, camera.url()) as preview:
                preview.until()
                preview.preview.set_camera(edited(other.url(), sensitivity=55))
                assert preview.status.state is CameraState.CONNECTING
                assert preview.until().threshold_px == 55
                preview.preview.set_camera(edited(camera.url()))
                assert preview.status.state is CameraState.LIVE
                preview.until()
                wait_until(lambda: other.open_connections() == 0)
        assert len(camera.clients) == len(other.clients) == 1


def test_it_follows_a_camera_that_is_paused_switched_off_saved_and_deleted(fleet_of):
    with FakeCamera(VIDEO, speed=SPEED) as camera, FakeCamera(VIDEO, speed=SPEED) as other:
        saved = {"a": entry(camera.url())}
        with fleet_of(saved) as running, previewed(running, camera.url()) as preview:
            running.fleet.pause("a", True)
            running.until(lambda: len(camera.clients) == 2)
            preview.until()
            running.fleet.pause("a", False)
            running.until(lambda: len(camera.clients) == 3)
            preview.until()
            wait_until(lambda: camera.open_connections() == 1)

            running.configure({"a": entry(camera.url(), is_active=False)})
            running.until(lambda: len(camera.clients) == 4)
            preview.until()

            preview.preview.set_camera(edited(other.url()))
            preview.until()
            running.configure({"a": entry(other.url())})
            running.until_live("a")
            preview.until()
            wait_until(lambda: camera.open_connections() + other.open_connections() == 1)

            running.configure({})
            running.until(lambda: len(other.clients) == 3)
            preview.until()
        wait_until(lambda: other.open_connections() == 0)


def test_threads_that_take_a_cameras_place_are_looked_through_too(fleet_of):
    with FakeCamera(VIDEO, speed=SPEED) as camera:
        saved = {"a": entry(camera.url())}
        with fleet_of(saved) as running, previewed(running, camera.url()) as preview:
            preview.until()
            former = running.fleet.running("a")
            running.configure({"a": saved["a"] | {"url_hd": f"{camera.url()}/hd"}})
            running.until(lambda: running.fleet.running("a") not in (former, None))
            preview.until()
        assert len(camera.clients) == 2


def test_a_camera_in_trouble_is_told_as_it_is_and_not_tried_twice(fleet_of):
    with FakeCamera(VIDEO, speed=SPEED) as camera:
        camera.refuse()
        with fleet_of({"a": entry(camera.url())}) as running:
            running.until(lambda: running.state("a") is CameraState.STREAM_LOST)
            with watching(running, camera.url()) as preview:
                assert preview.status.problem is Problem.REFUSED
                camera.listen()
                preview.until()
                running.until(lambda: preview.status.state.has_picture)
            assert len(camera.clients) == 1


@pytest.mark.parametrize(
    "address, problem",
    [
        ("missing.mp4", Problem.NOT_FOUND),
        ("rtsp://127.0.0.1:1/x", Problem.REFUSED),
        ("rtsp://no-such-host.invalid/x", Problem.UNKNOWN_HOST),
    ],
)
def test_a_stream_that_does_not_open_says_why(fleet_of, address, problem):
    with fleet_of({}) as running, watching(running, address) as preview:
        running.until(lambda: preview.status.problem)
        assert preview.status.problem is problem
        assert preview.status.next_try_at


def test_a_wrong_password_is_tried_once_until_it_is_edited(fleet_of, monkeypatch, caplog):
    monkeypatch.setattr(preview_module, "REFUSED_REST_S", (0.3,))
    with (
        FakeCamera(VIDEO, [Behaviour(login=LOGIN)], speed=SPEED) as camera,
        fleet_of({}) as running,
    ):
        url = camera.url()
        with watching(running, url, username="me", password="amiss") as preview:
            refused = preview.until_state(CameraState.FAILED)
            assert refused.problem is Problem.WRONG_PASSWORD
            assert refused.next_try_at is None
            assert "next try once it is edited" in caplog.text
            wrong = {"username": "me", "password": "amiss"}
            preview.preview.set_camera(edited(url, sensitivity=9, **wrong))
            pass_frames(running, 40)
            assert len(camera.clients) == 1

            preview.preview.set_camera(edited(url, username="me", password="right"))
            preview.until()
            assert len(camera.clients) == 2
        assert not any("right" in repr(each) or "amiss" in repr(each) for each in preview.told)


def test_half_a_password_is_not_tried_while_somebody_types(fleet_of, monkeypatch):
    monkeypatch.setattr(preview_module, "REFUSED_REST_S", (0.5,))
    with (
        FakeCamera(VIDEO, [Behaviour(login=LOGIN)], speed=SPEED) as camera,
        fleet_of({}) as running,
    ):
        with watching(running, camera.url(), username="me", password="r") as preview:
            preview.until_state(CameraState.FAILED)
            for typed in ("ri", "rig", "righ", "right"):
                preview.preview.set_camera(edited(camera.url(), username="me", password=typed))
                assert preview.status.next_try_at
                pass_frames(running, 5)
            preview.until()
        assert len(camera.clients) == 2


def test_of_edits_in_quick_succession_the_last_is_opened(fleet_of):
    with (
        FakeCamera(VIDEO, speed=SPEED) as first,
        FakeCamera(VIDEO, speed=SPEED) as last,
        fleet_of({}) as running,
    ):
        with watching(running, first.url()) as preview:
            for number in range(30):
                preview.preview.set_camera(edited(f"{first.url()}/{number}"))
            preview.preview.set_camera(edited(last.url()))
            preview.until()
        assert len(first.clients) <= 1
        assert len(last.clients) == 1


def test_closing_does_not_wait_for_a_camera_that_is_mute(fleet_of):
    mute = Behaviour(greeting=Greeting.MUTE)
    with FakeCamera(VIDEO, [mute], speed=SPEED) as camera:
        with fleet_of({}) as running, watching(running, camera.url()) as preview:
            running.until(lambda: camera.connections)
            began = time.monotonic()
            preview.preview.stop()
            assert time.monotonic() - began < 0.05
            wait_until(lambda: camera.open_connections() == 0)
        assert len(camera.connections) == 1


def test_a_preview_that_still_runs_ends_with_the_program(fleet_of):
    with FakeCamera(VIDEO, speed=SPEED) as camera:
        with fleet_of({}) as running:
            preview = Watched(running, running.fleet.preview(edited(camera.url())))
            preview.until()
        preview.preview.set_camera(edited(f"{camera.url()}/other"))
        wait_until(lambda: camera.open_connections() == 0)


@pytest.mark.parametrize("runs", [True, False])
def test_a_dialog_that_is_deleted_takes_its_preview_along(fleet_of, runs, monkeypatch):
    judged = judged_frames(monkeypatch)
    with FakeCamera(VIDEO, speed=SPEED) as camera:
        saved = {"a": entry(camera.url(), is_active=runs)}
        with fleet_of(saved) as running:
            running.until(lambda: running.state("a") is not None)
            dialog = QObject()
            preview = Watched(running, running.fleet.preview(edited(camera.url()), dialog))
            preview.until()
            frames = preview.preview.frames
            dialog.deleteLater()
            if runs:
                until_unjudged(running, camera, judged)
            else:
                running.until(lambda: camera.open_connections() == 0)
            frames.take()
            pass_frames(running)
            assert frames.take() is None


def test_a_second_dialog_on_the_same_camera_is_not_closed_by_the_end_of_the_first(fleet_of):
    with FakeCamera(VIDEO, speed=SPEED) as camera, fleet_of({"a": entry(camera.url())}) as running:
        running.until_live("a")
        with watching(running, camera.url()) as first:
            first.until()
            with watching(running, camera.url()) as second:
                first.preview.stop()
                second.until()
                second.until()


@pytest.mark.expects_log_errors
def test_a_bug_in_the_previews_thread_is_told_and_an_edit_begins_anew(fleet_of, monkeypatch):
    good, crashes = Previewer.frame, itertools.count()

    def crashing(previewer, *frame):
        if next(crashes) == 0:
            raise ZeroDivisionError
        good(previewer, *frame)

    monkeypatch.setattr(Previewer, "frame", crashing)
    with (
        FakeCamera(VIDEO, speed=SPEED) as camera,
        fleet_of({}) as running,
        watching(running, camera.url()) as preview,
    ):
        assert preview.until_state(CameraState.FAILED).problem is Problem.CRASHED
        pass_frames(running)
        assert len(camera.clients) == 1
        preview.preview.set_camera(edited(f"{camera.url()}/other"))
        preview.until()
