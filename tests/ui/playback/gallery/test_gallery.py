"""The gallery by hour: what it shows, and what mouse and keyboard do in it."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QAction, QColor, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QMenu, QPushButton, QWidget

from tests.support.archive_clips import indexed, put_thumbnail
from vms_desktop.core.index.index import ClipState
from vms_desktop.ui.base.theme import DARK_THEME
from vms_desktop.ui.clips.clip_thumbnails import ClipThumbnails
from vms_desktop.ui.playback.gallery.gallery import ClipGallery
from vms_desktop.ui.playback.gallery.model import GalleryModel, Hour, Role

TIMES = ("14:31:37", "14:24:48", "14:19:13", "13:52:04", "13:47:29", "12:20:20")


pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def clips(layout):
    """Three clips at two o'clock, two at one, one at noon."""
    return tuple(indexed(layout, each) for each in reversed(TIMES))


@pytest.fixture
def thumbnails(thumbnail_reader, layout):
    made = ClipThumbnails(thumbnail_reader, layout)
    yield made
    made.stop()


@pytest.fixture
def show(qtbot, thumbnails, clips):
    def show_one(*, compact: bool = False, width: int = 900) -> ClipGallery:
        gallery = ClipGallery(DARK_THEME, thumbnails, compact=compact)
        qtbot.addWidget(gallery)
        gallery.resize(width, 700)
        gallery.set_clips(clips)
        with qtbot.waitExposed(gallery):
            gallery.show()
        return gallery

    return show_one


@pytest.fixture
def wide(show) -> ClipGallery:
    return show()


@pytest.fixture
def compact(show) -> ClipGallery:
    return show(compact=True, width=290)


def shown(gallery: ClipGallery) -> list[str]:
    """Every row in a few letters: `14 (3)` for a heading, else the clip's time."""
    rows = [index_of(gallery, n).data(Role.ROW) for n in range(gallery.view.model().rowCount())]
    return [
        f"{row.title[:2]} ({len(row.clips)})" if isinstance(row, Hour) else f"{row.start_at:%T}"
        for row in rows
    ]


def said(gallery: QWidget) -> list[str]:
    """All the words that labels show in it."""
    return [each.text() for each in gallery.findChildren(QLabel) if each.isVisible()]


def bar(gallery: ClipGallery) -> QWidget:
    """What tells of the selection."""
    found = gallery.findChild(QWidget, "selectionBar")
    assert found is not None
    return found


def action(gallery: ClipGallery, words: str) -> QAction:
    return next(each for each in gallery.findChildren(QAction) if each.text() == words)


def index_of(gallery: ClipGallery, number: int) -> QModelIndex:
    return gallery.view.model().index(number, 0)


def index_of_clip(gallery: ClipGallery, path: Path) -> QModelIndex:
    model = gallery.view.model()
    assert isinstance(model, GalleryModel)
    return model.find(path)


def place_of(gallery: ClipGallery, number: int) -> QRect:
    return gallery.view.visualRect(index_of(gallery, number))


def click(gallery, at: QPoint, modifier=Qt.KeyboardModifier.NoModifier, *, twice: bool = False):
    act = QTest.mouseDClick if twice else QTest.mouseClick
    act(gallery.view.viewport(), Qt.MouseButton.LeftButton, modifier, at)


def press(gallery, key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(gallery.view, key, modifier)


def go_to(gallery, number: int) -> None:
    gallery.view.setFocus()
    gallery.view.setCurrentIndex(index_of(gallery, number))


def heard(signal) -> list:
    got: list = []
    signal.connect(got.append)
    return got


def times(clips) -> list[str]:
    return [f"{clip.start_at:%T}" for clip in clips]


def test_clips_stand_under_their_hour_newest_first(wide):
    assert shown(wide) == ["14 (3)", *TIMES[:3], "13 (2)", *TIMES[3:5], "12 (1)", TIMES[5]]


@pytest.mark.parametrize("width, columns", [(290, 2), (420, 3)])
def test_the_side_panel_fills_its_width_with_pictures(show, width, columns):
    gallery = show(compact=True, width=width)
    tops = [place_of(gallery, number).y() for number in (1, 2, 3)]
    assert tops.count(tops[0]) == columns
    assert place_of(gallery, 0).width() > 0.85 * width


def test_numbers_stand_beside_the_title_and_on_the_pictures(wide):
    assert "6 clips · 120 MB" in said(wide)
    assert index_of(wide, 1).data() == "14:31:37 · 0:44"


@pytest.mark.parametrize(
    "fields, words",
    [
        ({}, "14:24:48, 44 seconds, Alley"),
        ({"seconds": 3723, "camera": "Yard"}, "14:24:48, 1 hour 2 minutes 3 seconds, Yard"),
        ({"is_archived": True}, "14:24:48, 44 seconds, Alley, archived"),
        ({"seconds": 0, "state": ClipState.UNREADABLE}, "14:24:48, Alley, cannot be played"),
    ],
)
def test_a_clip_is_said_in_words(wide, layout, fields, words):
    wide.set_clips((indexed(layout, "14:24:48", **fields),))
    assert index_of(wide, 1).data(Qt.ItemDataRole.AccessibleTextRole) == words


def test_the_title_has_room_for_the_number_alone_in_a_narrow_panel(show):
    assert "6 clips" in said(show(compact=True, width=175))
    assert "6 clips · 120 MB" in said(show(compact=True, width=290))


def test_a_click_on_its_heading_closes_an_hour_and_another_opens_it(wide):
    click(wide, place_of(wide, 0).topLeft() + QPoint(30, 15))
    assert shown(wide) == ["14 (3)", "13 (2)", *TIMES[3:5], "12 (1)", TIMES[5]]
    click(wide, place_of(wide, 0).topLeft() + QPoint(30, 15))
    assert shown(wide)[:2] == ["14 (3)", TIMES[0]]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_an_hour_is_closed_by_keyboard(wide, key):
    go_to(wide, 0)
    press(wide, key)
    assert shown(wide)[:2] == ["14 (3)", "13 (2)"]
    press(wide, key)
    assert shown(wide)[1] == TIMES[0]


def test_an_hour_is_deleted_from_its_heading_without_what_is_archived(wide, clips, layout):
    kept = indexed(layout, "14:50:00", is_archived=True)
    wide.set_clips((*clips, kept))
    wanted = heard(wide.delete_wanted)
    area = place_of(wide, 0)
    click(wide, wide.view.itemDelegate().delete_place(area).center())
    go_to(wide, 0)
    press(wide, Qt.Key.Key_Delete)
    assert [times(each) for each in wanted] == [list(TIMES[:3])] * 2


def test_an_hour_of_archived_clips_offers_no_deleting(wide, layout):
    wide.set_clips((indexed(layout, "14:50:00", is_archived=True),))
    wanted = heard(wide.delete_wanted)
    click(wide, wide.view.itemDelegate().delete_place(place_of(wide, 0)).center())
    assert wanted == []


def test_in_the_side_panel_a_click_plays(compact):
    compact.view.clearFocus()
    played = heard(compact.clip_activated)
    click(compact, place_of(compact, 2).center())
    assert times(played) == [TIMES[1]]
    assert times(compact.selected()) == [TIMES[1]]
    assert not compact.view.hasFocus()


def test_in_the_wide_gallery_a_click_selects_and_two_play(wide):
    played = heard(wide.clip_activated)
    click(wide, place_of(wide, 2).center())
    assert (times(wide.selected()), played) == ([TIMES[1]], [])
    click(wide, place_of(wide, 2).center(), twice=True)
    assert times(played) == [TIMES[1]]


def test_enter_plays_and_del_asks_for_deleting(wide):
    played, wanted = heard(wide.clip_activated), heard(wide.delete_wanted)
    go_to(wide, 1)
    press(wide, Qt.Key.Key_Return)
    press(wide, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    press(wide, Qt.Key.Key_Delete)
    assert times(played) == [TIMES[0]]
    assert [times(each) for each in wanted] == [list(TIMES[:2])]


def test_arrows_lead_through_pictures_and_headings(wide):
    go_to(wide, 0)
    passed = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down):
        press(wide, key)
        passed.append(wide.view.currentIndex().row())
    assert passed[:3] == [1, 2, 4]
    assert passed[3] in (5, 6)


def test_space_selects_and_ctrl_a_selects_all_clips_but_no_heading(wide):
    go_to(wide, 1)
    press(wide, Qt.Key.Key_Space)
    assert wide.selected() == ()
    press(wide, Qt.Key.Key_Space)
    assert times(wide.selected()) == [TIMES[0]]
    press(wide, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert times(wide.selected()) == list(TIMES)


@pytest.mark.parametrize(
    "key, taken",
    [
        (Qt.Key.Key_Left, True),
        (Qt.Key.Key_Delete, True),
        (Qt.Key.Key_Space, True),
        (Qt.Key.Key_M, False),
    ],
)
def test_keys_of_the_list_are_not_taken_away_by_shortcuts(wide, key, taken):
    go_to(wide, 2)
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    QApplication.sendEvent(wide.view, event)
    assert event.isAccepted() is taken


def test_in_the_side_panel_space_is_left_to_the_player(compact):
    go_to(compact, 2)
    none = Qt.KeyboardModifier.NoModifier
    event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Space, none)
    event.ignore()
    QApplication.sendEvent(compact.view, event)
    assert not event.isAccepted()


def test_the_bar_says_what_is_selected_and_offers_what_can_be_done(wide, layout, clips):
    assert not bar(wide).isVisible()
    wide.view.selectAll()
    assert said(bar(wide)) == ["6 selected · 120 MB"]
    archived, exported = heard(wide.archive_wanted), heard(wide.export_wanted)
    action(wide, "Archive").trigger()
    action(wide, "Export…").trigger()
    assert [len(archived[0]), len(exported[0])] == [6, 6]
    wide.clear_selection()
    assert not bar(wide).isVisible()


def test_what_is_archived_is_not_archived_again(wide, layout, clips):
    wide.set_clips((*clips, indexed(layout, "15:00:00", is_archived=True)))
    wanted = heard(wide.archive_wanted)
    wide.view.selectAll()
    action(wide, "Archive").trigger()
    assert len(wanted[0]) == 6
    wide.view.select(wide.selected()[0].path)
    assert not action(wide, "Archive").isEnabled()


def test_an_unreadable_clip_can_be_deleted_but_not_played(wide, layout):
    wide.set_clips((indexed(layout, "14:00:00", seconds=0, state=ClipState.UNREADABLE),))
    played, wanted = heard(wide.clip_activated), heard(wide.delete_wanted)
    go_to(wide, 1)
    press(wide, Qt.Key.Key_Return)
    press(wide, Qt.Key.Key_Delete)
    assert (played, len(wanted)) == ([], 1)
    can = [action(wide, words).isEnabled() for words in ("Play", "Export…", "Show in folder")]
    assert can == [False, False, True]
    assert "cannot be played" in index_of(wide, 1).data(Qt.ItemDataRole.ToolTipRole)


def test_the_wide_gallery_filters_and_says_so_when_nothing_is_left(wide):
    boxes = {box.accessibleName(): box for box in wide.findChildren(QComboBox)}
    show_all = next(b for b in wide.findChildren(QPushButton) if b.text() == "Show all")
    boxes["Least length"].setCurrentIndex(4)
    assert shown(wide) == []
    assert show_all.isVisible()
    show_all.click()
    assert len(shown(wide)) == 9
    wide.set_clips(())
    assert any("Nothing was recorded" in words for words in said(wide))
    assert not show_all.isVisible()


def test_a_new_clip_leaves_selection_and_closed_hours_as_they_were(wide, layout, clips):
    click(wide, place_of(wide, 4).topLeft() + QPoint(30, 15))
    wide.view.select(clips[-2].path)
    wide.set_clips((*clips, indexed(layout, "15:00:00")))
    assert shown(wide)[:7] == ["15 (1)", "15:00:00", "14 (3)", *TIMES[:3], "13 (2)"]
    assert shown(wide)[7] == "12 (1)"
    assert times(wide.selected()) == [TIMES[1]]


def test_a_new_clip_does_not_move_what_is_in_sight(show, layout):
    gallery = show(compact=True, width=290)
    many = tuple(indexed(layout, f"{n // 60:02}:{n % 60:02}:00") for n in range(0, 900, 5))
    gallery.set_clips(many)
    gallery.view.grab()
    gallery.view.verticalScrollBar().setValue(1234)
    middle = QPoint(60, 200)
    before = gallery.view.indexAt(middle).data(Role.ROW)
    gallery.set_clips((*many, indexed(layout, "23:00:00")))
    assert gallery.view.indexAt(middle).data(Role.ROW) == before


def test_a_deleted_clip_is_no_longer_selected(wide, clips):
    wide.view.selectAll()
    told = heard(wide.selection_changed)
    wide.set_clips(clips[:-1])
    assert len(told[-1]) == 5


def test_the_clip_in_the_player_is_outlined_and_brought_into_sight(show, layout):
    gallery = show(compact=True, width=290)
    many = tuple(indexed(layout, f"{n // 60:02}:{n % 60:02}:00") for n in range(0, 900, 5))
    gallery.set_clips(many)
    played = heard(gallery.clip_activated)
    gallery.set_current(many[0].path)
    index = index_of_clip(gallery, many[0].path)
    area = gallery.view.visualRect(index)
    assert gallery.view.viewport().rect().contains(area)
    assert played == []
    edge = area.topLeft() + QPoint(3, area.height() // 2)
    colour = gallery.view.viewport().grab().toImage().pixelColor(edge)
    assert colour.blue() > 200
    gallery.set_current(None)
    assert gallery.view.shown_path is None


def test_a_gallery_that_was_hidden_begins_at_its_top_where_the_played_clip_is_near(
    qtbot, thumbnails, layout
):
    gallery = ClipGallery(DARK_THEME, thumbnails, compact=False)
    qtbot.addWidget(gallery)
    gallery.resize(100, 60)
    many = tuple(indexed(layout, f"{n // 60:02}:{n % 60:02}:00") for n in range(0, 900, 5))
    gallery.set_clips(many)
    gallery.set_current(many[-4].path)
    gallery.resize(900, 700)
    with qtbot.waitExposed(gallery):
        gallery.show()
    QApplication.processEvents()
    assert gallery.view.verticalScrollBar().value() == 0
    gallery.hide()
    gallery.set_current(many[0].path)
    gallery.show()
    index = index_of_clip(gallery, many[0].path)
    sight = gallery.view.viewport().rect()
    qtbot.waitUntil(lambda: sight.contains(gallery.view.visualRect(index)))


def test_a_missing_thumbnail_is_drawn_when_it_appears(wide, layout, qtbot, thumbnails):
    clip = indexed(layout, "14:00:00")
    wide.set_clips((clip,))
    middle = place_of(wide, 1).center() - QPoint(0, 40)
    assert pixel(wide, middle).red() < 240
    put_thumbnail(layout.thumbnail_path(clip.path))
    wide.set_clips((replace(clip, has_thumbnail=True),))
    with qtbot.waitSignal(thumbnails.loaded):
        wide.view.grab()
    assert pixel(wide, middle).red() > 240


def pixel(gallery, at: QPoint) -> QColor:
    return gallery.view.viewport().grab().toImage().pixelColor(at)


def test_a_thumbnail_that_cannot_be_read_leaves_a_word(wide, layout, qtbot, thumbnails):
    clip = indexed(layout, "14:00:00", has_thumbnail=True)
    path = layout.thumbnail_path(clip.path)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no picture")
    wide.set_clips((clip,))
    with qtbot.waitSignal(thumbnails.loaded):
        wide.view.grab()
    assert thumbnails.get(clip, 320).isNull()
    wide.view.grab()


def test_two_thousand_clips_are_shown_at_once_and_only_seen_thumbnails_are_read(
    wide, layout, qtbot, thumbnails
):
    many = tuple(
        indexed(layout, f"{n // 90:02}:{n % 60:02}:{n % 59:02}", has_thumbnail=True)
        for n in range(2000)
    )
    read: list[None] = []
    thumbnails.loaded.connect(lambda: read.append(None))
    began = time.perf_counter()
    wide.set_clips(many)
    wide.view.grab()
    took_s = time.perf_counter() - began
    qtbot.waitUntil(lambda: len(read) >= 6)
    assert len(read) < 60
    assert took_s < 1.0


def test_the_context_menu_offers_everything(wide):
    go_to(wide, 1)
    wide.view.menu_wanted.emit(QPoint(10, 10))
    menu = wide.findChild(QMenu)
    words = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert words == ["Play", "Archive", "Export…", "Show in folder", "Delete…"]
    menu.close()


def test_play_begins_with_the_oldest_of_those_selected(wide):
    played = heard(wide.clip_activated)
    for number in (1, 2):
        wide.view.selectionModel().select(
            index_of(wide, number), QItemSelectionModel.SelectionFlag.Select
        )
    action(wide, "Play").trigger()
    assert times(played) == [TIMES[1]]
