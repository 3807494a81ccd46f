from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QImage

from tests.ui.stand_in import NOON, clip, status
from vms_desktop.core.state import CameraState
from vms_desktop.ui.live.events_model import EventsModel, length_words
from vms_desktop.ui.live.events_panel import EventsList, EventsPanel
from vms_desktop.ui.theme import DARK


def later(seconds: float):
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def model(qapp, tmp_path) -> EventsModel:
    return EventsModel(lambda found: tmp_path / f"{found.path.stem}.jpg")


@pytest.fixture
def panel(qtbot, model) -> EventsPanel:
    made = EventsPanel(model, DARK)
    qtbot.addWidget(made)
    made.resize(made.width(), 600)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.stop()


def record(model: EventsModel, camera_id: str, since_at) -> None:
    recording = status(CameraState.RECORDING, recording_since_at=since_at)
    model.follow(camera_id, f"Camera {camera_id[-1]}", recording)


def rows(model: EventsModel) -> list[tuple[str, str]]:
    found = [model.row(number) for number in range(model.rowCount())]
    return [(row.camera_id, length_words(row)) for row in found]


def test_todays_clips_stand_newest_first(model):
    model.load([clip(1), clip(2, start_at=later(100)), clip(3, start_at=later(-100))])
    assert [model.row(number).clip.path.stem for number in range(3)] == ["2", "1", "3"]


def test_clips_that_are_known_are_not_loaded_again(model):
    model.close(clip(1), status(CameraState.LIVE))
    model.load([clip(1), clip(2, start_at=later(100))])
    assert model.rowCount() == 2


def test_an_event_is_said_to_be_recorded_once_it_is(model):
    model.begin("cam1", "Camera 1", NOON)
    assert rows(model) == [("cam1", "motion…")]
    model.follow("cam1", "Camera 1", status(CameraState.RECORDING, recording_since_at=NOON))
    assert rows(model) == [("cam1", "recording…")]


def test_the_word_of_an_event_may_come_before_the_state(model):
    model.begin("cam1", "Camera 1", later(5))
    model.follow("cam1", "Camera 1", status(CameraState.LIVE))
    record(model, "cam1", NOON)
    assert rows(model) == [("cam1", "recording…")]
    assert model.row(0).start_at == later(5)


def test_the_word_of_an_event_may_come_after_the_state(model):
    record(model, "cam1", NOON)
    model.begin("cam1", "Camera 1", later(5))
    assert rows(model) == [("cam1", "recording…")]
    assert model.row(0).start_at == later(5)


@pytest.mark.parametrize("state", [CameraState.STREAM_LOST, CameraState.PAUSED])
def test_an_event_ends_with_the_stream(model, state):
    model.begin("cam1", "Camera 1", NOON)
    model.follow("cam1", "Camera 1", status(state, since_at=later(3)))
    assert rows(model) == [("cam1", "0:03")]


def test_a_clip_takes_the_place_of_its_event(model):
    record(model, "cam1", later(5))
    record(model, "cam2", later(5))
    model.close(clip(1), status(CameraState.LIVE))
    assert sorted(rows(model)) == [("cam1", "0:42"), ("cam2", "recording…")]


def test_an_event_that_was_not_recorded_has_a_length_and_no_clip(model):
    model.begin("cam1", "Camera 1", NOON)
    model.follow("cam1", "Camera 1", status(CameraState.MOTION))
    model.follow("cam1", "Camera 1", status(CameraState.LIVE, since_at=later(12)))
    assert rows(model) == [("cam1", "0:12")]


def test_a_second_event_in_a_running_recording_is_no_second_row(model):
    record(model, "cam1", NOON)
    model.begin("cam1", "Camera 1", later(20))
    assert rows(model) == [("cam1", "recording…")]


def test_a_clip_cut_during_an_event_leaves_the_event_running(model):
    record(model, "cam1", later(5))
    recording = status(CameraState.RECORDING, recording_since_at=later(42))
    model.close(clip(1), recording)
    assert rows(model) == [("cam1", "recording…"), ("cam1", "0:42")]


def test_a_clip_of_a_camera_that_is_gone_is_listed(model):
    model.close(clip(1), None)
    assert rows(model) == [("cam1", "0:42")]


def test_deleted_clips_leave_the_list(model):
    model.load([clip(1), clip(2, start_at=later(100))])
    model.forget([clip(1).path, Path("unknown.mp4")])
    assert [model.row(0).clip.path.stem, model.rowCount()] == ["2", 1]


def test_at_midnight_the_list_begins_anew(model):
    model.load([clip(1)])
    record(model, "cam2", NOON)
    model.keep_day((NOON + timedelta(days=1)).date())
    assert rows(model) == [("cam2", "recording…")]


def test_the_header_counts_and_an_empty_list_says_so(panel, model):
    assert panel._count.text() == "0"
    assert panel._stack.currentIndex() == 1
    model.load([clip(1), clip(2)])
    assert panel._count.text() == "2"
    assert panel._stack.currentIndex() == 0


def test_a_thumbnail_is_read_when_its_row_is_seen(panel, model, tmp_path, qtbot):
    image = QImage(320, 180, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    image.save(str(tmp_path / "1.jpg"))
    with qtbot.waitSignal(panel._thumbnails.loaded):
        model.load([clip(1)])
        panel._list.repaint()
    seen = panel._list.viewport().grab().toImage()
    assert seen.pixelColor(40, 30).red() > 240
    assert seen.pixelColor(40, 30).green() < 20


def test_a_thumbnail_that_comes_later_replaces_the_placeholder(panel, model, tmp_path, qtbot):
    with qtbot.waitSignal(panel._thumbnails.loaded):
        model.load([clip(1)])
        panel._list.repaint()
    image = QImage(320, 180, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    image.save(str(tmp_path / "1.jpg"))
    with qtbot.waitSignal(panel._thumbnails.loaded):
        model.refresh(clip(1))
        panel._list.repaint()
    assert panel._list.viewport().grab().toImage().pixelColor(40, 30).red() > 240


def test_only_thumbnails_that_are_seen_are_read(panel, model, qtbot):
    asked: list[Path] = []
    panel._thumbnails.loaded.connect(asked.append)
    model.load([clip(number, start_at=later(-number)) for number in range(2000)])
    panel._list.repaint()
    qtbot.waitUntil(lambda: len(asked) >= 8)
    assert len(asked) < 20


def test_a_click_opens_the_clip(panel, model, qtbot):
    model.load([clip(1)])
    place = panel._list.visualRect(model.index(0)).center()
    with qtbot.waitSignal(panel.opened) as opened:
        qtbot.mouseClick(panel._list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened.args == [clip(1).path]


def test_enter_opens_the_clip(qtbot, model):
    view = EventsList()
    qtbot.addWidget(view)
    view.setModel(model)
    model.load([clip(1)])
    view.setCurrentIndex(model.index(0))
    entered: list[QModelIndex] = []
    view.entered_by_key.connect(entered.append)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert [index.row() for index in entered] == [0]


def test_an_event_without_a_clip_opens_nothing(panel, model, qtbot):
    record(model, "cam1", NOON)
    opened: list[Path] = []
    panel.opened.connect(opened.append)
    place = panel._list.visualRect(model.index(0)).center()
    qtbot.mouseClick(panel._list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened == []
