"""The dialog's live picture of real RTSP cameras, running or not."""

import time

import numpy as np
import pytest

from tests.support.camera_entries import entry
from tests.support.rtsp_server import LOCKED_PASSWORD, LOCKED_USER
from tests.support.running import running_fleet
from vms_desktop.core.base.errors import Problem
from vms_desktop.core.base.picture import Viewport
from vms_desktop.core.base.status import CameraState
from vms_desktop.core.config.camera import Transport, camera_from_json

pytestmark = pytest.mark.live

ROOM = Viewport(320, 180)


def edited(url, **changes):
    return camera_from_json("a", entry(url, **changes))


@pytest.fixture
def fleet_of(qapp, data_dir, rtsp_server):
    return lambda cameras: running_fleet(data_dir, cameras)


def newest_of(running, preview):
    """Waits for a frame that is as asked for, and gives it."""

    def until(condition, timeout_s=8.0):
        found = []

        def take():
            frame = preview.frames.take()
            if frame and condition(frame):
                found.append(frame)
            return found

        running.until(take, timeout_s)
        return found[-1]

    return until


def test_the_meter_of_a_running_camera_shows_what_crosses_the_picture(fleet_of, rtsp_server):
    url = rtsp_server.url("/cam1/sd")
    with fleet_of({"a": entry(url)}) as running:
        running.until_live("a")
        connected = rtsp_server.connected()
        asked_at = time.monotonic()
        preview = running.fleet.preview(edited(url, sensitivity=400))
        preview.set_viewport(ROOM)
        newest = newest_of(running, preview)
        first = newest(bool)
        assert first.picture.decoded_at - asked_at < 0.15
        assert not first.moving

        crossing = newest(lambda frame: frame.moving, 12)
        assert crossing.area_px > crossing.threshold_px == 400
        assert crossing.picture.boxes
        preview.set_camera(edited(url, sensitivity=50_000))
        unmoved = newest(lambda frame: frame.threshold_px == 50_000)
        assert 400 < unmoved.area_px < 50_000
        preview.show_mask(True)
        mask = newest(lambda frame: frame.is_mask).picture.pixels
        assert set(np.unique(mask[..., 0])) == {0, 255}
        preview.stop()
        assert rtsp_server.connected() == connected


@pytest.mark.parametrize(
    "path, changes",
    [
        ("/numbered/sd", {}),
        ("/numbered/sd", {"transport": str(Transport.UDP)}),
        ("/hevc/sd", {}),
        ("/locked/sd", {"username": LOCKED_USER, "password": LOCKED_PASSWORD}),
    ],
)
def test_a_new_camera_is_seen_within_seconds_and_let_go_at_once(
    fleet_of, rtsp_server, path, changes
):
    with fleet_of({}) as running:
        clients = rtsp_server.clients()
        preview = running.fleet.preview(edited(rtsp_server.url(path, credentials=False), **changes))
        preview.set_viewport(ROOM)
        newest_of(running, preview)(bool)
        running.until(lambda: preview.status.state is CameraState.LIVE)
        preview.stop()
        running.until(lambda: rtsp_server.clients() == clients, 1.0)


def test_a_digest_that_is_refused_is_tried_once_and_told(fleet_of, rtsp_server):
    url = rtsp_server.url("/locked/sd", credentials=False)
    with fleet_of({}) as running:
        preview = running.fleet.preview(edited(url, username=LOCKED_USER, password="amiss"))
        running.until(lambda: preview.status.problem)
        assert preview.status.problem is Problem.WRONG_PASSWORD
        assert preview.status.state is CameraState.FAILED
        preview.stop()
