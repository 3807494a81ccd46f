"""Adding, editing, duplicating, deleting, importing and exporting cameras."""

from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel, QPushButton

from tests.support.stand_in import camera
from vms_desktop.core.base.errors import ConfigError, Reason, StorageProblem
from vms_desktop.core.base.json_text import Defect
from vms_desktop.core.config.camera_store import InvalidCamera
from vms_desktop.core.config.exchange import ImportReport
from vms_desktop.core.library.disk_use import DiskUse
from vms_desktop.ui.base.pages import PageKey
from vms_desktop.ui.cameras.delete_dialog import DeleteDialog
from vms_desktop.ui.cameras.dialog.dialog import CameraDialog
from vms_desktop.ui.cameras.export_dialog import ExportDialog
from vms_desktop.ui.cameras.import_dialog import ImportDialog
from vms_desktop.ui.cameras.list_view import Place
from vms_desktop.workers.camera.parts import Notice, NoticeKind


@pytest.fixture
def window(open_window):
    return open_window(page="cameras", width=1600)


@pytest.fixture
def view(window):
    """The list, its second camera the current one."""
    window.pages.current.view.go_to(Place(frozenset({"cam2"}), "cam2"))
    return window.pages.current.view


D = TypeVar("D", bound=QDialog)


def shown(window, kind: type[D]) -> D:
    return next(each for each in window.findChildren(kind) if each.isVisible())


def none_shown(window) -> bool:
    return not any(each.isVisible() for each in window.findChildren(QDialog))


def orders(fleet, kind: str) -> list[tuple[Any, ...]]:
    return [order[1:] for order in fleet.orders if order[0] == kind]


def button(dialog, words: str) -> QPushButton:
    return next(each for each in dialog.findChildren(QPushButton) if each.text() == words)


def words_of(dialog) -> str:
    return "\n".join(each.text() for each in dialog.findChildren(QLabel))


def test_a_camera_that_is_added_is_saved_behind_the_others(fleet, window):
    window.actions_.add_camera.trigger()
    dialog = shown(window, CameraDialog)
    dialog.saved.emit(camera(9, name="New"))
    (saved,) = orders(fleet, "save")
    assert [each.id for each in saved[0]] == ["cam1", "cam2", "cam3", "cam4", "cam9"]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_F2])
def test_a_key_edits_the_current_camera_and_its_change_keeps_its_place(fleet, window, view, key):
    QTest.keyClick(view, key)
    dialog = shown(window, CameraDialog)
    assert dialog.form.camera_id == "cam2"
    dialog.saved.emit(camera(2, name="Renamed"))
    assert [each.name for each in fleet.cameras()] == [
        "Camera 1",
        "Renamed",
        "Camera 3",
        "Camera 4",
    ]


def test_live_edits_the_camera_that_is_chosen(window):
    window.show_page(PageKey.LIVE)
    window.actions_.edit.trigger()
    assert none_shown(window)
    window.page.grid.choose("cam3")
    window.actions_.edit.trigger()
    assert shown(window, CameraDialog).form.camera_id == "cam3"


def test_a_duplicate_has_a_name_and_an_id_of_its_own_and_is_there_once_saved(fleet, window, view):
    fleet.replace_cameras(
        (camera(1), camera(2, name="Door", retention_days=7), camera(3, name="Door 2"))
    )
    QTest.keyClick(view, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    form = shown(window, CameraDialog).form
    assert form.name.text() == "Door 3"
    assert form.camera_id not in ("cam1", "cam2", "cam3")
    assert orders(fleet, "save") == []
    saved = form.check()
    assert saved is not None
    assert (saved.retention_days, saved.url_sd) == (7, "rtsp://camera/sd")


def test_deleting_asks_once_and_keeps_the_recordings_unless_told_otherwise(fleet, window, view):
    fleet.catalogue.disk_use = {"cam2": DiskUse(38_200_000_000, 312, 1_100_000_000, 4)}
    QTest.keyClick(view, Qt.Key.Key_Delete)
    dialog = shown(window, DeleteDialog)
    told = words_of(dialog)
    assert "Delete the camera “Camera 2”?" in told
    assert "312 recorded clips, 38 GB" in told
    assert "4 archived clips, 1.1 GB" in told
    assert not dialog.with_recordings.isChecked()
    assert dialog.focusWidget() is button(dialog, "Cancel")
    button(dialog, "Delete").click()
    assert orders(fleet, "delete") == [("cam2", False)]


def test_recordings_go_too_where_that_is_chosen_and_archives_stay(fleet, window, view):
    fleet.catalogue.disk_use = {"cam2": DiskUse(5_000_000, 1, 0, 0)}
    window.actions_.delete.trigger()
    dialog = shown(window, DeleteDialog)
    dialog.with_recordings.click()
    assert "Archives stay." in words_of(dialog)
    button(dialog, "Delete").click()
    assert orders(fleet, "delete") == [("cam2", True)]


def test_cancelling_deletes_nothing(fleet, window, view):
    window.actions_.delete.trigger()
    QTest.keyClick(shown(window, DeleteDialog), Qt.Key.Key_Return)  # Cancel is what Enter does.
    assert orders(fleet, "delete") == []
    assert none_shown(window)


def test_what_lies_on_the_disk_is_told_as_soon_as_it_is_counted(fleet, window, view):
    window.actions_.delete.trigger()
    dialog = shown(window, DeleteDialog)
    assert "still being counted" in words_of(dialog)
    fleet.catalogue.disk_use_changed.emit({"cam2": DiskUse()})
    assert "Nothing was recorded." in words_of(dialog)
    assert not dialog.with_recordings.isEnabled()


def test_several_cameras_are_deleted_with_one_question(fleet, window, view):
    view.go_to(Place(frozenset({"cam1", "cam3"}), "cam1"))
    window.actions_.delete.trigger()
    dialog = shown(window, DeleteDialog)
    assert "Delete 2 cameras: Camera 1, Camera 3?" in words_of(dialog)
    button(dialog, "Delete").click()
    assert orders(fleet, "delete") == [("cam1", False), ("cam3", False)]
    assert window.pages.current.view.model().rowCount() == 2


def test_a_refused_entry_is_deleted_from_the_file(fleet, window, view):
    args = {"id": "bad", "name": "Cellar", "field": "url_sd", "reason": "bad_address"}
    fleet.notice.emit(Notice(NoticeKind.CAMERA_INVALID, args))
    fleet.replace_cameras(fleet.cameras())
    view.go_to(Place(frozenset({"bad"}), "bad"))
    window.actions_.edit.trigger()
    assert none_shown(window)
    window.actions_.delete.trigger()
    button(shown(window, DeleteDialog), "Delete").click()
    assert orders(fleet, "save") == [(fleet.cameras(), ("bad",))]
    assert orders(fleet, "delete") == []


def test_deleting_from_the_dialog_closes_it_once_it_is_done(fleet, window, view):
    window.actions_.edit.trigger()
    edited = shown(window, CameraDialog)
    edited.delete_wanted.emit("cam2")
    assert edited.isVisible()
    button(shown(window, DeleteDialog), "Delete").click()
    assert orders(fleet, "delete") == [("cam2", False)]
    assert not edited.isVisible()


def test_deleting_from_live_counts_what_lies_on_the_disk(fleet, window):
    window.show_page(PageKey.LIVE)
    window.page.grid.choose("cam3")
    window.actions_.edit.trigger()
    fleet.orders.clear()
    shown(window, CameraDialog).delete_wanted.emit("cam3")
    assert ("count",) in fleet.orders


def test_saving_a_dialog_keeps_what_became_of_its_camera_meanwhile(fleet, window, view):
    window.actions_.edit.trigger()
    dialog = shown(window, CameraDialog)
    fleet.replace_cameras((camera(1), camera(2, password="s3cret", retention_days=9)))
    dialog.form.name.setText("Renamed")
    dialog.save()
    saved = fleet.cameras()[1]
    assert (saved.name, saved.password, saved.retention_days) == ("Renamed", "s3cret", 9)


def choose_file(window, path: Path) -> None:
    asked = shown(window, QFileDialog)
    asked.fileSelected.emit(str(path))
    asked.close()


def test_an_import_tells_of_every_camera_before_it_adds_those_that_are_checked(fleet, window):
    window.actions_.import_cameras.trigger()
    choose_file(window, Path("/backup/cameras.json"))
    assert orders(fleet, "import") == [(Path("/backup/cameras.json"),)]
    refused = (
        InvalidCamera("x", "Attic", ConfigError("url_sd", Reason.EMPTY), 3),
        InvalidCamera("f2b7", "", ConfigError("name", Reason.EMPTY), 5),
    )
    new = (camera(7, name="Shop"), camera(8, name="Yard"))
    fleet.catalogue.import_read.emit(ImportReport(new, ("Camera 1",), refused))
    dialog = shown(window, ImportDialog)
    rows = [dialog.list.item(row).text() for row in range(dialog.list.count())]
    assert rows == [
        "Shop",
        "Yard",
        "Camera 1 – already there",
        "Attic – “Live stream (SD)” is missing",
        "Camera without a name (entry 5) – “Name” is missing",
    ]
    dialog.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    button(dialog, "Add 1 camera").click()
    (saved,) = orders(fleet, "save")
    assert [each.name for each in saved[0]][4:] == ["Yard"]


def test_an_import_without_new_cameras_has_nothing_to_add(fleet, window):
    fleet.catalogue.import_read.emit(ImportReport(known=("Camera 1",)))
    dialog = shown(window, ImportDialog)
    assert not button(dialog, "Add 0 cameras").isEnabled()
    button(dialog, "Cancel").click()
    assert orders(fleet, "save") == []


@pytest.mark.parametrize(
    "problem, told",
    [
        (StorageProblem.MISSING, "The file could not be read: nothing was imported."),
        (Defect.INVALID, "This file holds no cameras: nothing was imported."),
    ],
)
def test_a_file_that_cannot_be_imported_is_told(fleet, window, problem, told):
    fleet.catalogue.import_read.emit(problem)
    assert window.banners.texts() == [told]
    assert none_shown(window)


@pytest.mark.parametrize("with_passwords", [False, True])
def test_all_cameras_or_the_selected_are_exported_without_passwords_unless_wanted(
    fleet, window, view, with_passwords
):
    window.actions_.export_cameras.trigger()
    dialog = shown(window, ExportDialog)
    assert dialog.some.isChecked()
    assert not dialog.with_passwords.isChecked()
    if with_passwords:
        dialog.with_passwords.click()
        dialog.all.click()
    button(dialog, "Choose a file…").click()
    choose_file(window, Path("/backup/cameras.json"))
    cameras = fleet.cameras() if with_passwords else fleet.cameras()[1:2]
    assert orders(fleet, "export") == [(Path("/backup/cameras.json"), cameras, with_passwords)]


@pytest.mark.parametrize(
    "ok, told",
    [
        (True, "Cameras exported: mine.json"),
        (False, "The cameras could not be exported: the file was not written."),
    ],
)
def test_what_became_of_an_export_is_told(fleet, window, ok, told):
    fleet.catalogue.exported.emit("/backup/mine.json", ok)
    assert window.banners.texts() == [told]


def test_the_end_of_the_program_does_not_wait_for_a_dialog_with_something_to_lose(window, view):
    window.actions_.edit.trigger()
    dialog = shown(window, CameraDialog)
    dialog.form.name.setText("Other")
    dialog.reject()  # asks
    window.dismiss_dialogs()
    assert none_shown(window)
