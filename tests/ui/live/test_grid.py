from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from tests.support.stand_in import NOON, camera, picture, status
from vms_desktop.core.base.errors import Problem, StorageProblem
from vms_desktop.core.base.picture import Box, Size
from vms_desktop.core.base.status import CameraState
from vms_desktop.ui.base.theme import DARK_THEME, Tone
from vms_desktop.ui.live.tile import STALE_S, CameraTile
from vms_desktop.ui.picture.pills import Pills

IDS = ["cam1", "cam2", "cam3", "cam4"]


@pytest.fixture
def grid(window):
    return window.page.grid


@pytest.fixture
def tile(qtbot) -> CameraTile:
    """A tile of its own, of a live camera that shows a picture."""
    made = CameraTile(camera(1), status(CameraState.LIVE), DARK_THEME, Pills())
    qtbot.addWidget(made)
    made.resize(324, 184)
    made.show_picture(picture(320, 180))
    return made


def feed(fleet, grid, camera_id: str, **fields) -> None:
    """Let a camera have a picture of the size that its tile asked for."""
    viewport = fleet.viewports[camera_id]
    fleet.pictures(camera_id).put(picture(viewport.width, viewport.height, **fields))
    grid.fetch_pictures()


def centre_colour(tile) -> QColor:
    image = tile.grab().toImage()
    return image.pixelColor(image.width() // 2, image.height() // 3)


def middle_of(widget) -> QPoint:
    return QPoint(widget.width() // 2, widget.height() // 2)


def test_every_tile_that_is_seen_tells_its_size(fleet, grid):
    for camera_id in IDS:
        tile = grid.tile(camera_id)
        viewport = fleet.viewports[camera_id]
        assert (viewport.width, viewport.height) == (tile.width() - 4, tile.height() - 4)
        assert not viewport.hd


def test_tiles_show_the_newest_picture(fleet, grid):
    feed(fleet, grid, "cam2", value=10)
    feed(fleet, grid, "cam2", value=120)
    assert centre_colour(grid.tile("cam2")) == QColor(120, 120, 120)


def test_pictures_are_fetched_while_the_window_is_seen(fleet, grid, qtbot):
    fleet.pictures("cam1").put(picture())
    qtbot.waitUntil(lambda: grid.tile("cam1").picture is not None)


def test_a_minimised_window_wants_no_picture(fleet, window):
    window.page.grid.set_window_seen(False)
    assert set(fleet.viewports.values()) == {None}
    window.page.grid.set_window_seen(True)
    assert None not in fleet.viewports.values()


def test_a_closed_window_wants_no_picture(fleet, window):
    window.close()
    assert set(fleet.viewports.values()) == {None}


def test_tiles_of_another_page_want_no_picture(fleet, open_window):
    fleet.replace_cameras(tuple(camera(number) for number in range(1, 7)))
    window = open_window(layout="2x2")
    seen = [camera_id for camera_id, viewport in fleet.viewports.items() if viewport]
    assert seen == IDS
    window.actions_.next_page.trigger()
    seen = [camera_id for camera_id, viewport in fleet.viewports.items() if viewport]
    assert seen == ["cam5", "cam6"]


def test_a_larger_window_asks_for_larger_pictures(fleet, window, qtbot):
    before = fleet.viewports["cam1"]
    window.resize(1500, 900)
    qtbot.waitUntil(lambda: fleet.viewports["cam1"].width > before.width)


def test_a_double_click_shows_a_camera_alone_in_hd_and_the_next_one_shows_all(fleet, grid, qtbot):
    tile = grid.tile("cam3")
    qtbot.mouseDClick(tile, Qt.MouseButton.LeftButton, pos=middle_of(tile))
    assert grid.shown_ids() == ["cam3"]
    assert tile.size() == grid.size()
    assert fleet.viewports["cam3"].hd
    assert fleet.viewports["cam1"] is None
    qtbot.mouseDClick(tile, Qt.MouseButton.LeftButton, pos=middle_of(tile))
    assert grid.shown_ids() == IDS
    assert not fleet.viewports["cam3"].hd


def test_escape_brings_all_cameras_back(window, qtbot):
    window.page.grid.set_alone("cam2")
    window.actions_.back.trigger()
    assert window.page.grid.shown_ids() == IDS


def test_arrows_choose_and_enter_shows_alone(window, qtbot):
    grid = window.page.grid
    grid.setFocus()
    for key, expected in [
        (Qt.Key.Key_Right, "cam1"),
        (Qt.Key.Key_Right, "cam2"),
        (Qt.Key.Key_Down, "cam4"),
        (Qt.Key.Key_Left, "cam3"),
        (Qt.Key.Key_Up, "cam1"),
    ]:
        qtbot.keyClick(grid, key)
        assert grid.chosen == expected
    window.actions_.alone.trigger()
    assert grid.alone == "cam1"


def by_shift_f10(widget) -> None:
    QTest.keyClick(widget, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)


def by_menu_key(widget) -> None:
    reason = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(widget, QContextMenuEvent(reason, QPoint(1, 1), QPoint(1, 1)))


@pytest.mark.parametrize("press", [by_shift_f10, by_menu_key])
@pytest.mark.parametrize(
    "chosen, alone, expected",
    [("cam3", None, "cam3"), (None, None, "cam1"), ("cam3", "cam2", "cam2")],
    ids=["the chosen", "the first", "the only one"],
)
def test_the_menu_keys_open_the_menu_of(window, press, chosen, alone, expected):
    grid = window.page.grid
    grid.choose(chosen)
    grid.set_alone(alone)
    asked = []
    grid.menu_wanted.connect(lambda camera_id, at: asked.append((camera_id, at)))
    press(grid)
    tile = grid.tile(expected)
    assert asked == [(expected, tile.mapToGlobal(tile.rect().center()))]
    (menu,) = window.page.findChildren(QMenu)
    menu.close()


def test_digits_choose_the_nth_camera(window):
    window.actions_.choose[2].trigger()
    assert window.page.grid.chosen == "cam3"
    window.actions_.choose[8].trigger()
    assert window.page.grid.chosen == "cam3"


def test_digits_go_on_to_another_camera_while_one_is_alone(window):
    window.page.grid.set_alone("cam1")
    window.actions_.choose[3].trigger()
    assert window.page.grid.shown_ids() == ["cam4"]


def test_a_tile_dropped_on_another_changes_places_with_it(window, saved, qtbot):
    grid = window.page.grid
    first, last = grid.tile("cam1"), grid.tile("cam4")
    place = first.geometry()
    way = last.mapTo(grid, middle_of(last)) - first.mapTo(grid, QPoint(0, 0))
    QTest.mousePress(first, Qt.MouseButton.LeftButton, pos=middle_of(first))
    QTest.mouseMove(first, way)
    QTest.mouseRelease(first, Qt.MouseButton.LeftButton, pos=way)
    assert saved[-1].order == ("cam4", "cam2", "cam3", "cam1")
    assert last.geometry() == place


def test_a_tile_dropped_beside_all_others_stays(window, saved):
    grid = window.page.grid
    first = grid.tile("cam1")
    QTest.mousePress(first, Qt.MouseButton.LeftButton, pos=middle_of(first))
    QTest.mouseMove(first, QPoint(-300, -300))
    QTest.mouseRelease(first, Qt.MouseButton.LeftButton, pos=QPoint(-300, -300))
    assert saved == []


def test_a_zoomed_tile_is_panned_and_not_carried(fleet, window, saved):
    grid = window.page.grid
    feed(fleet, grid, "cam1")
    first, other = grid.tile("cam1"), grid.tile("cam2")
    first.zoom_by(4)
    QTest.mousePress(first, Qt.MouseButton.LeftButton, pos=middle_of(first))
    QTest.mouseMove(first, other.mapTo(grid, middle_of(other)))
    QTest.mouseRelease(first, Qt.MouseButton.LeftButton, pos=middle_of(first))
    assert saved == []
    assert first.zoom.x != 0.5


def test_cameras_that_come_and_go_leave_the_others_alone(fleet, grid):
    stays = grid.tile("cam2")
    fleet.replace_cameras((camera(2, name="Renamed"), camera(9)))
    assert grid.shown_ids() == ["cam2", "cam9"]
    assert grid.tile("cam2") is stays
    assert stays.camera.name == "Renamed"
    assert fleet.viewports["cam1"] is None


def test_a_lost_camera_shows_its_last_picture_dark_and_grey(fleet, grid):
    feed(fleet, grid, "cam1", value=200)
    fleet.become("cam1", CameraState.STREAM_LOST, problem=Problem.TIMED_OUT)
    assert centre_colour(grid.tile("cam1")).red() < 100
    assert "Stream lost, Connection timed out" in grid.tile("cam1").accessibleName()


def test_a_picture_still_under_way_does_not_make_a_lost_camera_look_live(fleet, grid):
    feed(fleet, grid, "cam1", value=200)
    fleet.become("cam1", CameraState.STREAM_LOST, problem=Problem.ENDED)
    feed(fleet, grid, "cam1", value=255)
    assert centre_colour(grid.tile("cam1")).red() < 100


def test_a_camera_that_is_back_looks_live_with_its_next_picture(fleet, grid):
    feed(fleet, grid, "cam1", value=200)
    fleet.become("cam1", CameraState.STREAM_LOST, problem=Problem.ENDED)
    fleet.become("cam1", CameraState.LIVE)
    feed(fleet, grid, "cam1", value=222)
    assert centre_colour(grid.tile("cam1")) == QColor(222, 222, 222)


def test_a_live_camera_without_new_pictures_is_said_to_be_silent(fleet, grid):
    feed(fleet, grid, "cam1", value=200)
    tile = grid.tile("cam1")
    tile.grow_silent(STALE_S)
    tile.tick(NOON + timedelta(seconds=6))
    assert centre_colour(tile).red() < 100
    feed(fleet, grid, "cam1", value=200)
    assert centre_colour(tile) == QColor(200, 200, 200)


@pytest.mark.parametrize(
    "state, colour",
    [
        (CameraState.RECORDING, DARK_THEME.red),
        (CameraState.MOTION, DARK_THEME.amber),
        (CameraState.STREAM_LOST, DARK_THEME.grey),
        (CameraState.FAILED, DARK_THEME.grey),
        (CameraState.PAUSED, DARK_THEME.grey),
        (CameraState.INACTIVE, DARK_THEME.grey),
    ],
)
def test_the_border_has_the_colour_of_the_state(tile, state, colour):
    tile.set_status(status(state), NOON)
    assert tile.grab().toImage().pixelColor(50, 0).name() == colour


def test_a_live_border_is_green_in_the_background(tile):
    colour = tile.grab().toImage().pixelColor(50, 0)
    assert colour.green() > max(colour.red(), colour.blue())
    assert colour.green() < DARK_THEME.colour(Tone.GREEN).green()


def test_pills_stand_on_the_picture_where_the_bars_are_thin(tile):
    tile.resize(324, 200)
    image = tile.grab().toImage()
    assert {image.pixelColor(x, 6).name() for x in range(4, 320)} == {"#000000"}
    assert image.pixelColor(12, 20).red() < 100
    assert image.pixelColor(12, 179).red() < 100


def test_pills_stand_in_bars_that_hold_them(tile):
    tile.resize(324, 260)
    image = tile.grab().toImage()
    middle = image.height() // 2
    assert {image.pixelColor(12, y).red() for y in range(middle - 89, middle + 89)} == {200}


def test_what_a_tile_says_is_up_to_date_at_every_paint(tile):
    told = [tile.grab().toImage()]

    def now_says_something_else() -> bool:
        told.append(tile.grab().toImage())
        return told[-1] != told[-2]

    tile.set_status(status(CameraState.RECORDING, recording_since_at=NOON), NOON)
    assert now_says_something_else()
    tile.tick(NOON + timedelta(seconds=1))
    assert now_says_something_else()
    tile.set_camera(camera(1, name="Renamed"))
    assert now_says_something_else()
    tile.set_telling_stream(True)
    assert now_says_something_else()
    tile.zoom_by(2)
    assert now_says_something_else()
    assert not now_says_something_else()


@pytest.mark.parametrize("shown", [True, False])
def test_boxes_are_painted_where_show_detection_is_on(fleet, grid, shown):
    fleet.replace_cameras((camera(1, show_detection=shown),))
    feed(fleet, grid, "cam1", boxes=(Box(0.25, 0.25, 0.5, 0.5),))
    tile = grid.tile("cam1")
    image = tile.grab().toImage()
    column = [image.pixelColor(image.width() // 2, y).name() for y in range(image.height())]
    assert (DARK_THEME.amber in column) is shown


@pytest.mark.parametrize("state", CameraState)
@pytest.mark.parametrize("size", [(60, 40), (160, 90), (900, 600)])
def test_every_state_can_be_painted_at_every_size(tile, state, size):
    facts = {"problem": Problem.TIMED_OUT, "storage": StorageProblem.FULL}
    tile.set_status(status(state, **facts), NOON)
    tile.resize(*size)
    tile.set_telling_stream(True)
    tile.set_chosen(True)
    assert not tile.grab().isNull()


def test_filled_tiles_ask_for_cropped_pictures(fleet, window, saved):
    window.actions_.fill.trigger()
    assert saved[-1].fill
    assert fleet.viewports["cam1"].fill


def test_zooming_in_asks_for_more_detail(fleet, grid):
    feed(fleet, grid, "cam1", source=Size(3840, 2160))
    before = fleet.viewports["cam1"]
    grid.choose("cam1")
    grid.zoom_by(4)
    assert fleet.viewports["cam1"].width > before.width
    grid.zoom_by(0)
    assert fleet.viewports["cam1"] == before
