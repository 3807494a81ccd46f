"""The list of cameras: what it shows, and what is done in it with keys and mouse."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QWidget

from tests.support.stand_in import camera, picture
from vms_desktop.core.base.errors import Problem
from vms_desktop.core.base.status import CameraState
from vms_desktop.core.library.disk_use import DiskUse
from vms_desktop.ui.cameras.bars import SelectionBar
from vms_desktop.ui.cameras.list_model import Column, Role
from vms_desktop.ui.cameras.list_view import Place
from vms_desktop.ui.cameras.page import CamerasPage
from vms_desktop.ui.cameras.row_pictures import AGAIN, AT_ONCE, PATIENCE, RowPictures
from vms_desktop.ui.widgets.text_search import folded_text
from vms_desktop.workers.camera.parts import Notice, NoticeKind

NAMES = ("Yard", "Entrée", "Garage", "Attic")


def selected_ids(page: CamerasPage) -> list[str]:
    rows = sorted(index.row() for index in page.view.selectionModel().selectedRows())
    return [page.view.model().index(row, 0).data(Role.ROW).id for row in rows]


def selection_bar(page: CamerasPage) -> SelectionBar:
    (found,) = page.findChildren(SelectionBar)
    return found


def texts_of(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel)]


@pytest.fixture
def page(fleet, open_window):
    """The page with four cameras: Yard, Entrée, Garage, Attic."""
    fleet.replace_cameras(tuple(camera(n + 1, name=name) for n, name in enumerate(NAMES)))
    window = open_window(page="cameras", width=1600)
    return window.pages.current


def names(page) -> list[str]:
    model = page.view.model()
    return [model.index(row, 0).data(Role.ROW).name for row in range(model.rowCount())]


def text(page, row: int, column: Column) -> str:
    return page.view.model().index(row, column).data()


def go_to(page, current: int, column: int = Column.NAME, *selected: int) -> None:
    ids = frozenset(f"cam{number}" for number in selected)
    page.view.go_to(Place(ids, f"cam{current}", column))
    page.view.setFocus()


def cell(page, row: int, column: Column) -> QPoint:
    return page.view.visualRect(page.view.model().index(row, column)).center()


def click(page, at: QPoint, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseClick(page.view.viewport(), Qt.MouseButton.LeftButton, modifier, at)


def switch_at(page, row: int, column: Column) -> QPoint:
    area = page.view.visualRect(page.view.model().index(row, column))
    return QPoint(area.x() + 20, area.center().y())


def saves(fleet) -> list[tuple]:
    return [order[1] for order in fleet.orders if order[0] == "save"]


def test_cameras_are_listed_in_the_files_order_with_their_state(fleet, page):
    fleet.become("cam2", CameraState.RECORDING)
    fleet.become("cam3", CameraState.STREAM_LOST, problem=Problem.TIMED_OUT, detail="10.0.0.7")
    assert names(page) == list(NAMES)
    assert [text(page, row, Column.STATE) for row in range(3)] == [
        "Live",
        "Recording",
        "Stream lost",
    ]
    said = page.view.model().index(2, Column.NAME).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Garage, Connection timed out (10.0.0.7)"


@pytest.mark.parametrize(
    "days, words", [(0, "For ever"), (1, "1 day"), (30, "30 days"), (1.5, "1.5 days")]
)
def test_how_long_recordings_are_kept_is_told_in_words(fleet, page, days, words):
    fleet.replace_cameras((camera(1, retention_days=days),))
    assert text(page, 0, Column.KEEPS) == words


def test_disk_use_is_shown_once_it_is_counted_against_the_largest(fleet, page):
    assert text(page, 0, Column.DISK) == "…"
    assert ("count",) in fleet.orders
    fleet.catalogue.disk_use = {
        "cam1": DiskUse(40_000_000_000, 900, 0, 0),
        "cam2": DiskUse(10_000_000_000, 300, 1_100_000_000, 4),
    }
    fleet.catalogue.disk_use_changed.emit(fleet.catalogue.disk_use)
    assert [text(page, row, Column.DISK) for row in range(3)] == ["40 GB", "10 GB", "…"]
    assert [text(page, row, Column.ARCHIVES) for row in range(3)] == ["—", "1.1 GB", "…"]
    shares = [page.view.model().index(row, 0).data(Role.ROW).share for row in range(3)]
    assert shares == [1.0, 0.25, 0.0]


def test_no_address_is_shown_or_said(fleet, page):
    model = page.view.model()
    roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
    for role in (*roles, Qt.ItemDataRole.AccessibleTextRole):
        shown = [model.index(0, column).data(role) for column in Column]
        assert not any("rtsp" in str(each) for each in shown)


def test_the_numbers_stand_beside_the_title(fleet, page):
    fleet.replace_cameras((camera(1), camera(2, is_active=False)))
    assert "2 cameras · 1 active" in texts_of(page.bar)


@pytest.mark.parametrize(
    "column, key",
    [
        (Column.ACTIVE, "is_active"),
        (Column.RECORDING, "is_recording_enabled"),
        (Column.DETECTION, "show_detection"),
    ],
)
def test_a_switch_acts_at_once_on_its_camera_alone(fleet, page, column, key):
    go_to(page, 1, Column.NAME, 1, 2)
    click(page, switch_at(page, 2, column))
    (cameras,) = saves(fleet)
    assert [getattr(each, key) for each in cameras] == [True, True, False, True]
    click(page, switch_at(page, 2, column))
    assert getattr(fleet.cameras()[2], key)


def test_a_click_beside_the_switch_flips_nothing(fleet, page):
    area = page.view.visualRect(page.view.model().index(0, Column.ACTIVE))
    click(page, QPoint(area.right() - 4, area.center().y()))
    assert saves(fleet) == []


def test_space_flips_the_switch_of_the_cell_and_of_all_selected_rows(fleet, page):
    go_to(page, 2, Column.RECORDING)
    QTest.keyClick(page.view, Qt.Key.Key_Space)
    assert [each.is_recording_enabled for each in fleet.cameras()] == [True, False, True, True]
    go_to(page, 3, Column.RECORDING, 1, 3)
    QTest.keyClick(page.view, Qt.Key.Key_Space)
    assert [each.is_recording_enabled for each in fleet.cameras()] == [False, False, False, True]


def test_several_selected_cameras_have_switches_of_their_own(fleet, page):
    fleet.replace_cameras((camera(1), camera(2, is_recording_enabled=False), camera(3)))
    assert not selection_bar(page).isVisible()
    go_to(page, 1, Column.NAME, 1, 2)
    assert selection_bar(page).isVisible()
    assert "2 selected" in texts_of(selection_bar(page))
    switches = {
        key: selection_bar(page).switch(key) for key in ("is_active", "is_recording_enabled")
    }
    assert switches["is_active"].checkState() is Qt.CheckState.Checked
    assert switches["is_recording_enabled"].checkState() is Qt.CheckState.PartiallyChecked
    switches["is_recording_enabled"].click()
    assert all(each.is_recording_enabled for each in fleet.cameras())
    switches["is_active"].click()
    assert [each.is_active for each in fleet.cameras()] == [False, False, True]
    assert len(selected_ids(page)) == 2


def test_rows_are_selected_with_ctrl_shift_and_all_at_once(page):
    click(page, cell(page, 0, Column.NAME))
    click(page, cell(page, 2, Column.NAME), Qt.KeyboardModifier.ControlModifier)
    assert selected_ids(page) == ["cam1", "cam3"]
    click(page, cell(page, 1, Column.NAME))
    click(page, cell(page, 3, Column.NAME), Qt.KeyboardModifier.ShiftModifier)
    assert selected_ids(page) == ["cam2", "cam3", "cam4"]
    QTest.keyClick(page.view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(selected_ids(page)) == 4


@pytest.mark.parametrize(
    "typed, found",
    [
        ("entree", ["Entrée"]),
        ("GAR", ["Garage"]),
        ("live ar", ["Yard", "Garage"]),
        ("lost", ["Attic"]),
        ("", list(NAMES)),
        ("nothing at all", []),
    ],
)
def test_what_is_typed_is_searched_for_in_names_and_states(fleet, page, typed, found):
    fleet.become("cam4", CameraState.STREAM_LOST)
    go_to(page, 1)
    QTest.keyClicks(page.view, typed[:1])
    QTest.keyClicks(page.bar.search, typed[1:])
    assert names(page) == found
    assert page.view.isVisible() is bool(found)
    assert page.findChildren(QLabel, "nothingFound")[0].isVisible() is not bool(found)


def test_escape_ends_the_search_and_then_the_selection(page, qtbot):
    page.bar.search.setText("garage")
    page.view.selectAll()
    assert page.go_back()
    assert names(page) == list(NAMES)
    assert page.go_back()
    assert selected_ids(page) == []
    assert not page.go_back()


def test_case_and_accents_do_not_matter():
    assert folded_text("ÉCURIE Straße") == "ecurie strasse"


@pytest.mark.parametrize(
    "column, order",
    [
        (Column.NAME, ["Attic", "Entrée", "Garage", "Yard"]),
        (Column.STATE, ["Yard", "Garage", "Attic", "Entrée"]),
        (Column.ACTIVE, ["Attic", "Entrée", "Yard", "Garage"]),
        (Column.DISK, ["Attic", "Entrée", "Garage", "Yard"]),
        (Column.KEEPS, ["Garage", "Attic", "Entrée", "Yard"]),
    ],
)
def test_a_click_on_a_title_sorts_and_the_third_brings_back_the_own_order(
    fleet, page, column, order
):
    fleet.replace_cameras(
        tuple(
            camera(
                n + 1,
                name=name,
                is_active=n != 2,
                retention_days=0 if n == 0 else 30 - 5 * (n == 2),
            )
            for n, name in enumerate(NAMES)
        )
    )
    fleet.become("cam4", CameraState.RECORDING)
    fleet.become("cam3", CameraState.MOTION)
    fleet.become("cam2", CameraState.STREAM_LOST)
    fleet.catalogue.disk_use = {"cam1": DiskUse(20, 1, 0, 0), "cam3": DiskUse(10, 1, 0, 0)}
    fleet.catalogue.disk_use_changed.emit(fleet.catalogue.disk_use)
    header = page.view.horizontalHeader()
    at = QPoint(header.sectionViewportPosition(column) + 10, 20)
    seen = []
    for _ in range(3):
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
        seen.append(names(page))
    assert seen == [order, order[::-1], list(NAMES)]


def test_alt_and_an_arrow_move_the_selected_cameras(fleet, page, window_keys):
    go_to(page, 2, Column.NAME, 2, 3)
    window_keys(Qt.Key.Key_Up)
    assert names(page) == ["Entrée", "Garage", "Yard", "Attic"]
    window_keys(Qt.Key.Key_Up)
    assert len(saves(fleet)) == 1
    window_keys(Qt.Key.Key_Down)
    window_keys(Qt.Key.Key_Down)
    assert names(page) == ["Yard", "Attic", "Entrée", "Garage"]
    assert selected_ids(page) == ["cam2", "cam3"]


@pytest.fixture
def window_keys(page):
    """Presses Alt and a key where the focus is."""
    return lambda key: QTest.keyClick(page.view, key, Qt.KeyboardModifier.AltModifier)


def test_rows_are_dragged_to_another_place(fleet, page):
    view = page.view.viewport()
    start, target = cell(page, 0, Column.NAME), cell(page, 2, Column.NAME) + QPoint(0, 25)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view, start + QPoint(0, 30))
    QTest.mouseMove(view, target)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=target)
    assert names(page) == ["Entrée", "Garage", "Yard", "Attic"]
    assert [each.id for each in saves(fleet)[0]] == ["cam2", "cam3", "cam1", "cam4"]


def test_a_list_that_is_sorted_or_searched_keeps_its_order(fleet, page):
    page.view.horizontalHeader().setSortIndicator(Column.NAME, Qt.SortOrder.AscendingOrder)
    go_to(page, 1, Column.NAME, 1)
    assert not page._actions.move_up.isEnabled()
    page.view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
    assert page._actions.move_up.isEnabled()
    page.bar.search.setText("a")
    assert not page._actions.move_up.isEnabled()


def refuse(fleet) -> None:
    args = {"id": "bad", "name": "Cellar", "field": "url_sd", "reason": "bad_address"}
    fleet.notice.emit(Notice(NoticeKind.CAMERA_INVALID, args))
    fleet.replace_cameras(fleet.cameras())


def test_an_entry_that_was_refused_is_listed_with_its_reason(fleet, page):
    refuse(fleet)
    assert names(page) == [*NAMES, "Cellar"]
    said = page.view.model().index(4, Column.NAME).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Cellar, “Live stream (SD)” is not a valid address"
    click(page, switch_at(page, 4, Column.ACTIVE))
    assert saves(fleet) == []
    fleet.replace_cameras(fleet.cameras())
    assert names(page) == list(NAMES)


def test_the_menu_of_a_row_holds_what_can_be_done_with_it(fleet, page, qtbot):
    area = page.view.visualRect(page.view.model().index(1, Column.BUTTONS))
    click(page, QPoint(area.right() - 20, area.center().y()))
    menu = next(each for each in page.findChildren(QMenu) if each.isVisible())
    actions = {action.text(): action for action in menu.actions() if action.text()}
    assert list(actions) == [
        "Edit…",
        "Duplicate…",
        "Play back",
        "Active",
        "Recording",
        "Show detection",
        "Move up",
        "Move down",
        "Export cameras…",
        "Delete…",
    ]
    actions["Recording"].trigger()
    menu.close()
    assert not fleet.cameras()[1].is_recording_enabled


def test_only_rows_that_are_seen_ask_for_small_pictures_and_few_at_a_time(fleet, page):
    fleet.replace_cameras(tuple(camera(number) for number in range(1, 41)))
    for number in range(1, 41):
        fleet.become(f"cam{number}", CameraState.LIVE)
    seen = page.view.seen_ids()
    assert 4 < len(seen) < 20
    asked = []
    for _ in range(20):
        page.findChildren(RowPictures)[0].look()
        waiting = [key for key, viewport in fleet.viewports.items() if viewport]
        assert len(waiting) <= AT_ONCE
        asked += [key for key in waiting if key not in asked]
        for key in waiting:
            viewport = fleet.viewports[key]
            fleet.pictures(key).put(picture(viewport.width, viewport.height))
    assert sorted(asked) == sorted(seen)
    assert all(viewport is None for viewport in fleet.viewports.values())


def test_a_picture_is_asked_for_again_and_a_silent_camera_is_let_go(fleet, page):
    for number in range(2, 5):
        fleet.become(f"cam{number}", CameraState.STREAM_LOST)
    wanted = []
    for _ in range(PATIENCE + AGAIN + 5):
        page.findChildren(RowPictures)[0].look()
        wanted.append(fleet.viewports.get("cam1") is not None)
    assert wanted[0]
    assert not all(wanted[: PATIENCE + 5])
    assert wanted[-1]
    assert fleet.viewports.get("cam2") is None


def test_a_picture_that_is_old_is_not_taken_for_a_new_one(fleet, page):
    fleet.pictures("cam1").put(picture(value=10))
    page.findChildren(RowPictures)[0].look()
    assert fleet.pictures("cam1").take() is None
    assert page._model.row(0).picture is None


def test_a_page_that_is_left_wants_no_picture(fleet, page):
    page.findChildren(RowPictures)[0].look()
    assert any(fleet.viewports.values())
    page.hide()
    assert not any(fleet.viewports.values())


def test_without_cameras_the_page_says_how_to_begin(fleet, page, qtbot):
    fleet.replace_cameras(())
    texts = [button.text() for button in page.findChildren(QPushButton) if button.isVisible()]
    assert texts == ["Add a camera", "Try with demo cameras"]
    with qtbot.waitSignal(page.demo_wanted):
        next(b for b in page.findChildren(QPushButton) if b.text().startswith("Try")).click()


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("width", [960, 1280, 1600])
def test_every_column_and_the_menu_fit_the_window(fleet, open_window, language, width):
    page = open_window(page="cameras", language=language, width=width).pages.current
    QApplication.processEvents()
    view = page.view
    widths = [view.columnWidth(column) for column in Column if not view.isColumnHidden(column)]
    assert sum(widths) <= view.viewport().width()
    assert not view.isColumnHidden(Column.BUTTONS)
    header = view.horizontalHeader()
    shown = [column for column in Column if not view.isColumnHidden(column)]
    assert all(header.sectionSize(each) >= header.words_px(each) for each in shown if each)


def test_a_button_of_the_row_plays_its_cameras_recordings(page, qtbot):
    area = page.view.visualRect(page.view.model().index(2, Column.BUTTONS))
    with qtbot.waitSignal(page.playback_wanted) as asked:
        click(page, QPoint(area.right() - 90, area.center().y()))
    assert asked.args == ["cam3"]


def test_the_keyboard_is_in_the_page_before_and_after_its_cameras_are_there(fleet, open_window):
    cameras = fleet.cameras()
    fleet.replace_cameras(())
    window = open_window(page="cameras")
    assert window.focusWidget().text() == "Add a camera"
    fleet.replace_cameras(cameras)
    assert window.focusWidget() is window.pages.current.view


def test_the_menu_key_opens_the_menu_of_the_row_with_the_keyboard(page):
    go_to(page, 2, Column.RECORDING)
    wanted: list[QPoint] = []
    page.view.menu_wanted.connect(wanted.append)
    QTest.keyClick(page.view, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    assert len(wanted) == 1
    assert selected_ids(page) == ["cam2"]
    assert page.view.currentIndex().column() == Column.RECORDING
