"""What the Playback page ties together: the frame under the pointer, sound, search, splitters."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QSplitter

from tests.support.archive_clips import put_thumbnail
from tests.support.library import DAY, at
from tests.support.playback_steps import button, dialog, number, press, until
from tests.support.recorded import FPS, SECONDS, record
from tests.support.video import clip_bytes, read_number
from vms_desktop.core.index.search import AreaHit
from vms_desktop.core.library.purger import PurgeResult
from vms_desktop.core.media.audio import SoundBuffer
from vms_desktop.ui.base.pages import PageKey
from vms_desktop.ui.base.theme import DARK_THEME
from vms_desktop.ui.clips.delete_dialog import DeleteClipsDialog
from vms_desktop.ui.clips.export_dialog import ExportDialog
from vms_desktop.ui.clips.export_progress import ExportLine, ExportState
from vms_desktop.ui.playback import day_clips
from vms_desktop.ui.playback.area_search.dialog import AreaSearchDialog
from vms_desktop.ui.playback.bar import RECORDINGS
from vms_desktop.ui.playback.day_player import Target
from vms_desktop.ui.playback.maintenance import LibraryTask
from vms_desktop.ui.playback.page import PlaybackPage
from vms_desktop.workers.jobs.library_jobs import JobKind, JobResult

CONTROL = Qt.KeyboardModifier.ControlModifier
OLD = DAY - timedelta(days=3)
# A twentieth of a second.
HEARD_BYTES = 4800


@cache
def loud() -> bytes:
    return clip_bytes(FPS * SECONDS, fps=FPS, width=160, height=90, audio=True)


class Speaker:
    """A loudspeaker that keeps what it is given."""

    def __init__(self) -> None:
        self.available = True
        self.volume = 0.0
        self.buffer: SoundBuffer | None = None

    def open(self) -> SoundBuffer:
        self.buffer = SoundBuffer()
        return self.buffer

    def close(self) -> None:
        self.buffer = None

    def is_loud(self) -> bool:
        return self.buffer is not None and any(self.buffer.take(HEARD_BYTES))


@pytest.fixture(autouse=True)
def speakers(monkeypatch) -> list[Speaker]:
    """In the place of the system's: that of the players first."""
    made: list[Speaker] = []

    def make() -> Speaker:
        made.append(Speaker())
        return made[-1]

    monkeypatch.setattr("vms_desktop.app.library_services.SoundOutput", make)
    return made


@pytest.fixture
def library(fleet):
    """Two cameras, of which the second has sound; the first on an earlier day too."""
    return {
        "first": record(fleet.layout, 1, "10:00:00", 0),
        "second": record(fleet.layout, 1, "10:01:00", 100),
        "loud": record(fleet.layout, 2, "10:01:00", data=loud()),
        "old": record(fleet.layout, 1, at("12:00:00", OLD), 400),
    }


@pytest.fixture
def open_page(open_window, library, review, qtbot):
    """Opens the page over the whole library, at the newest clip."""
    with qtbot.waitSignal(review.index.indexer.maintained):
        review.index.start()

    def open_one(**settings):
        page = open_window(page="playback", **settings).pages.current
        until(qtbot, lambda: number(page, "Camera_1") is not None)
        return page

    return open_one


@pytest.fixture
def page(open_page):
    return open_page()


def hovered_number(image: QImage) -> int:
    """The number in a picture of the timeline's card."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return read_number(rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3))


@pytest.fixture
def answers(page, monkeypatch) -> list[tuple]:
    """What the timeline is told to show: row, moment, picture."""
    told: list[tuple] = []
    monkeypatch.setattr(page.parts.timeline, "show_hover_picture", lambda *a: told.append(a))
    return told


def exact(answers) -> list[QImage]:
    return [image for _row, _at, image in answers if isinstance(image, QImage)]


# The frame under the pointer.


def test_under_the_pointer_stands_the_thumbnail_and_then_the_exact_frame(
    page, fleet, answers, qtbot, library
):
    put_thumbnail(fleet.layout.thumbnail_path(library["first"].path))
    moment = at("10:00:02")
    page.parts.timeline.hovered.emit("Camera_1", moment)
    until(qtbot, lambda: bool(exact(answers)))
    assert {(row, told_at) for row, told_at, _image in answers} == {("Camera_1", moment)}
    assert not isinstance(answers[0][2], QImage)  # The thumbnail's, a QPixmap, comes at once.
    assert hovered_number(exact(answers)[-1]) == 2 * FPS


def test_of_a_pointer_that_moves_on_only_the_last_place_is_decoded(page, answers, qtbot):
    for second in range(4):
        page.parts.timeline.hovered.emit("Camera_1", at(f"10:00:0{second}"))
    until(qtbot, lambda: bool(exact(answers)))
    assert [hovered_number(image) for image in exact(answers)] == [3 * FPS]


def test_where_nothing_was_recorded_no_file_is_opened(page, answers, review):
    page.parts.timeline.hovered.emit("Camera_1", at("10:00:30"))
    assert answers == []
    assert review.hover.in_use() == frozenset()


def test_a_page_that_is_hidden_closes_what_was_under_the_pointer(page, answers, review, qtbot):
    page.parts.timeline.hovered.emit("Camera_1", at("10:00:02"))
    until(qtbot, lambda: bool(review.hover.in_use()))
    page.window().show_page(PageKey.LIVE)
    until(qtbot, lambda: not review.hover.in_use())


# Sound.


def test_the_chosen_camera_is_heard_while_it_plays_at_its_own_pace(
    open_page, speakers, review, library, qtbot
):
    page = open_page(muted=False, volume=0.5)
    page.parts.players.choose("Camera_2")
    speaker = speakers[0]
    assert speaker.volume == 0.5
    assert not speaker.is_loud()
    review.playback.seek(library["loud"].start_at)
    page.control.play()
    until(qtbot, speaker.is_loud)


def test_nothing_is_heard_while_muted_or_on_another_page(open_page, speakers):
    page = open_page(muted=True)
    assert speakers[0].buffer is None
    page.window()._preferences.change(muted=False)
    assert speakers[0].buffer is not None
    page.window().show_page(PageKey.LIVE)
    assert speakers[0].buffer is None


# The search in an area.


def test_the_search_opens_with_the_picture_that_is_shown_and_plays_what_is_found(
    page, qtbot, review, library
):
    press(page.window(), Qt.Key.Key_F, CONTROL)
    search = dialog(AreaSearchDialog)
    assert search.camera.currentData() == page.parts.players.chosen
    assert hovered_number(search.picture.image) == number(page, page.parts.players.chosen)
    found = next(clip for clip in page.player.clips() if clip.path == library["first"].path)
    search.play_wanted.emit(found, at("10:00:03"))
    until(qtbot, lambda: page.shown.path() == found.path)
    assert page.parts.players.chosen == "Camera_1"
    until(qtbot, lambda: review.playback.position >= at("10:00:03"))


def test_a_search_steps_aside_for_the_player_and_comes_back_as_it_was(page, qtbot, library):
    search = page.window().actions_.playback.search_area
    search.trigger()
    first = dialog(AreaSearchDialog)
    until(qtbot, lambda: first.told.text() != "Searching…")
    found = next(clip for clip in page.player.clips() if clip.path == library["first"].path)
    first.model.set_hits([AreaHit(found, 2.0, 1.0)])
    first.view.chosen.emit(first.model.hits[0])
    assert not first.isVisible()
    until(qtbot, lambda: page.shown.path() == found.path)
    search.trigger()
    assert dialog(AreaSearchDialog) is first
    assert len(first.model.hits) == 1
    first.hide()
    page.player.show_day(OLD)  # Another day is another search.
    until(qtbot, lambda: page.days.day == OLD)
    search.trigger()
    other = dialog(AreaSearchDialog)
    assert other is not first
    closed: list[int] = []
    other.finished.connect(closed.append)
    speak_french(page.window(), qtbot)  # The page goes, and its search with it.
    assert len(closed) == 1


# Splitters.


def test_splitters_stand_where_they_were_left(open_page, saved):
    page = open_page()
    columns, rows = splitters(page)
    columns.setSizes([300, 600, 380])
    rows.setSizes([300, 300])
    rows.splitterMoved.emit(300, 1)
    left = columns.sizes(), rows.sizes()
    page.window().show_page(PageKey.LIVE)
    again = open_page(window=saved[-1].window)
    assert tuple(each.sizes() for each in splitters(again)) == left


def splitters(page: PlaybackPage) -> list[QSplitter]:
    """That of the columns, and that of the rows."""
    return sorted(page.findChildren(QSplitter), key=lambda each: each.orientation().value)


# Dragging along the timeline.


@pytest.mark.parametrize("way", [1, -1])
def test_play_goes_on_the_same_way_after_a_drag(page, review, way):
    review.playback.play(way * 1.0)
    page.parts.timeline.scrub_began.emit()
    assert not review.playback.is_playing
    page.parts.timeline.scrub_ended.emit()
    assert (review.playback.is_playing, review.playback.rate) == (True, way)


def test_what_stood_still_stands_still_after_a_drag(page, review):
    page.parts.timeline.scrub_began.emit()
    page.parts.timeline.scrub_ended.emit()
    assert not review.playback.is_playing


# What can be done now.


def test_beside_the_recordings_nothing_plays_that_is_not_seen(page, review, qtbot):
    page.parts.timeline.mark_start()
    page.set_mode(RECORDINGS)
    for key in (Qt.Key.Key_K, Qt.Key.Key_J):
        press(page.window(), key)
        assert not review.playback.is_playing
    for action in ("snapshot", "mark_in", "zoom_in", "play"):
        assert not getattr(page.window().actions_.playback, action).isEnabled()
    page.set_mode("timeline")
    assert page.window().actions_.playback.play.isEnabled()


def test_beside_the_recordings_the_selected_clips_are_exported_whatever_is_marked(page, library):
    page.parts.timeline.mark_start()
    page.set_mode(RECORDINGS)
    first = next(clip for clip in page.player.clips() if clip.path == library["first"].path)
    page.parts.recordings.view.select(first.path)
    press(page.window(), Qt.Key.Key_E, CONTROL)
    asked = dialog(ExportDialog)
    assert not asked.is_range
    assert [c.path for track in asked.request().tracks for c in track.clips] == [first.path]
    asked.reject()


def test_an_hour_is_deleted_by_keyboard_once_it_was_asked(page, library, qtbot):
    page.set_mode(RECORDINGS)
    view = page.parts.recordings.view
    view.setFocus()
    view.setCurrentIndex(view.model().index(0, 0))
    press(page.window(), Qt.Key.Key_Delete)
    button(dialog(DeleteClipsDialog), "Delete").click()
    until(qtbot, lambda: page.player.clips() == ())
    assert [clip.path.exists() for clip in library.values()] == [False, False, False, True]
    assert page.window().banners.texts()[-1].startswith("3 clips deleted")


def test_recordings_of_cameras_that_are_deleted_or_inactive_are_listed(page, fleet, review, qtbot):
    (first, *_) = fleet.cameras()
    fleet.replace_cameras((replace(first, is_active=False),))
    until(
        qtbot,
        lambda: (
            [line.words.format(name=line.name) for line in page.player.listed()]
            == ["Camera 1 (inactive)", "Camera 2 (deleted)"]
        ),
    )
    assert [page.parts.cameras.box(key).isEnabled() for key in ("Camera_1", "Camera_2")] == [
        True,
        True,
    ]
    review.playback.seek(at("10:01:02"))
    until(qtbot, lambda: number(page, "Camera_1") == 100 + 2 * FPS)


def test_recordings_of_deleted_cameras_fill_the_screen_too(page, fleet):
    window = page.window()
    fleet.replace_cameras(())
    assert window.actions_.full_screen.isEnabled()
    window.show_page(PageKey.LIVE)
    assert not window.actions_.full_screen.isEnabled()


# What is asked for and not there.


def test_the_first_clip_of_all_is_shown_as_soon_as_it_is_there(
    open_window, fleet, review, library, qtbot
):
    for clip in library.values():
        clip.path.unlink()
    with qtbot.waitSignal(review.index.indexer.maintained):
        review.index.start()
    page = open_window(page="playback").pages.current
    until(qtbot, lambda: page.parts.is_empty)
    assert not page.window().actions_.playback.search_area.isEnabled()
    fleet.clip_closed.emit(record(fleet.layout, 1, "11:00:00", 7))
    until(qtbot, lambda: number(page, "Camera_1") == 7 + FPS)
    assert not page.parts.is_empty


def test_of_a_clip_that_is_gone_its_day_is_shown(page, library, qtbot):
    page.open_at(path=library["old"].path.with_name("08-00-00.mp4"))
    until(qtbot, lambda: number(page, "Camera_1") == 400)
    assert page.days.day == OLD


def test_who_wants_a_moment_is_not_taken_to_the_newest_clip(page, library, review, qtbot):
    moment = at("12:00:02", OLD)
    page.player.open(Target(camera_id="cam2"))
    page.player.open(Target("Camera_1", at=moment))
    until(qtbot, lambda: number(page, "Camera_1") == 400 + 2 * FPS)
    assert review.playback.position == moment


# Another language.


def test_exports_that_go_on_are_told_of_in_another_language_too(page, review, qtbot):
    window = page.window()
    window.clip_tasks.exports.adopt(
        ExportLine(ExportState(99, "Alley", 1), review.jobs, DARK_THEME)
    )
    review.jobs.progress.emit(99, 500, 1000)
    speak_french(window, qtbot)
    (line,) = window.clip_tasks.exports.lines()
    assert line.text == "Exportation de Alley\u00a0: 50\u202f%"
    until(qtbot, line.isVisible)
    outputs = (Path("/videos/Alley_1.mp4"),)
    review.jobs.finished.emit(99, JobResult(kind=JobKind.EXPORT, outputs=outputs))
    assert "Alley_1.mp4" in line.text


def test_what_comes_of_a_job_is_told_after_a_change_of_language(
    page, review, library, qtbot, monkeypatch
):
    window = page.window()
    monkeypatch.setattr(review.jobs, "archive", lambda _paths: 98)
    page.tasks.archive(page.player.clips())
    speak_french(window, qtbot)
    result = JobResult(kind=JobKind.ARCHIVE, done=(library["first"].path,))
    review.jobs.finished.emit(98, result)
    assert window.banners.texts() == ["1 séquence déplacée dans les archives."]


def test_maintenance_that_was_asked_for_is_told_of_in_another_language_too(page, fleet, qtbot):
    window = page.window()
    page.parts.maintenance.begin(LibraryTask.PURGE)
    speak_french(window, qtbot)
    line = window.pages.current.parts.maintenance
    until(qtbot, line.isVisible)
    fleet.purged.emit(PurgeResult())
    assert not line.is_running
    assert line.isVisible()


def speak_french(window, qtbot):
    before = window.clip_tasks
    window._preferences.change(language="fr")
    until(qtbot, lambda: window.clip_tasks is not before)


@pytest.mark.parametrize("is_left", [False, True])
def test_what_changes_is_asked_for_unless_the_page_was_left_meanwhile(
    review, monkeypatch, qapp, is_left
):
    """The next page asks the same reader, and of two questions it answers the later one only."""
    monkeypatch.setattr(day_clips, "TOGETHER_MS", 0)
    days = day_clips.DayClips(review.index, review.gaps)
    days.set_active(True)
    review.index.indexer.library_changed.emit(frozenset())
    days.set_active(not is_left)
    asked: list[tuple[object, ...]] = []

    def ask(*query: object) -> int:
        asked.append(query)
        return len(asked)

    monkeypatch.setattr(review.index, "ask", ask)
    qapp.processEvents()
    days.stop()
    assert bool(asked) is not is_left
