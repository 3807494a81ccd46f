"""The Archives page: what is kept, commented in place, searched, put back and deleted."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from tests.support.archive_clips import indexed
from tests.support.archives import (
    IndexStandIn,
    JobsStandIn,
    card,
    click,
    heard,
    press,
    shown,
    write,
)
from tests.support.stand_in import FleetStandIn, camera
from vms_desktop.core.base.errors import StorageProblem
from vms_desktop.core.index.index import ClipState
from vms_desktop.core.index.queries import ArchivesQuery
from vms_desktop.core.library.archive import FailedPath
from vms_desktop.ui.archives.page import ArchivesPage
from vms_desktop.ui.base.actions import Actions
from vms_desktop.ui.base.theme import DARK_THEME
from vms_desktop.ui.clips.delete_dialog import DeleteClipsDialog
from vms_desktop.workers.jobs.library_jobs import JobKind, JobResult

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def fleet(qapp, tmp_path):
    return FleetStandIn(
        (
            camera(1, id="id-Alley", name="Alley"),
            camera(2, id="id-Garage", name="Garage", is_active=False),
        ),
        tmp_path,
    )


@pytest.fixture
def clips(fleet):
    """Oldest first: two of Thursday, two of Saturday."""

    def kept(day, time, name, comment=""):
        return indexed(fleet.layout, time, day=day, camera=name, comment=comment, is_archived=True)

    return (
        kept("2026-11-19", "02:58:02", "Gone"),
        kept("2026-11-19", "03:14:27", "Garage", "Fox under the gate, again"),
        kept("2026-11-21", "09:31:40", "Alley", "Delivery van"),
        kept("2026-11-21", "16:02:11", "Alley", "Cyclist leaves parcel"),
    )


@pytest.fixture
def index(qapp):
    return IndexStandIn()


@pytest.fixture
def jobs(qapp):
    return JobsStandIn()


@pytest.fixture
def actions(qapp):
    owner = QObject()
    yield Actions(DARK_THEME, owner)
    owner.deleteLater()


@pytest.fixture
def open_page(qtbot, fleet, index, jobs, thumbnail_reader, actions):
    """Opens the page in a window of its own, with its bar above it."""
    windows = []

    def open_one() -> ArchivesPage:
        window = QWidget()
        windows.append(window)
        review = SimpleNamespace(index=index, jobs=jobs, thumbnails=thumbnail_reader)
        made = ArchivesPage(cast(Any, review), fleet, actions, DARK_THEME, window)
        column = QVBoxLayout(window)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(made.bar)
        column.addWidget(made)
        qtbot.addWidget(window)
        window.resize(1200, 900 + made.bar.height())
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        return made

    yield open_one
    windows.clear()


@pytest.fixture
def page(open_page, index, clips):
    made = open_page()
    made.enter()
    index.answer(clips)
    yield made
    made.stop()


def test_the_scroll_bar_is_seen_only_where_something_is_out_of_sight(page, clips, qtbot):
    bar = page.view.verticalScrollBar()
    place = [card(page, clip).geometry() for clip in clips]
    assert not bar.isVisible()
    page.window().resize(1200, 400)
    qtbot.waitUntil(bar.isVisible)
    assert [card(page, clip).geometry() for clip in clips] == place


def test_the_archives_are_asked_for_and_stand_by_day_newest_first(page, index):
    assert index.asked == [ArchivesQuery()]
    assert shown(page) == ["21 16:02:11", "21 09:31:40", "19 03:14:27", "19 02:58:02"]
    headings = [label.text() for label in page.view.findChildren(QLabel, "archivesDay")]
    assert headings == ["Saturday 21 November 2026", "Thursday 19 November 2026"]
    told = [label.text() for label in page.bar.findChildren(QLabel)]
    assert told == ["Archives", "4 clips · 80 MB, kept until you delete them"]


def seen_words(page: ArchivesPage) -> list[str]:
    return [label.text() for label in page.findChildren(QLabel) if label.isVisible()]


def test_an_empty_page_says_what_it_is_for(page, index):
    index.indexer.library_changed.emit(None)
    index.answer(())
    words = seen_words(page)
    assert "Nothing is archived yet" in words
    assert not page.cameras.isVisible()


def test_what_changes_in_the_library_is_seen(page, index, clips):
    index.indexer.library_changed.emit(frozenset({("Alley", None)}))
    index.answer(clips[:2])
    assert shown(page) == ["19 03:14:27", "19 02:58:02"]


def test_a_page_that_is_not_seen_asks_when_it_is_shown_again(page, index):
    page.hide()
    index.indexer.library_changed.emit(frozenset())
    assert len(index.asked) == 1
    page.show()
    page.enter()
    assert len(index.asked) == 2


def test_an_answer_to_an_older_question_is_passed_over(page, index):
    index.indexer.library_changed.emit(None)
    index.answered.emit(1, ())
    assert len(shown(page)) == 4


def test_cameras_are_listed_with_their_clips_and_can_be_hidden(page, clips):
    checks = page.cameras.findChildren(QWidget, options=Qt.FindChildOption.FindChildrenRecursively)
    names = [each.text() for each in checks if hasattr(each, "isChecked")]
    assert names == ["Alley", "Garage (inactive)", "Gone (deleted)"]
    page.cameras.check("Alley").click()
    assert shown(page) == ["19 03:14:27", "19 02:58:02"]
    page.cameras.check("Garage").click()
    page.cameras.check("Gone").click()
    assert "No archived clip matches." in seen_words(page)
    page.cameras.check("Alley").click()
    assert len(shown(page)) == 2


def test_esc_clears_the_search_and_then_the_selection(page, clips):
    click(page, clips[3])
    page.bar.search.setText("cyclist")
    assert shown(page) == ["21 16:02:11"]
    assert page.go_back()
    assert len(shown(page)) == 4
    assert page.go_back()
    assert page.view.selected() == ()
    assert not page.go_back()


def test_a_comment_is_saved_when_the_field_is_left(page, jobs, clips):
    write(page, clips[3], "Parcel stolen")
    assert jobs.orders == []
    card(page, clips[3]).picture.setFocus()
    assert jobs.orders == [("comment", clips[3].path, "Parcel stolen")]


def test_ctrl_enter_saves_and_esc_brings_the_old_comment_back(page, jobs, clips):
    write(page, clips[3], "First")
    QTest.keyClick(card(page, clips[3]).comment, Qt.Key.Key_Return, CTRL)
    write(page, clips[3], "Second")
    QTest.keyClick(card(page, clips[3]).comment, Qt.Key.Key_Escape)
    card(page, clips[3]).picture.setFocus()
    assert jobs.orders == [("comment", clips[3].path, "First")]
    assert card(page, clips[3]).comment.text() == "First"


def test_a_comment_that_is_left_as_it_was_is_not_saved(page, jobs, clips):
    write(page, clips[3], clips[3].comment)
    card(page, clips[3]).picture.setFocus()
    assert jobs.orders == []


def test_a_comment_that_could_not_be_saved_gives_way_to_the_old_one_with_a_notice(
    page, jobs, clips
):
    told = heard(page.told)
    write(page, clips[3], "New")
    card(page, clips[3]).picture.setFocus()
    jobs.finish(JobKind.COMMENT, failed=(FailedPath(clips[3].path, StorageProblem.READ_ONLY),))
    assert card(page, clips[3]).comment.text() == "Cyclist leaves parcel"
    assert "Disk is read-only" in told[0].text
    page.bar.search.setText("cyclist")
    assert len(shown(page)) == 1


def test_what_was_written_since_a_failure_stays(page, jobs, clips):
    write(page, clips[3], "New")
    card(page, clips[3]).picture.setFocus()
    write(page, clips[3], "Newer")
    jobs.finish(JobKind.COMMENT, failed=(FailedPath(clips[3].path, StorageProblem.FULL),))
    assert card(page, clips[3]).comment.text() == "Newer"


def test_an_index_that_has_not_heard_of_a_comment_does_not_bring_the_old_one_back(
    page, index, jobs, clips
):
    write(page, clips[3], "New")
    card(page, clips[3]).picture.setFocus()
    jobs.finish(JobKind.COMMENT, done=(clips[3].path,))
    index.indexer.library_changed.emit(None)
    index.answer(clips)
    assert card(page, clips[3]).comment.text() == "New"
    index.indexer.library_changed.emit(None)
    index.answer((*clips[:3], replace(clips[3], comment="New")))
    index.indexer.library_changed.emit(None)
    index.answer((*clips[:3], replace(clips[3], comment="By hand")))
    assert card(page, clips[3]).comment.text() == "By hand"


def test_news_of_the_library_do_not_disturb_who_is_writing(page, index, clips):
    write(page, clips[3], "Half a sen")
    index.indexer.library_changed.emit(None)
    index.answer((*clips[1:3], replace(clips[3], comment="Other", size_bytes=1)))
    assert card(page, clips[3]).comment.text() == "Half a sen"
    assert card(page, clips[3]).comment.hasFocus()


def test_what_is_being_written_is_saved_when_the_page_closes(page, jobs, clips, qtbot):
    write(page, clips[3], "Last words")
    page.view.save_comments()
    assert jobs.orders == [("comment", clips[3].path, "Last words")]


def test_play_export_and_a_double_click_are_told(page, clips):
    played, exported = heard(page.play_wanted), heard(page.export_wanted)
    card(page, clips[3])._play.click()
    QTest.mouseDClick(card(page, clips[2]).picture, Qt.MouseButton.LeftButton)
    press(page, clips[1], Qt.Key.Key_Return)
    card(page, clips[3])._export.click()
    assert played == [clips[3], clips[2], clips[1]]
    assert exported == [(clips[3],)]


def test_an_unreadable_clip_is_neither_played_nor_exported(page, index, clips):
    index.indexer.library_changed.emit(None)
    index.answer((replace(clips[0], state=ClipState.UNREADABLE),))
    played = heard(page.play_wanted)
    press(page, clips[0], Qt.Key.Key_Return)
    assert played == []
    assert not card(page, clips[0])._export.isEnabled()


def test_clips_are_selected_with_ctrl_shift_space_and_all_at_once(page, clips):
    def chosen() -> list[Path]:
        return [clip.path for clip in page.view.selected()]

    click(page, clips[3])
    click(page, clips[1], CTRL)
    assert chosen() == [clips[3].path, clips[1].path]
    click(page, clips[2])
    click(page, clips[0], SHIFT)
    assert chosen() == [clip.path for clip in (clips[2], clips[1], clips[0])]
    press(page, clips[1], Qt.Key.Key_Space)
    assert chosen() == [clips[2].path, clips[0].path]
    press(page, clips[1], Qt.Key.Key_A, CTRL)
    assert len(chosen()) == 4
    assert "selected" in card(page, clips[1]).picture.accessibleName()


def test_export_selected_is_offered_once_something_is(page, clips):
    exported = heard(page.export_wanted)
    assert not page.bar.export.isEnabled()
    click(page, clips[3])
    click(page, clips[2], CTRL)
    page.bar.export.click()
    assert exported == [(clips[3], clips[2])]


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def test_arrows_lead_from_card_to_card(page, clips):
    page.view.go_to(clips[3].path)
    passed = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up):
        QTest.keyClick(focused(), key)
        passed.append(focused())
    wanted = (clips[2], clips[0], clips[1], clips[3])
    assert passed == [card(page, clip).picture for clip in wanted]


def test_tab_leads_through_a_card_and_on_to_the_next(page, clips):
    page.view.go_to(clips[3].path)
    stops = [*card(page, clips[3]).tab_stops()[1:], card(page, clips[2]).picture]
    for stop in stops:
        QTest.keyClick(focused(), Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is stop


def test_a_clip_is_put_back_from_its_menu(page, jobs, clips):
    told = heard(page.told)
    card(page, clips[3])._more.click()
    menu = card(page, clips[3]).findChild(QMenu)
    assert [action.text() for action in menu.actions()] == [
        "Move back to the recordings",
        "Show in folder",
        "Delete…",
    ]
    menu.actions()[0].trigger()
    menu.close()
    assert jobs.orders == [("restore", (clips[3].path,))]
    jobs.finish(JobKind.RESTORE, done=(clips[3].path,))
    assert told[0].text == "1 clip moved back to the recordings."


def test_deleting_asks_once_and_tells_which_remain(page, jobs, clips):
    told = heard(page.told)
    click(page, clips[3])
    click(page, clips[2], CTRL)
    press(page, clips[2], Qt.Key.Key_Delete)
    dialog = page.findChild(DeleteClipsDialog)
    assert jobs.orders == []
    buttons = {each.text(): each for each in dialog.findChildren(QPushButton)}
    assert "Archive instead" not in buttons
    buttons["Delete"].click()
    assert jobs.orders == [("delete", (clips[2].path, clips[3].path))]
    jobs.finish(
        JobKind.DELETE,
        done=(clips[2].path,),
        failed=(FailedPath(clips[3].path, StorageProblem.FAILING),),
        freed_bytes=20_000_000,
    )
    assert "1 clip deleted" in told[0].text
    assert "Alley 16:02:11 (Disk error)" in told[0].text


def test_the_keyboard_goes_to_the_next_card_when_one_is_deleted(page, index, clips):
    page.view.go_to(clips[3].path)
    index.indexer.library_changed.emit(None)
    index.answer(clips[:3])
    assert card(page, clips[2]).picture.hasFocus()


def test_jobs_of_others_are_not_told(page, jobs, clips):
    told = heard(page.told)
    jobs.finished.emit(99, JobResult(kind=JobKind.DELETE, done=(clips[0].path,)))
    assert told == []


def test_of_a_thousand_archived_clips_only_those_near_are_widgets(page, index, fleet):
    many = [
        indexed(fleet.layout, f"{n // 60:02}:{n % 60:02}:00", is_archived=True) for n in range(1000)
    ]
    index.indexer.library_changed.emit(None)
    index.answer(many)
    assert 6 <= len(page.view._cards) <= 30
    page.view.go_to(many[0].path)
    assert card(page, many[0]).picture.hasFocus()
    assert len(page.view._cards) <= 31


def test_search_hidden_cameras_and_selection_outlive_a_change_of_language(page, open_page, clips):
    page.cameras.check("Gone").click()
    page.bar.search.setText("alley")
    click(page, clips[3])
    other = open_page()
    other.bring_back(page.keep())
    assert (shown(other), other.cameras.hidden) == (shown(page), frozenset({"Gone"}))
    assert [clip.path for clip in other.view.selected()] == [clips[3].path]
    other.stop()


def test_what_was_not_saved_yet_and_its_failure_outlive_a_change_of_language(
    page, open_page, jobs, clips
):
    write(page, clips[3], "Last words")
    kept = page.keep()
    assert jobs.orders == [("comment", clips[3].path, "Last words")]
    other = open_page()
    other.bring_back(kept)
    told = heard(other.told)
    assert card(other, clips[3]).comment.text() == "Last words"
    jobs.finish(JobKind.COMMENT, failed=(FailedPath(clips[3].path, StorageProblem.FULL),))
    assert card(other, clips[3]).comment.text() == "Cyclist leaves parcel"
    assert len(told) == 1
    other.stop()


def test_the_search_is_an_action_that_works_once_there_is_something_to_search(
    page, index, actions, clips
):
    actions.find_archived.trigger()
    assert page.bar.search.hasFocus()
    index.indexer.library_changed.emit(None)
    index.answer(())
    assert not actions.find_archived.isEnabled()
