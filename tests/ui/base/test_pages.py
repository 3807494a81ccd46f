"""The window's pages: which is shown, which keys work on it, and what a hidden one costs."""

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QToolButton

from tests.support.stand_in import picture
from vms_desktop.cli.command_line import PAGES
from vms_desktop.core.base.status import CameraState
from vms_desktop.ui.base.pages import PageKey
from vms_desktop.ui.cameras.list_model import Column, Role
from vms_desktop.ui.cameras.list_view import Place
from vms_desktop.ui.cameras.row_pictures import RowPictures

CONTROL = Qt.KeyboardModifier.ControlModifier


def rail_buttons(window) -> dict[str, QToolButton]:
    return {button.text(): button for button in window.rail.findChildren(QToolButton)}


def test_the_rail_has_a_button_for_every_page_and_marks_the_one_shown(window):
    buttons = rail_buttons(window)
    assert list(buttons) == ["Live", "Playback", "Archives", "Cameras", "Menu"]
    buttons["Cameras"].click()
    assert window.pages.key == "cameras"
    assert [buttons[name].isChecked() for name in ("Live", "Cameras")] == [False, True]
    buttons["Cameras"].click()
    assert buttons["Cameras"].isChecked()


def test_keys_change_the_page_and_the_bar_above_it(window):
    QTest.keyClick(window, Qt.Key.Key_4, CONTROL)
    cameras = window.pages.current
    assert cameras.isVisible()
    assert cameras.bar.isVisible()
    assert not window.page.isVisible()
    assert not window.page.bar.isVisible()
    QTest.keyClick(window, Qt.Key.Key_1, CONTROL)
    assert window.page.isVisible()
    assert not cameras.bar.isVisible()


def test_the_page_is_remembered(open_window, saved):
    first = open_window()
    first.show_page(PageKey.CAMERAS)
    assert saved[-1].page == "cameras"
    assert open_window(page=saved[-1].page).pages.key == "cameras"


def test_the_command_line_knows_the_pages_by_the_same_names():
    assert tuple(PageKey) == PAGES


@pytest.mark.parametrize("unknown", ["", "playback_of_tomorrow"])
def test_a_page_that_does_not_exist_is_live(open_window, unknown):
    assert open_window(page=unknown).pages.key == "live"


def test_a_page_is_made_when_it_is_first_shown(window):
    assert len(list(window.pages)) == 1
    window.show_page(PageKey.CAMERAS)
    window.show_page(PageKey.LIVE)
    window.show_page(PageKey.CAMERAS)
    assert len(list(window.pages)) == 2


def test_live_that_is_hidden_costs_no_picture(fleet, window):
    assert None not in fleet.viewports.values()
    window.show_page(PageKey.CAMERAS)
    asked = [viewport for viewport in fleet.viewports.values() if viewport]
    assert all(viewport.width <= 200 for viewport in asked)
    window.show_page(PageKey.LIVE)
    sizes = {window.page.grid.tile(key).width() - 4 for key in fleet.viewports}
    assert {viewport.width for viewport in fleet.viewports.values()} == sizes


def test_the_list_shows_at_once_what_live_has_shown(fleet, window):
    fleet.pictures("cam2").put(picture(value=90))
    window.page.grid.fetch_pictures()
    window.show_page(PageKey.CAMERAS)
    row = window.pages.current.view.model().index(1, 0).data(Role.ROW)
    colour = row.picture.toImage().pixelColor(20, 20)
    assert (row.id, colour.red()) == ("cam2", 90)


def test_keys_of_live_do_nothing_on_another_page(fleet, window, saved):
    window.page.grid.choose("cam1")
    window.show_page(PageKey.CAMERAS)
    for key in "RPEFM5":
        QTest.keyClick(window, getattr(Qt.Key, f"Key_{key}"))
    QTest.keyClick(window, Qt.Key.Key_S, CONTROL)
    assert [order for order in fleet.orders if order[0] in ("record", "pause", "snapshot")] == []
    assert saved[-1].events_panel
    assert saved[-1].muted
    window.show_page(PageKey.LIVE)
    QTest.keyClick(window, Qt.Key.Key_R)
    assert ("record", "cam1", True) in fleet.orders


def test_full_screen_is_lives_and_another_page_ends_it(window):
    window.show_page(PageKey.CAMERAS)
    window.actions_.full_screen.trigger()
    assert window.isFullScreen()
    assert window.page.isVisible()
    window.show_page(PageKey.CAMERAS)
    assert not window.isFullScreen()
    assert window.rail.isVisible()
    assert window.pages.current.bar.isVisible()


def test_a_window_that_is_not_seen_asks_for_no_picture_on_any_page(fleet, window):
    window.show_page(PageKey.CAMERAS)
    (pictures,) = window.pages.current.findChildren(RowPictures)
    (timer,) = pictures.findChildren(QTimer)
    pictures.look()
    window.pages.set_window_seen(False)
    assert not any(fleet.viewports.values())
    assert not timer.isActive()
    window.pages.set_window_seen(True)
    assert timer.isActive()


def test_language_and_theme_change_on_the_page_that_is_shown(fleet, open_window, qtbot):
    window = open_window(page="cameras")
    window.pages.current.bar.search.setText("camera")
    window.pages.current.view.go_to(Place(frozenset({"cam2"}), "cam3", Column.ACTIVE))
    window._preferences.change(language="fr", theme="light")
    qtbot.waitUntil(lambda: window.actions_.delete.text() == "Supprimer…")
    page = window.pages.current
    assert page.view.place() == Place(frozenset({"cam2"}), "cam3", Column.ACTIVE)
    assert page.bar.search.text() == "camera"
    assert {label.text() for label in page.bar.findChildren(QLabel)} >= {"Caméras"}
    fleet.become("cam1", CameraState.MOTION)
    assert page.view.model().index(0, Column.STATE).data() == "Mouvement"


def test_the_first_button_of_the_empty_page_adds_a_camera(fleet, open_window, qtbot):
    fleet.replace_cameras(())
    window = open_window()
    buttons = [each for each in window.page.findChildren(QPushButton) if each.isVisible()]
    assert [each.text() for each in buttons] == ["Add a camera", "Try with demo cameras"]
    with qtbot.waitSignal(window.actions_.add_camera.triggered):
        buttons[0].click()


def test_the_menu_of_a_live_camera_edits_it(window):
    window.page._show_menu("cam3", QPoint(10, 10))
    menu = next(each for each in window.page.findChildren(QMenu) if each.isVisible())
    assert "Edit…" in [action.text() for action in menu.actions()]
    menu.close()


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("width, height", [(1600, 900), (1280, 720), (960, 540)])
def test_no_text_of_the_cameras_page_is_cut(fleet, open_window, language, width, height):
    window = open_window(width=width, height=height, language=language, page="cameras")
    window.pages.current.view.selectAll()
    QApplication.processEvents()
    cut = [
        f"{widget.text()}: {widget.width()} of {widget.sizeHint().width()}"
        for kind in (QLabel, QToolButton, QPushButton)
        for widget in window.findChildren(kind)
        if widget.isVisible()
        and widget.text()
        and widget.width() < widget.sizeHint().width()
        and not (isinstance(widget, QLabel) and widget.wordWrap())
    ]
    assert cut == []
    assert (window.width(), window.height()) == (width, height)
