import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLabel

from tests.support.stand_in import NOON, clip, status
from vms_desktop.core.base.status import CameraState
from vms_desktop.ui.base.theme import DARK_THEME
from vms_desktop.ui.live.events_model import EventsModel, length_words
from vms_desktop.ui.live.events_panel import EventsList, EventsPanel
from vms_desktop.ui.picture.thumbnails import Thumbnails
from vms_desktop.workers.threads import join_all


def later(seconds: float):
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def model(qapp, tmp_path) -> EventsModel:
    return EventsModel(lambda found: tmp_path / f"{found.path.stem}.jpg")


@pytest.fixture
def panel(qtbot, model, thumbnail_reader) -> Iterator[EventsPanel]:
    made = EventsPanel(model, thumbnail_reader, DARK_THEME)
    qtbot.addWidget(made)
    made.resize(made.width(), 600)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.stop()


def events_list(panel: EventsPanel) -> EventsList:
    (found,) = panel.findChildren(EventsList)
    return found


def thumbnails_of(panel: EventsPanel) -> Thumbnails:
    (found,) = panel.findChildren(Thumbnails)
    return found


def texts_of(panel: EventsPanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel)]


def one_coloured(colour: str) -> QImage:
    image = QImage(96, 54, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    return image


def record(model: EventsModel, camera_id: str, since_at) -> None:
    recording = status(CameraState.RECORDING, recording_since_at=since_at)
    model.follow(camera_id, f"Camera {camera_id[-1]}", recording)


def rows(model: EventsModel) -> list[tuple[str, str]]:
    found = [model.row(number) for number in range(model.rowCount())]
    return [(row.camera_id, length_words(row)) for row in found if row is not None]


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


SD_STUB: dict[str, Any] = {"start_at": NOON + timedelta(seconds=6), "seconds": 0.4}
VISITS = {
    "the state falters while the clip is written": [
        ("event", 5),
        ("motion", 5),
        ("live", 6),
        ("recording", 0),
    ],
    "the stream is lost for a moment": [
        ("event", 5),
        ("recording", 0),
        ("stream_lost", 6),
        ("recording", 0),
    ],
    "it moves again after the stream came back": [
        ("event", 5),
        ("motion", 5),
        ("stream_lost", 6),
        ("event", 8),
        ("recording", 0),
    ],
    "both streams are written at first": [
        ("event", 5),
        ("recording", 4),
        ("recording", 0),
    ],
    "a recording by hand runs already": [("recording", 0), ("event", 5), ("event", 20)],
}


def live_through(model: EventsModel, visit) -> None:
    for word, second in visit:
        if word == "event":
            model.begin("cam1", "Camera 1", later(second))
        elif word == "recording":
            record(model, "cam1", later(second))
        else:
            told = status(CameraState(word), since_at=later(second))
            model.follow("cam1", "Camera 1", told)


@pytest.mark.parametrize("visit", VISITS.values(), ids=VISITS)
def test_one_visit_is_one_row(model, visit):
    live_through(model, visit)
    assert rows(model) == [("cam1", "recording…")]
    assert model.row(0).start_at == later(5)
    model.close(clip(1), status(CameraState.LIVE))
    assert rows(model) == [("cam1", "0:42")]
    assert model.row(0).start_at == later(5)


def test_a_state_that_has_not_heard_of_the_end_begins_no_second_row(model):
    live_through(model, [("event", 5), ("recording", 0)])
    model.close(clip(1), status(CameraState.RECORDING, recording_since_at=NOON))
    assert rows(model) == [("cam1", "0:42")]


def test_a_short_clip_of_the_other_stream_is_no_row_of_its_own(model):
    live_through(model, [("event", 5), ("recording", 0)])
    model.close(clip(2, **SD_STUB), status(CameraState.RECORDING, recording_since_at=NOON))
    assert rows(model) == [("cam1", "recording…")]
    model.load([clip(2, **SD_STUB)])
    model.close(clip(1), status(CameraState.LIVE))
    assert [model.row(number).clip for number in range(model.rowCount())] == [clip(1)]


def test_a_recording_that_begins_before_the_last_clip_is_closed_keeps_its_row(model):
    live_through(model, [("event", 5), ("recording", 0), ("live", 41), ("event", 44)])
    record(model, "cam1", later(39))
    recording = status(CameraState.RECORDING, recording_since_at=later(39))
    model.close(clip(1), recording)
    assert rows(model) == [("cam1", "recording…"), ("cam1", "0:42")]
    assert model.row(0).start_at == later(44)


def test_the_newest_stands_first_whatever_came_first(model):
    record(model, "cam1", NOON)
    record(model, "cam2", later(3))
    model.begin("cam1", "Camera 1", later(5))
    assert [camera_id for camera_id, _ in rows(model)] == ["cam1", "cam2"]


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
    assert "0" in texts_of(panel)
    assert not events_list(panel).isVisible()
    model.load([clip(1), clip(2)])
    assert "2" in texts_of(panel)
    assert events_list(panel).isVisible()


def test_a_thumbnail_is_read_when_its_row_is_seen(panel, model, tmp_path, qtbot):
    image = QImage(320, 180, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    image.save(str(tmp_path / "1.jpg"))
    with qtbot.waitSignal(thumbnails_of(panel).loaded):
        model.load([clip(1)])
        events_list(panel).repaint()
    seen = events_list(panel).viewport().grab().toImage()
    assert seen.pixelColor(40, 30).red() > 240
    assert seen.pixelColor(40, 30).green() < 20


def test_a_thumbnail_that_comes_later_replaces_the_placeholder(panel, model, tmp_path, qtbot):
    with qtbot.waitSignal(thumbnails_of(panel).loaded):
        model.load([clip(1)])
        events_list(panel).repaint()
    image = QImage(320, 180, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    image.save(str(tmp_path / "1.jpg"))
    with qtbot.waitSignal(thumbnails_of(panel).loaded):
        model.refresh(clip(1))
        events_list(panel).repaint()
    assert events_list(panel).viewport().grab().toImage().pixelColor(40, 30).red() > 240


def painted(panel: EventsPanel) -> QColor:
    """The colour in the first row's picture."""
    return events_list(panel).viewport().grab().toImage().pixelColor(40, 30)


def test_an_event_under_way_shows_what_the_camera_shows(panel, model, qtbot):
    record(model, "cam1", NOON)
    model.set_picture("cam1", one_coloured("blue"))
    assert painted(panel) == QColor("blue")
    # It stays as long as the clip has no thumbnail.
    with qtbot.waitSignal(thumbnails_of(panel).loaded):
        model.close(clip(1), status(CameraState.LIVE))
        events_list(panel).repaint()
    assert painted(panel) == QColor("blue")


def test_a_thumbnail_takes_the_place_of_what_the_camera_showed(panel, model, tmp_path, qtbot):
    record(model, "cam1", NOON)
    model.set_picture("cam1", one_coloured("blue"))
    one_coloured("red").save(str(tmp_path / "1.jpg"))
    with qtbot.waitSignal(thumbnails_of(panel).loaded):
        model.close(clip(1), status(CameraState.LIVE))
        events_list(panel).repaint()
    assert painted(panel).red() > 240
    assert painted(panel).blue() < 20


def test_a_picture_that_comes_when_the_event_is_over_is_nobodys(model):
    model.load([clip(1)])
    model.set_picture("cam1", one_coloured("blue"))
    assert model.row(0).picture is None


def test_only_the_newest_rows_keep_a_picture(model):
    for number in range(250):
        camera_id = f"cam{number}"
        model.begin(camera_id, camera_id, later(number))
        model.set_picture(camera_id, one_coloured("blue"))
    kept = [model.row(number).picture is not None for number in range(250)]
    assert kept == [True] * 200 + [False] * 50


def test_a_thumbnail_that_is_written_while_it_is_read_is_read_again(
    qtbot, tmp_path, thumbnail_reader
):
    thumbnails = Thumbnails(thumbnail_reader, QSize(96, 54))
    path = tmp_path / "1.jpg"
    with qtbot.waitSignal(thumbnails.loaded):
        assert thumbnails.get(path, 1.0) is None
        thumbnails.forget(path)
    one_coloured("red").save(str(path))
    with qtbot.waitSignal(thumbnails.loaded):
        assert thumbnails.get(path, 1.0) is None
    read = thumbnails.get(path, 1.0)
    assert read is not None
    assert not read.isNull()
    thumbnails.stop()


@pytest.mark.skipif(os.name != "posix", reason="platform: a pipe with a name")
def test_a_disk_that_hangs_holds_up_neither_the_window_nor_its_end(
    qtbot, tmp_path, thumbnail_reader
):
    hanging, held = tmp_path / "1.jpg", []
    os.mkfifo(hanging)  # What reads it waits until nobody writes any more.

    def is_being_read() -> bool:
        try:
            held.append(os.open(hanging, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            return False
        return True

    thumbnails = Thumbnails(thumbnail_reader, QSize(96, 54))
    assert thumbnails.get(hanging, 1.0) is None
    qtbot.waitUntil(is_being_read)
    began = monotonic()
    thumbnails.stop()
    thumbnail_reader.stop()
    assert not join_all([thumbnail_reader], monotonic() + 0.1)
    assert monotonic() - began < 1
    with qtbot.waitSignal(thumbnails.loaded):
        os.close(held.pop())
    read = thumbnails.get(hanging, 1.0)
    assert read is not None
    assert read.isNull()


def test_only_thumbnails_that_are_seen_are_read(panel, model, qtbot):
    asked: list[Path] = []
    thumbnails_of(panel).loaded.connect(asked.append)
    model.load([clip(number, start_at=later(-number)) for number in range(2000)])
    events_list(panel).repaint()
    qtbot.waitUntil(lambda: len(asked) >= 8)
    assert len(asked) < 20


def test_a_click_opens_the_clip(panel, model, qtbot):
    model.load([clip(1)])
    place = events_list(panel).visualRect(model.index(0)).center()
    with qtbot.waitSignal(panel.opened) as opened:
        qtbot.mouseClick(events_list(panel).viewport(), Qt.MouseButton.LeftButton, pos=place)
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
    place = events_list(panel).visualRect(model.index(0)).center()
    qtbot.mouseClick(events_list(panel).viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened == []
