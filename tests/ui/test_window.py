from datetime import timedelta
from typing import TypeVar

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QMessageBox,
    QPushButton,
    QToolButton,
    QWidget,
)

from tests.support.stand_in import NOON, CatalogueStandIn, FleetStandIn, camera, clip, picture
from vms_desktop.core.base.status import CameraState
from vms_desktop.core.config.settings import View
from vms_desktop.core.library.system_load import MachineLoad
from vms_desktop.ui.about import AboutDialog
from vms_desktop.ui.base.actions import shortcut_words
from vms_desktop.ui.base.pages import PageKey
from vms_desktop.ui.base.preferences import Preferences
from vms_desktop.ui.live import event_pictures
from vms_desktop.ui.live.events_model import EventRow, EventsModel
from vms_desktop.ui.live.views import ViewDialog
from vms_desktop.ui.main_window import MainWindow
from vms_desktop.ui.shortcuts import ShortcutsDialog
from vms_desktop.ui.widgets.volume_slider import VolumeSlider
from vms_desktop.workers.camera.catalogue import CameraCatalogue
from vms_desktop.workers.camera.fleet import Fleet
from vms_desktop.workers.camera.parts import Notice, NoticeKind

LONG_VIEWS = tuple(View(f"A view with a long name {number}", ("cam1",)) for number in range(6))


def orders(fleet: FleetStandIn, kind: str) -> list[tuple[object, ...]]:
    return [order[1:] for order in fleet.orders if order[0] == kind]


def events_of(window: MainWindow) -> EventsModel:
    (found,) = window.findChildren(EventsModel)
    return found


def newest_event(window: MainWindow) -> EventRow:
    row = events_of(window).row(0)
    assert row is not None
    return row


def preferences_of(window: MainWindow) -> Preferences:
    (found,) = window.findChildren(Preferences)
    return found


D = TypeVar("D", bound=QDialog)


def dialog(window, kind: type[D]) -> D:
    return next(child for child in window.findChildren(kind) if child.isVisible())


def test_the_stand_in_has_what_the_fleet_has(fleet):
    def public(kind: type) -> set[str]:
        return {name for name in vars(kind) if not name.startswith("_")}

    # Beside these the real one is started, counted and stopped by the program itself.
    by_app = {"counts", "stop", "sound_available", "show_instead"}
    for_previews = {"preview", "running", "runs"}
    assert public(Fleet) - by_app - for_previews <= public(FleetStandIn)
    assert public(CameraCatalogue) - {"recount", "stop", "wait"} <= public(CatalogueStandIn)


def test_a_camera_that_is_chosen_is_snapped_alone(fleet, window, tmp_path):
    window.page.grid.choose("cam2")
    window.actions_.snapshot.trigger()
    assert orders(fleet, "snapshot") == [("cam2", tmp_path)]


def test_without_a_choice_all_cameras_with_a_picture_are_snapped(fleet, window):
    fleet.become("cam3", CameraState.STREAM_LOST)
    window.actions_.snapshot.trigger()
    assert [order[0] for order in orders(fleet, "snapshot")] == ["cam1", "cam2", "cam4"]


def test_record_begins_and_ends_a_recording_by_hand(fleet, window):
    window.page.grid.choose("cam1")
    window.actions_.record.trigger()
    fleet.become("cam1", CameraState.RECORDING, manual=True, recording_since_at=NOON)
    assert window.actions_.record.text() == "Stop recording"
    window.actions_.record.trigger()
    assert orders(fleet, "record") == [("cam1", True), ("cam1", False)]


def test_pause_and_resume(fleet, window):
    window.page.grid.choose("cam1")
    window.actions_.pause.trigger()
    fleet.become("cam1", CameraState.PAUSED)
    assert window.actions_.pause.text() == "Resume"
    window.actions_.pause.trigger()
    assert orders(fleet, "pause") == [("cam1", True), ("cam1", False)]


def test_the_chosen_camera_is_heard_once_sound_is_on(fleet, window, saved):
    window.page.grid.choose("cam2")
    assert orders(fleet, "listen") == []
    window.actions_.mute.trigger()
    window.page.grid.set_alone("cam3")
    window.page.grid.set_alone(None)
    window.page.grid.choose(None)
    assert orders(fleet, "listen") == [("cam2",), ("cam3",), (None,)]
    assert not saved[-1].muted


def test_the_slider_sets_the_volume(fleet, window, saved):
    window.findChildren(VolumeSlider)[0].setValue(40)
    assert saved[-1].volume == 0.4
    assert orders(fleet, "volume")[-1] == (0.4,)


def test_without_a_sound_device_sound_cannot_be_switched_on(fleet, open_window):
    fleet.sound_available = False
    window = open_window()
    window.page.grid.choose("cam1")
    assert not window.actions_.mute.isEnabled()
    assert window.page.bar._mute.toolTip() == "This computer has no sound device"


def test_events_of_the_fleet_reach_the_panel(fleet, window):
    fleet.today_loaded.emit((clip(1, start_at=NOON - timedelta(hours=1)),))
    fleet.become("cam1", CameraState.MOTION)
    fleet.event_began.emit("cam1", NOON)
    assert events_of(window).rowCount() == 2
    fleet.clip_closed.emit(clip(2, start_at=NOON - timedelta(seconds=5)))
    fleet.thumbnail_ready.emit(clip(2, start_at=NOON - timedelta(seconds=5)))
    assert events_of(window).rowCount() == 2
    fleet.clips_deleted.emit((clip(1).path, clip(2).path))
    assert events_of(window).rowCount() == 0


def test_a_clip_of_a_deleted_camera_disturbs_nothing(fleet, window):
    fleet.clip_closed.emit(clip(1, camera_id="gone"))
    assert events_of(window).rowCount() == 1


def test_clips_that_are_deleted_leave_the_panel(fleet, window):
    fleet.today_loaded.emit((clip(1), clip(2)))
    fleet.clips_deleted.emit((clip(1).path,))
    assert [newest_event(window).clip, events_of(window).rowCount()] == [clip(2), 1]


def middle_of_event(window) -> int:
    image = newest_event(window).picture
    assert image is not None
    return image.pixelColor(image.width() // 2, image.height() // 2).red()


def test_an_event_gets_the_tiles_picture_and_a_better_one_soon_after(
    fleet, window, qtbot, monkeypatch
):
    monkeypatch.setattr(event_pictures, "SECOND_LOOK_MS", 20)
    fleet.pictures("cam1").put(picture(value=50))
    window.page.grid.fetch_pictures()
    fleet.event_began.emit("cam1", NOON)
    assert middle_of_event(window) == 50
    fleet.pictures("cam1").put(picture(value=150))
    window.page.grid.fetch_pictures()
    qtbot.waitUntil(lambda: middle_of_event(window) == 150)


def test_an_event_of_a_camera_that_is_not_shown_has_no_old_picture(fleet, window):
    fleet.pictures("cam1").put(picture(value=50))
    window.page.grid.fetch_pictures()
    window.page.grid.set_alone("cam2")
    fleet.event_began.emit("cam1", NOON)
    assert newest_event(window).picture is None


def test_an_event_gets_its_picture_once_its_camera_is_shown(fleet, window, qtbot, monkeypatch):
    monkeypatch.setattr(event_pictures, "SECOND_LOOK_MS", 20)
    grid = window.page.grid
    looks: list[str] = []
    with monkeypatch.context() as unseen:
        unseen.setattr(grid, "picture", looks.append)
        fleet.event_began.emit("cam1", NOON)
        qtbot.waitUntil(lambda: len(looks) > 2)
    fleet.pictures("cam1").put(picture(value=150))
    grid.fetch_pictures()
    qtbot.waitUntil(lambda: newest_event(window).picture is not None)
    assert middle_of_event(window) == 150


def test_the_events_panel_can_be_hidden(window, saved):
    assert window.page.events.isVisible()
    window.actions_.events_panel.trigger()
    assert not window.page.events.isVisible()
    assert not saved[-1].events_panel


def test_a_layout_is_kept(window, saved):
    window.page.bar.layout_chosen.emit("2x2")
    assert saved[-1].layout == "2x2"


def test_a_view_shows_its_cameras_only(open_window, saved):
    window = open_window(views=(View("Doors", ("cam4", "cam2")),))
    window.page.bar.view_chosen.emit("Doors")
    assert window.page.grid.shown_ids() == ["cam2", "cam4"]
    assert saved[-1].view == "Doors"
    window.page.bar.view_chosen.emit("")
    assert len(window.page.grid.shown_ids()) == 4


def test_a_new_view_is_named_and_shown(window, saved):
    window.actions_.new_view.trigger()
    asked = dialog(window, ViewDialog)
    asked.name.setText(" Doors ")
    asked.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    asked.accept()
    assert saved[-1].views == (View("Doors", ("cam2", "cam3", "cam4")),)
    assert window.page.grid.shown_ids() == ["cam2", "cam3", "cam4"]


@pytest.mark.parametrize(
    "name, cameras, fine", [("", 1, False), ("doors", 1, False), ("A", 0, False), ("A", 1, True)]
)
def test_a_view_needs_a_name_of_its_own_and_a_camera(qtbot, name, cameras, fine):
    asked = ViewDialog(View(name, ("cam1",)[:cameras]), (camera(1),), ["Doors"])
    qtbot.addWidget(asked)
    save = next(b for b in asked.findChildren(QPushButton) if b.property("primary"))
    assert save.isEnabled() is fine


def test_a_view_is_renamed_in_its_place(open_window, saved):
    window = open_window(views=(View("A", ("cam1",)), View("B", ("cam2",))), view="A")
    window.page.bar.view_edited.emit("A")
    asked = dialog(window, ViewDialog)
    asked.name.setText("C")
    asked.accept()
    assert [view.name for view in saved[-1].views] == ["C", "B"]
    assert saved[-1].view == "C"


def test_deleting_a_view_asks_once_and_keeps_its_cameras(open_window, saved, fleet):
    window = open_window(views=(View("A", ("cam1",)),), view="A")
    window.page.bar.view_deleted.emit("A")
    box = dialog(window, QMessageBox)
    next(b for b in box.buttons() if b.text() == "Delete view").click()
    assert saved[-1].views == ()
    assert len(window.page.grid.shown_ids()) == 4


def test_without_cameras_the_page_says_how_to_begin(fleet, open_window, qtbot, monkeypatch):
    fleet.replace_cameras(())
    window = open_window()
    buttons = {b.text(): b for b in window.page.findChildren(QPushButton)}
    with qtbot.waitSignal(window.demo_wanted):
        qtbot.mouseClick(buttons["Try with demo cameras"], Qt.MouseButton.LeftButton)
    fleet.replace_cameras((camera(1),))
    assert window.page.grid.isVisible()


def test_language_and_theme_change_at_once_and_nothing_is_lost(fleet, window, qtbot, saved):
    fleet.pictures("cam2").put(picture())
    window.page.grid.fetch_pictures()
    window.page.grid.choose("cam2")
    fleet.notice.emit(Notice(NoticeKind.CAMERAS_RESTORED, {"restored": "yes"}))
    preferences_of(window).change(language="fr", theme="light")
    qtbot.waitUntil(lambda: window.actions_.snapshot.text() == "Capture")
    assert window.banners.texts()[0].startswith("cameras.json était endommagé")
    assert window.page.grid.chosen == "cam2"
    assert window.page.grid.tile("cam2").picture is not None
    assert window.palette().window().color().name() == "#eef1f5"
    assert (saved[-1].language, saved[-1].theme) == ("fr", "light")


def test_the_window_remembers_its_place(open_window, saved, qtbot):
    first = open_window(width=960, height=640)
    first.close()
    second = open_window(width=960, height=600, window=saved[-1].window)
    second._restore_place()
    assert (second.width(), second.height()) == (960, 640)


def test_a_window_closed_in_full_screen_opens_as_it_was_before(open_window, saved):
    first = open_window(width=960, height=640)
    first.actions_.full_screen.trigger()
    first.close()
    second = open_window(width=960, height=600, window=saved[-1].window)
    second._restore_place()
    assert not second.isFullScreen()
    assert (second.width(), second.height()) == (960, 640)


def test_full_screen_shows_the_grid_alone_and_escape_ends_it(window, qtbot):
    window.actions_.full_screen.trigger()
    assert window.isFullScreen()
    hidden = (window.rail, window.status, window.page.bar, window.page.events)
    assert not any(widget.isVisible() for widget in hidden)
    window.actions_.back.trigger()
    assert not window.isFullScreen()
    assert all(widget.isVisible() for widget in hidden)


def test_escape_leaves_a_camera_before_the_full_screen(window):
    window.page.grid.set_alone("cam1")
    window.actions_.full_screen.trigger()
    window.actions_.back.trigger()
    assert window.isFullScreen()
    assert window.page.grid.alone is None


@pytest.mark.parametrize("page", list(PageKey))
def test_no_key_is_given_twice_on_a_page(window, page):
    window.show_page(page)
    working = [action for action in window.actions_.all if action.isVisible()]
    keys = [key.toString() for action in working for key in action.shortcuts()]
    assert len(keys) == len(set(keys))


def test_every_action_names_its_key(window):
    for action in window.actions_.all:
        assert shortcut_words(action) in action.toolTip()


def test_the_list_of_keys_shows_every_action(window):
    window.actions_.keys.trigger()
    shown = {label.text() for label in dialog(window, ShortcutsDialog).findChildren(QLabel)}
    numbered = [*window.actions_.choose, *window.actions_.playback.choose]
    listed = [action for action in window.actions_.all if action not in numbered]
    assert {action.text().rstrip("…") for action in listed} <= shown


def test_about_tells_name_and_version(window):
    window.actions_.about.trigger()
    texts = [label.text() for label in dialog(window, AboutDialog).findChildren(QLabel)]
    assert any("VMS Desktop" in text for text in texts)


def test_the_menu_of_a_camera_holds_what_can_be_done_with_it(window):
    window.page._show_menu("cam3", QPoint(10, 10))
    assert window.page.grid.chosen == "cam3"
    menu = next(m for m in window.page.findChildren(QWidget) if m.inherits("QMenu"))
    texts = [action.text() for action in menu.actions() if action.text()]
    menu.close()
    assert {"Show alone", "Snapshot", "Record now", "Pause"} <= set(texts)


@pytest.mark.parametrize(
    "url_hd, text", [("", "Show alone"), ("rtsp://camera/hd", "Show alone, in HD")]
)
def test_hd_is_offered_where_a_camera_has_it(fleet, window, url_hd, text):
    fleet.replace_cameras((camera(1, url_hd=url_hd),))
    window.page.grid.choose("cam1")
    assert window.actions_.alone.text() == text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_icon_and_word_of_a_button_stand_in_its_middle(open_window, language):
    window = open_window(language=language, width=1600, height=900)
    for button in window.page.bar._worded:
        image = button.grab().toImage()
        ground = image.pixelColor(4, image.height() // 2)
        inked = [
            x
            for x in range(4, image.width() - 4)
            if any(image.pixelColor(x, y) != ground for y in range(4, image.height() - 4))
        ]
        left, right = inked[0], image.width() - 1 - inked[-1]
        assert abs(left - right) <= 2
        assert 10 <= left <= 14


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("width, height", [(1600, 900), (1280, 720), (1000, 600), (960, 540)])
@pytest.mark.parametrize("layout", ["auto", "1"])
def test_no_text_is_cut(fleet, open_window, language, width, height, layout):
    window = open_window(
        width=width, height=height, language=language, views=LONG_VIEWS, layout=layout
    )
    load = MachineLoad(cpu_share=0.5, memory_bytes=1, disk_free_bytes=10**12, days_left=100)
    fleet.machine_changed.emit(load)
    QApplication.processEvents()
    cut = [
        f"{widget.text()}: {widget.width()} of {widget.sizeHint().width()}"
        for kind in (QLabel, QToolButton, QPushButton)
        for widget in window.findChildren(kind)
        if widget.isVisible()
        and widget.width() < widget.sizeHint().width()
        and not (isinstance(widget, QLabel) and widget.wordWrap())
    ]
    assert cut == []


def test_everything_that_can_be_clicked_has_a_name(window):
    nameless = [
        button
        for button in window.findChildren(QToolButton)
        if button.isVisible() and not (button.accessibleName() or button.text())
    ]
    assert nameless == []


@pytest.mark.window
def test_a_window_that_is_minimised_wants_no_picture(fleet, window, qtbot):
    window.showMinimized()
    qtbot.waitUntil(lambda: set(fleet.viewports.values()) == {None})
    window.showNormal()
    qtbot.waitUntil(lambda: None not in fleet.viewports.values())


@pytest.mark.window
def test_a_minimised_window_comes_forward_when_the_program_is_started_again(window, qtbot):
    window.showMinimized()
    qtbot.waitUntil(window.isMinimized)
    window.come_forward()
    qtbot.waitUntil(lambda: window.isActiveWindow() and not window.isMinimized())


@pytest.mark.window
def test_keys_work_in_a_real_window(window, qtbot):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window.page.grid, Qt.Key.Key_2)
    assert window.page.grid.chosen == "cam2"
    qtbot.keyClick(window.page.grid, Qt.Key.Key_Return)
    assert window.page.grid.alone == "cam2"
    qtbot.keyClick(window.page.grid, Qt.Key.Key_Escape)
    assert window.page.grid.alone is None
