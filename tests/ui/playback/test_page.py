"""The Playback page over real clips: what is shown, played, searched for, kept and deleted."""

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QMenu

from tests.support.library import DAY, at
from tests.support.playback_steps import (
    PATIENCE_MS,
    button,
    dialog,
    number,
    press,
    seen_of,
    until,
)
from tests.support.recorded import FPS, record
from vms_desktop.core.clips.clip import Trigger
from vms_desktop.core.library.gaps import Gap
from vms_desktop.ui.base.pages import PageKey
from vms_desktop.ui.clips.delete_dialog import DeleteClipsDialog
from vms_desktop.ui.clips.export_dialog import ExportDialog
from vms_desktop.ui.live.events_panel import EventsList
from vms_desktop.ui.picture.zoom import Zoom
from vms_desktop.ui.playback.bar import RECORDINGS, TIMELINE
from vms_desktop.ui.playback.page import PlaybackPage
from vms_desktop.ui.playback.timeline.hover import HoverPopup

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
OLD = DAY - timedelta(days=3)
EMPTY = DAY - timedelta(days=1)


@pytest.fixture
def library(fleet):
    """Three cameras on one day, one of them on an earlier day too."""
    layout = fleet.layout
    return {
        "first": record(layout, 1, "10:00:00", 0),
        "second": record(layout, 1, "10:01:00", 100),
        "beside": record(layout, 2, "10:01:02", 200),
        "manual": record(layout, 3, "09:00:00", 300, trigger=Trigger.MANUAL),
        "old": record(layout, 1, at("12:00:00", OLD), 400),
    }


@pytest.fixture
def indexed(library, review, qtbot):
    """The index has seen the whole library."""
    with qtbot.waitSignal(review.index.indexer.maintained, timeout=PATIENCE_MS):
        review.index.start()


@pytest.fixture
def window(open_window, indexed):
    return open_window(page="playback")


@pytest.fixture
def page(window, qtbot) -> PlaybackPage:
    made = window.pages.current
    until(qtbot, lambda: number(made, "Camera_2") is not None)
    return made


def gallery_names(page):
    return [clip.path.name for clip in page.player.clips()]


# What is shown first.


def test_it_opens_at_the_newest_event_paused(page, library, review):
    assert page.days.day == DAY
    assert review.playback.position == library["beside"].event_start_at
    assert not review.playback.is_playing
    assert page.parts.players.chosen == "Camera_2"
    assert number(page, "Camera_2") == 200 + FPS


def test_the_cameras_of_the_day_are_chosen_and_counted(page):
    lines = {line.folder: line.clips for line in page.player.listed()}
    assert lines == {"Camera_1": 2, "Camera_2": 1, "Camera_3": 1}
    assert page.parts.players.tracks() == ["Camera_1", "Camera_2", "Camera_3"]


def test_a_day_whose_clips_lie_close_together_is_seen_close_and_another_whole(page, qtbot):
    def seen_h() -> float:
        start, end = seen_of(page.parts.timeline)
        return (end - start) / timedelta(hours=1)

    assert seen_h() == 24
    page.player.show_day(OLD)
    until(qtbot, lambda: seen_h() == 0.5)


def test_the_calendar_marks_the_days_with_clips(page, qtbot):
    until(qtbot, lambda: page.parts.calendar.clips().get(OLD) == 1)
    assert page.parts.calendar.clips() == {DAY: 4, OLD: 1}
    assert page.parts.calendar.day == DAY


def test_a_camera_without_a_recording_at_that_time_says_so(page):
    message = page.parts.players.view("Camera_3").message
    assert message is not None
    assert message.title == "No recording"


def test_a_library_without_clips_says_what_the_page_is_for(open_window, review, qtbot):
    review.index.start()
    window = open_window(page="playback")
    until(qtbot, lambda: window.pages.current.parts.is_empty)
    button(window.pages.current, "Go to Live").click()
    assert window.pages.key == "live"


# Playing.


def test_space_plays_and_stands_still(page, window, review, qtbot):
    press(window, Qt.Key.Key_Space)
    assert review.playback.is_playing
    until(qtbot, lambda: number(page, "Camera_2") > 200 + FPS)
    press(window, Qt.Key.Key_Space)
    assert not review.playback.is_playing


def test_arrows_step_one_frame_while_it_stands(page, window, qtbot):
    press(window, Qt.Key.Key_Right)
    until(qtbot, lambda: number(page, "Camera_2") == 200 + FPS + 1)
    press(window, Qt.Key.Key_Left)
    until(qtbot, lambda: number(page, "Camera_2") == 200 + FPS)


def test_cameras_show_the_same_moment(page, qtbot, review, library):
    review.playback.seek(library["beside"].start_at + timedelta(seconds=1))
    # 10:01:03 is frame 45 of the clip that began at 10:01:00, and 15 of the other.
    until(qtbot, lambda: (number(page, "Camera_1"), number(page, "Camera_2")) == (145, 215))


def test_shift_and_arrows_go_from_clip_to_clip(page, window, qtbot, review, library):
    press(window, Qt.Key.Key_Home)
    until(qtbot, lambda: review.playback.position == library["manual"].start_at)
    press(window, Qt.Key.Key_Right, SHIFT)
    until(qtbot, lambda: review.playback.position == library["first"].start_at)
    press(window, Qt.Key.Key_End)
    until(qtbot, lambda: review.playback.position == library["beside"].start_at)


def test_a_clip_that_one_goes_to_is_the_large_one_and_can_be_archived(page, window, qtbot, library):
    for key, modifier, name, folder in (
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, "manual", "Camera_3"),
        (Qt.Key.Key_Right, SHIFT, "first", "Camera_1"),
        (Qt.Key.Key_Left, SHIFT, "manual", "Camera_3"),
    ):
        press(window, key, modifier)
        until(qtbot, lambda name=name: page.shown.path() == library[name].path)
        assert page.parts.players.chosen == folder
        assert window.actions_.playback.archive.isEnabled()


def test_before_the_first_clip_comes_the_last_of_an_earlier_day(page, window, qtbot, library):
    press(window, Qt.Key.Key_Home)
    press(window, Qt.Key.Key_Left, SHIFT)
    until(qtbot, lambda: page.days.day == OLD)
    until(qtbot, lambda: page.shown.path() == library["old"].path)


def test_up_and_down_change_the_speed(page, window, review):
    press(window, Qt.Key.Key_Up)
    press(window, Qt.Key.Key_Up)
    press(window, Qt.Key.Key_Space)
    assert review.playback.rate == 4
    press(window, Qt.Key.Key_Down)
    assert review.playback.rate == 2
    press(window, Qt.Key.Key_J)
    assert review.playback.rate == -2


def test_numbers_choose_a_camera_and_enter_shows_it_alone(page, window):
    press(window, Qt.Key.Key_1)
    assert page.parts.players.chosen == "Camera_1"
    press(window, Qt.Key.Key_Return)
    visible = [
        key for key in page.parts.players.tracks() if page.parts.players.view(key).isVisible()
    ]
    assert visible == ["Camera_1"]
    press(window, Qt.Key.Key_Escape)
    assert page.parts.players.alone is None


def test_a_damaged_clip_says_what_it_is(fleet, review, open_window, qtbot, library):
    broken = record(fleet.layout, 4, "11:00:00", data=b"no video at all" * 100)
    review.index.start()
    page = open_window(page="playback").pages.current
    until(qtbot, lambda: page.days.day == DAY and "Camera_4" in page.parts.players.tracks())
    review.playback.seek(broken.event_start_at)
    view = page.parts.players.view("Camera_4")
    until(qtbot, lambda: view.message is not None and view.message.details != "")
    assert (view.message.title, view.message.details) == (
        "This clip cannot be played",
        "The file is damaged",
    )


# Days and cameras.


def test_page_keys_go_to_the_days_that_have_clips(page, window, qtbot, review, library):
    press(window, Qt.Key.Key_PageUp)
    until(qtbot, lambda: page.days.day == OLD)
    until(qtbot, lambda: review.playback.position == library["old"].start_at)
    press(window, Qt.Key.Key_PageDown)
    until(qtbot, lambda: page.days.day == DAY)


def test_a_day_is_taken_up_where_it_was_left(page, window, qtbot, review, library):
    left_at = library["second"].start_at + timedelta(seconds=2)
    review.playback.seek(left_at)
    page.parts.calendar.day_chosen.emit(OLD)
    until(qtbot, lambda: page.days.day == OLD)
    page.parts.calendar.day_chosen.emit(DAY)
    until(qtbot, lambda: page.days.day == DAY)
    assert review.playback.position == left_at


def test_a_camera_that_is_unchecked_plays_no_more(page, qtbot):
    page.parts.cameras.box("Camera_1").click()
    assert page.parts.players.tracks() == ["Camera_2", "Camera_3"]
    assert gallery_names(page) == ["09-00-00.mp4", "10-01-02.mp4"]


def test_kinds_that_are_unchecked_are_shown_nowhere(page):
    boxes = {box.text(): box for box in page.parts.kinds.findChildren(QCheckBox)}
    boxes["Manual recordings"].click()
    assert gallery_names(page) == ["10-00-00.mp4", "10-01-00.mp4", "10-01-02.mp4"]
    boxes["Motion clips"].click()
    assert gallery_names(page) == []


def test_the_choice_is_remembered(page, window, saved, open_window, qtbot):
    page.parts.cameras.box("Camera_1").click()
    window.show_page(PageKey.LIVE)
    again = open_window(page="playback", window=saved[-1].window).pages.current
    until(qtbot, lambda: again.parts.players.tracks() == ["Camera_2", "Camera_3"])


@pytest.mark.parametrize("text", ["[" * 100_000, "[7, null]", "{}", "\ud800", ""])
def test_a_choice_that_is_none_counts_as_nothing(text, open_window, indexed, qtbot):
    kept = {"playback_cameras": text, "playback_kinds": text}
    page = open_window(page="playback", window=kept).pages.current
    until(qtbot, lambda: number(page, "Camera_2") is not None)
    assert page.player.is_free


def test_a_clip_that_is_closed_now_appears_and_the_position_stays(
    page, fleet, review, qtbot, library
):
    position = review.playback.position
    fleet.clip_closed.emit(record(fleet.layout, 2, "10:02:00", 500))
    until(qtbot, lambda: "10-02-00.mp4" in gallery_names(page))
    assert review.playback.position == position


def test_gaps_are_told_to_the_timeline(page, fleet, qtbot, review):
    path = fleet.layout.gaps_path("Camera_1", DAY)
    path.parent.mkdir(parents=True)
    start, end = at("08:00:00"), at("08:05:00")
    path.write_text(
        f'{{"from": "{start.isoformat()}", "to": "{end.isoformat()}", "reason": "paused"}}\n'
    )
    page.days.refresh()
    until(qtbot, lambda: page.days.gaps.get("Camera_1") == (Gap(start, end, "paused"),))
    timeline = page.parts.timeline
    timeline.zoom_all()
    x = timeline.places.tracks.left() + timeline.view.x_of(at("08:02:30").timestamp())
    QTest.mouseMove(timeline, QPoint(round(x), timeline.places.track(0).center().y()))
    card = page.window().findChild(HoverPopup)
    until(qtbot, lambda: card.text == "08:00:00 – 08:05:00 · Paused")


# What is done to clips.


def test_deleting_asks_once_and_goes_on_to_the_next_clip(page, window, qtbot, library):
    press(window, Qt.Key.Key_Delete)
    assert library["beside"].path.exists()
    button(dialog(DeleteClipsDialog), "Delete").click()
    until(qtbot, lambda: "10-01-02.mp4" not in gallery_names(page))
    assert not library["beside"].path.exists()
    until(qtbot, lambda: page.shown.path() is not None or number(page, "Camera_1") is not None)
    assert window.banners.texts() == ["1 clip deleted, 0.1 MB free again."]


def test_an_archived_clip_goes_on_being_shown(page, window, fleet, qtbot, library):
    press(window, Qt.Key.Key_A)
    archived = fleet.layout.archive_path(library["beside"].path)
    until(qtbot, lambda: page.shown.path() == archived)
    assert archived.exists()
    assert not window.actions_.playback.archive.isEnabled()


def test_marks_are_what_is_exported(page, window, review, qtbot, library):
    review.playback.seek(library["second"].start_at)
    until(qtbot, lambda: page.parts.timeline.position_s == library["second"].start_at.timestamp())
    press(window, Qt.Key.Key_I)
    review.playback.seek(library["second"].end_at)
    until(qtbot, lambda: page.parts.timeline.position_s == library["second"].end_at.timestamp())
    press(window, Qt.Key.Key_O)
    press(window, Qt.Key.Key_E, CONTROL)
    asked = dialog(ExportDialog).request()
    assert (asked.start, asked.end) == (library["second"].start_at, library["second"].end_at)
    assert [track.name for track in asked.tracks] == ["Camera 1", "Camera 2", "Camera 3"]
    dialog(ExportDialog).reject()


def test_without_marks_the_clip_that_is_shown_is_exported(page, window, library):
    press(window, Qt.Key.Key_E, CONTROL)
    asked = dialog(ExportDialog).request()
    assert [clip.path for track in asked.tracks for clip in track.clips] == [library["beside"].path]
    dialog(ExportDialog).reject()


def test_the_comment_of_an_archived_clip_is_proposed_for_its_copy(page, window, qtbot, library):
    clip = next(each for each in page.player.clips() if each.path == library["first"].path)
    page.tasks.export_clips([replace(clip, comment="Grey van,\nno plate")])
    assert dialog(ExportDialog).request().comment == "Grey van, no plate"
    dialog(ExportDialog).reject()


def test_a_snapshot_is_the_frame_that_is_shown(page, window, tmp_path, qtbot):
    press(window, Qt.Key.Key_S, CONTROL)
    until(qtbot, lambda: any(tmp_path.glob("*.png")))
    name = next(tmp_path.glob("*.png")).name
    assert name.startswith(f"Camera_2_{DAY}_10-01-03")
    until(qtbot, lambda: any("Snapshot saved" in text for text in window.banners.texts()))


# The other pages.


def test_a_page_that_is_hidden_plays_nothing_and_holds_no_file(page, window, review, qtbot):
    page.control.play()
    window.show_page(PageKey.LIVE)
    assert not review.playback.is_playing
    until(qtbot, lambda: review.playback.in_use() == frozenset())


def test_the_page_comes_back_where_it_was_left(page, window, review, qtbot, library):
    left_at = library["first"].start_at + timedelta(seconds=2)
    review.playback.seek(left_at)
    window.show_page(PageKey.LIVE)
    window.show_page(PageKey.PLAYBACK)
    until(qtbot, lambda: number(page, "Camera_1") == 2 * FPS)
    assert review.playback.position == left_at


def test_a_click_on_an_event_of_live_plays_it(page, window, fleet, review, qtbot, library):
    fleet.today_loaded.emit((library["first"],))
    window.show_page(PageKey.LIVE)
    events = window.findChild(EventsList)
    QTest.mouseClick(
        events.viewport(),
        Qt.MouseButton.LeftButton,
        pos=events.visualRect(events.model().index(0, 0)).center(),
    )
    assert window.pages.key == "playback"
    until(qtbot, lambda: page.shown.path() == library["first"].path)
    assert page.parts.players.chosen == "Camera_1"


def test_a_camera_of_live_is_played_back_at_its_newest_clip(page, window, qtbot, library):
    window.show_page(PageKey.LIVE)
    window.page.grid.choose("cam3")
    press(window, Qt.Key.Key_B)
    until(qtbot, lambda: page.shown.path() == library["manual"].path)


def test_the_cameras_page_leads_here(page, window, qtbot, library):
    window.show_page(PageKey.CAMERAS)
    window.pages.current.view.play_wanted.emit("cam3")
    assert window.pages.key == "playback"
    until(qtbot, lambda: page.shown.path() == library["manual"].path)


def test_another_language_changes_neither_day_nor_position(page, window, review, qtbot, library):
    review.playback.seek(library["first"].start_at)
    window._preferences.change(language="fr")
    until(qtbot, lambda: window.pages.current is not page)
    new = window.pages.current
    until(qtbot, lambda: new.days.day == DAY and number(new, "Camera_1") == 0)
    assert review.playback.position == library["first"].start_at


def test_another_language_or_theme_keeps_all_that_a_person_has_set(page, window, qtbot, library):
    timeline, players = page.parts.timeline, page.parts.players
    marks = library["first"].start_at, library["second"].start_at
    timeline.set_marks(*marks)
    timeline.zoom_in()
    seen, zoom = seen_of(timeline), Zoom(2.0, 0.4, 0.6)
    players.choose("Camera_1")
    players.view("Camera_1").set_zoom(zoom)
    players.set_alone("Camera_1")
    page.set_mode(RECORDINGS)
    page.parts.recordings.select([library["first"].path, library["beside"].path])
    page.set_mode(TIMELINE)
    for changed in ({"language": "fr"}, {"theme": "light"}):
        before = window.pages.current
        window._preferences.change(**changed)
        until(qtbot, lambda before=before: window.pages.current is not before)
        new = window.pages.current.parts
        until(qtbot, lambda new=new: len(new.recordings.selected()) == 2)
        assert new.timeline.marks == marks
        assert seen_of(new.timeline) == seen
        assert (new.players.chosen, new.players.alone) == ("Camera_1", "Camera_1")
        assert new.players.view("Camera_1").zoom == zoom
        assert {clip.path for clip in new.recordings.selected()} == {
            library["first"].path,
            library["beside"].path,
        }


def test_another_language_keeps_a_day_on_which_nothing_was_played(page, window, qtbot):
    page.player.show_day(EMPTY)
    until(qtbot, lambda: page.days.day == EMPTY)
    window._preferences.change(language="fr")
    until(qtbot, lambda: window.pages.current is not page)
    until(qtbot, lambda: window.pages.current.days.day == EMPTY)


@pytest.mark.parametrize("is_alone", [False, True])
def test_the_large_view_goes_along_where_play_goes_on_in_another_camera(
    page, review, qtbot, library, is_alone
):
    players = page.parts.players
    players.choose("Camera_3")
    players.set_alone("Camera_3" if is_alone else None)
    review.playback.seek(library["manual"].start_at)
    until(qtbot, lambda: page.shown.path() == library["manual"].path)
    review.playback.play(1.0)
    until(qtbot, lambda: players.chosen == "Camera_1")
    assert page.shown.path() == library["first"].path
    assert players.alone == ("Camera_1" if is_alone else None)


def test_a_camera_that_is_chosen_while_it_has_nothing_stays_chosen(page, review, qtbot, library):
    review.playback.seek(library["first"].start_at)
    until(qtbot, lambda: number(page, "Camera_1") == 0)
    page.parts.players.choose("Camera_3")
    shown: list[list[object]] = []
    review.playback.track_changed.connect(lambda *told: shown.append([*told]))
    review.playback.play(1.0)
    until(qtbot, lambda: ["Camera_2", library["beside"].path] in shown)
    assert page.parts.players.chosen == "Camera_3"


def test_keys_of_a_list_stay_its_own_while_it_has_the_focus(page, window, review):
    box = page.parts.cameras.box("Camera_1")
    box.setFocus()
    press(window, Qt.Key.Key_Space)
    assert not box.isChecked()
    assert not review.playback.is_playing


def test_full_screen_shows_pictures_and_controls_alone(page, window):
    window.set_full_screen(True)
    assert window.pages.key == "playback"
    assert not page.parts.timeline.isVisible()
    assert not page.parts.gallery.isVisible()
    assert page.parts.transport.isVisible()
    window.set_full_screen(False)
    assert page.parts.timeline.isVisible()


def test_the_pictures_menu_names_what_can_be_done(page):
    page.parts.players.menu_wanted.emit("Camera_1", page.mapToGlobal(page.rect().center()))
    menu = next(each for each in page.findChildren(QMenu) if each.isVisible())
    told = {action.text() for action in menu.actions()}
    menu.close()
    assert {"Snapshot", "Export…", "Archive", "Delete…", "Export from here"} <= told
