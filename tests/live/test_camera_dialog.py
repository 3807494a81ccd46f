"""The camera dialog over a real fleet: a camera is added, tried, tuned and goes live."""

import json
from functools import partial
from time import monotonic

import pytest
from PySide6.QtTest import QTest

from tests.support.camera_entries import entry
from tests.support.rtsp_server import LOCKED_PASSWORD, LOCKED_USER
from tests.support.running import running_fleet
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.camera.stream_probe import StreamRole
from vms_desktop.core.stream.opener import StreamOpener
from vms_desktop.ui.base.theme import DARK_THEME
from vms_desktop.ui.base.translation import Language
from vms_desktop.ui.cameras.dialog.dialog import CameraDialog
from vms_desktop.ui.cameras.dialog.services import DialogServices
from vms_desktop.ui.cameras.zones.editor import ZoneEditor
from vms_desktop.workers.camera.stream_probe import StreamProbe, stop_stream_probes

pytestmark = pytest.mark.live


@pytest.fixture(autouse=True)
def english(qapp):
    language = Language(qapp)
    language.speak("en")
    yield
    language.fall_silent()


@pytest.fixture
def open_dialog(qtbot):
    """Opens a dialog that saves into a running fleet."""

    def one(running, camera=None):
        fleet = running.fleet
        services = DialogServices(
            preview=fleet.preview,
            stream_test=partial(StreamProbe, StreamOpener(running.layout.root, Clock())),
            makes=(),
            name_problem=fleet.catalogue.name_problem,
            keyring=lambda tell: tell(False),
            purge_hour=3,
            webcams=lambda found: found(()),
        )
        dialog = CameraDialog(camera, services, DARK_THEME, is_new=camera is None)
        dialog.saved.connect(lambda saved: fleet.save_cameras(replaced(fleet.cameras(), saved)))
        qtbot.addWidget(dialog)
        with qtbot.waitExposed(dialog):
            dialog.show()
        return dialog

    yield one
    assert stop_stream_probes(monotonic() + 5)


def replaced(cameras, saved):
    return (*(camera for camera in cameras if camera.id != saved.id), saved)


def on_disk(running):
    return json.loads(running.layout.cameras_json.read_text())


def test_a_camera_with_a_digest_password_is_added_tried_and_goes_live(
    data_dir, rtsp_server, open_dialog
):
    with running_fleet(data_dir, {}) as running:
        dialog = open_dialog(running)
        form = dialog.form
        QTest.keyClicks(form.name, "Locked door")
        form.addresses.sd.line.setText(rtsp_server.url("/locked/sd"))
        assert form.addresses.username.text() == LOCKED_USER
        assert LOCKED_PASSWORD not in form.addresses.sd.text

        form.results.button.click()
        running.until(lambda: not form.results.is_running)
        assert "160×96 H.264 · 15 fps" in form.results.lines[StreamRole.SD].text

        running.until(lambda: pictured(dialog))
        dialog.save_button.click()
        (camera,) = running.fleet.cameras()
        running.until_live(camera.id)
        running.until(lambda: camera.id in on_disk(running))
    kept = on_disk(running)[camera.id]
    assert kept["url_sd"] == rtsp_server.url("/locked/sd", credentials=False)
    assert (kept["username"], kept["password"]) == (LOCKED_USER, LOCKED_PASSWORD)
    assert kept["is_active"]


def pictured(dialog):
    return dialog.panel.findChild(ZoneEditor).picture is not None


def test_a_wrong_password_is_told_in_words_and_can_be_saved(data_dir, rtsp_server, open_dialog):
    with running_fleet(data_dir, {}) as running:
        dialog = open_dialog(running)
        form = dialog.form
        form.name.setText("Locked door")
        form.addresses.sd.line.setText(rtsp_server.url("/locked/sd", credentials=False))
        form.addresses.username.setText(LOCKED_USER)
        form.addresses.password.setText("wrong")
        form.results.button.click()
        running.until(lambda: not form.results.is_running)
        assert "SD: Wrong user name or password" in form.results.lines[StreamRole.SD].text
        dialog.save_button.click()
        assert [camera.name for camera in running.fleet.cameras()] == ["Locked door"]


def test_tuning_a_camera_that_runs_opens_no_stream_and_saving_interrupts_none(
    data_dir, rtsp_server, open_dialog
):
    with running_fleet(data_dir, {"a": entry(rtsp_server.url("/cam1/sd"))}) as running:
        running.until_live("a")
        connected, told = rtsp_server.connected(), len(running.told)
        dialog = open_dialog(running, running.fleet.cameras()[0])
        running.until(lambda: pictured(dialog))
        dialog.panel.sensitivity_changed.emit(300.0)
        dialog.form.name.setText("Front door")
        dialog.save_button.click()
        running.until(lambda: on_disk(running)["a"]["name"] == "Front door")
        assert on_disk(running)["a"]["sensitivity"] == 300
        assert rtsp_server.connected() == connected
        assert all(status.state.has_picture for _, _, status in running.told[told:])
