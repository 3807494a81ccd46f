"""The left half of the camera dialog shows frames and states, and says what a person changes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QPushButton, QSlider

from tests.support.stand_in import NOON, StillClock, picture, status
from tests.support.zone_hand import FAR, Hand, zone
from vms_desktop.core.base.errors import Problem
from vms_desktop.core.base.picture import Box, Size, Viewport
from vms_desktop.core.base.status import CameraState
from vms_desktop.core.camera.preview import PreviewFrame
from vms_desktop.ui.base.theme import DARK_THEME, Tone
from vms_desktop.ui.cameras.dialog.motion_meter import MotionMeter, area_words
from vms_desktop.ui.cameras.dialog.preview_panel import PreviewPanel
from vms_desktop.ui.cameras.zones.editor import ZoneEditor


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def panel(qtbot, clock) -> PreviewPanel:
    made = PreviewPanel(DARK_THEME, clock=clock)
    qtbot.addWidget(made)
    made.resize(620, 600)
    with qtbot.waitActive(made):
        made.show()
    return made


@pytest.fixture
def editor(panel) -> ZoneEditor:
    return panel.findChild(ZoneEditor)


@pytest.fixture
def meter(panel) -> MotionMeter:
    return panel.findChild(MotionMeter)


def frame(
    area_px: float = 640,
    *,
    moving: bool = False,
    **fields: Any,
) -> PreviewFrame:
    boxes = (Box(0.25, 0.25, 0.5, 0.5),) if moving else ()
    made = PreviewFrame(
        picture=picture(600, 338, source=Size(640, 360), boxes=boxes, value=90),
        area_px=area_px,
        threshold_px=1200.0,
        moving=moving,
        is_mask=False,
    )
    return replace(made, **fields)


def button(panel: PreviewPanel, text: str) -> QPushButton:
    return next(b for b in panel.findChildren(QPushButton) if b.text() == text)


def title(editor: ZoneEditor) -> str:
    return editor._message.title if editor._message else ""


def test_a_frame_shows_its_picture_its_boxes_and_its_area(panel, editor, meter):
    panel.set_sensitivity(1200)
    panel.show_frame(frame(1640, moving=True))
    assert meter.area_text() == area_words(1640)
    assert meter.threshold_text() == area_words(1200)
    x, y, width, height = (round(length) for length in editor.view().area)
    seen = editor.grab().toImage()
    assert seen.pixelColor(x + width // 4, y + height // 2) == DARK_THEME.colour(Tone.AMBER)
    assert seen.pixelColor(x + width // 2, y + height // 2) == QColor(90, 90, 90)


@pytest.mark.parametrize(
    "state, facts, words",
    [
        (CameraState.CONNECTING, {}, "Connecting…"),
        (CameraState.FAILED, {"problem": Problem.WRONG_PASSWORD}, "Wrong user name or password"),
        (CameraState.FAILED, {"problem": Problem.NO_VIDEO}, "This address has no video"),
        (
            CameraState.STREAM_LOST,
            {"next_try_at": NOON + timedelta(seconds=4), "attempt": 2},
            "Reconnecting in 4 s (try 2)",
        ),
        (CameraState.LIVE, {}, "Waiting for the first picture…"),
    ],
)
def test_without_a_picture_the_state_is_told_in_words(panel, editor, state, facts, words):
    panel.show_status(status(state, **facts))
    assert title(editor) == words
    assert not button(panel, "Watched area").isEnabled()


def test_before_there_is_an_address_it_says_what_will_be_here(panel, editor):
    assert title(editor) == "The picture appears here"


def test_a_lost_camera_shows_its_last_picture_dimmed_and_no_motion(panel, editor, meter):
    panel.show_status(status(CameraState.LIVE))
    panel.show_frame(frame(5000, moving=True))
    panel.show_status(status(CameraState.STREAM_LOST, problem=Problem.TIMED_OUT))
    panel.show_frame(frame(6000))
    assert editor.is_still
    assert meter.area_text() == "—"
    panel.show_status(status(CameraState.LIVE))
    panel.show_frame(frame(700))
    assert (title(editor), editor.is_still) == ("", False)


def test_seconds_are_counted_down(panel, editor, clock):
    panel.show_status(
        status(CameraState.STREAM_LOST, next_try_at=NOON + timedelta(seconds=4), attempt=1)
    )
    clock.at += timedelta(seconds=1)
    panel._seconds.timeout.emit()
    assert title(editor) == "Reconnecting in 3 s (try 1)"


def test_a_picture_that_has_grown_old_never_looks_live(panel, editor):
    panel.show_status(status(CameraState.LIVE))
    panel.show_frame(frame())
    for _ in range(5):
        panel._seconds.timeout.emit()
    assert title(editor) == "No new picture for 5 s"
    panel.show_frame(frame())
    assert title(editor) == ""


def test_while_the_detector_learns_the_meter_says_so(panel, meter):
    panel.show_frame(frame(0, settling=True))
    learning = meter.grab().toImage()
    panel.show_frame(frame(0))
    assert meter.grab().toImage() != learning


def test_the_mark_follows_the_slider_at_once_and_no_late_frame_moves_it_back(panel, meter):
    panel.set_sensitivity(1200)
    panel.show_frame(frame(threshold_px=1200.0))
    before = meter.mark_x()
    QTest.keyClick(panel.findChild(QSlider), Qt.Key.Key_Right)
    there = meter.mark_x()
    assert there < before
    panel.show_frame(frame(threshold_px=1200.0))
    assert meter.mark_x() == there


def test_what_a_person_changes_is_told(panel, editor, qtbot):
    panel.show_frame(frame())
    with qtbot.waitSignal(panel.zones_changed) as zones:
        button(panel, "Ignored area").click()
        Hand(editor).drag((0.2, 0.2), (0.6, 0.6))
    assert [str(area.kind) for area in zones.args[0]] == ["ignore"]
    with qtbot.waitSignal(panel.zones_changed) as zones:
        button(panel, "Clear").click()
    assert zones.args[0] == ()
    with qtbot.waitSignal(panel.sensitivity_changed):
        QTest.keyClick(panel.findChild(QSlider), Qt.Key.Key_Left)
    mask = next(b for b in panel.findChildren(QCheckBox) if b.text().startswith("Show"))
    with qtbot.waitSignal(panel.mask_wanted) as wanted:
        mask.click()
    assert wanted.args == [True]
    assert panel.wants_mask


def test_values_from_the_dialog_are_shown_and_not_told_back(panel, qtbot, editor):
    with (
        qtbot.assertNotEmitted(panel.zones_changed),
        qtbot.assertNotEmitted(panel.sensitivity_changed),
    ):
        panel.set_zones((zone(FAR),))
        panel.set_sensitivity(1234.5)
    assert editor.edits.zones == (zone(FAR),)


def test_it_asks_for_pictures_of_its_size_and_for_none_while_hidden(panel, editor, qtbot):
    asked: list[Viewport | None] = []
    panel.viewport_changed.connect(asked.append)
    panel.resize(700, 640)
    assert asked[-1] == Viewport(editor.width(), editor.height()) == panel.viewport()
    panel.hide()
    assert asked[-1] is None
    panel.show()
    assert asked[-1] == panel.viewport()


def test_nothing_moves_when_texts_change(panel, editor, meter):
    panel.show_frame(frame(9))
    panel.set_zones((zone(), zone(FAR)))
    places = [widget.geometry() for widget in (editor, meter)]
    panel.show_frame(frame(123456, moving=True))
    Hand(editor).click((0.4, 0.4))
    panel.set_sensitivity(5)
    panel.show_status(status(CameraState.CONNECTING))
    panel.layout().activate()
    assert [widget.geometry() for widget in (editor, meter)] == places


def test_everything_can_be_reached_by_keyboard_and_has_a_name(panel, editor):
    panel.show_frame(frame())
    for widget in panel.findChildren(QPushButton) + panel.findChildren(QCheckBox):
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert widget.toolTip()
    assert editor.focusPolicy() & Qt.FocusPolicy.TabFocus
    for widget in (editor, panel.findChild(QSlider)):
        assert widget.accessibleName()
