"""The Cameras page over the program's own fleet and files."""

import json
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.support.camera_dialogs import Notes, services
from tests.support.camera_entries import entry
from tests.support.running import RunningFleet, running_fleet
from vms_desktop.app.library_services import review_parts, stop_review
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.errors import StorageError, StorageProblem
from vms_desktop.core.base.json_file import JsonFile
from vms_desktop.core.clips.folders import CameraFolders
from vms_desktop.core.config.settings import Settings
from vms_desktop.ui.cameras.list_model import Column, Role
from vms_desktop.ui.cameras.list_view import Place
from vms_desktop.ui.cameras.page import CamerasPage
from vms_desktop.ui.main_window import MainWindow

ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def running(qapp, data_dir) -> Iterator[RunningFleet]:
    """Three cameras that are switched off, and an entry that is none."""
    cameras = {name: entry("film.mp4", name=name, is_active=False) for name in ("A", "B", "C")}
    with running_fleet(data_dir, cameras | {"bad": {"name": "Cellar", "is_active": True}}) as made:
        made.until(lambda: len(made.fleet.cameras()) == 3)
        yield made


@pytest.fixture
def window(qtbot, running, tmp_path: Path) -> Iterator[MainWindow]:
    settings = Settings(language="en", page="cameras")
    folders = CameraFolders(running.layout, lambda *_: None)
    review = review_parts(running.fleet, Clock(), folders)
    made = MainWindow(
        running.fleet,
        settings,
        lambda _settings: None,
        tmp_path,
        lambda: services(Notes()),
        review,
    )
    with qtbot.waitExposed(made):
        made.show()
    running.fleet.sync_camera_threads()
    running.until(lambda: cast(CamerasPage, made.pages.current).view.model().rowCount() == 4)
    yield made
    made.close()
    made.deleteLater()
    assert stop_review(review, monotonic() + 4)


@pytest.fixture
def view(window):
    return window.pages.current.view


def in_file(running: RunningFleet) -> dict[str, dict[str, object]]:
    return json.loads(running.layout.cameras_json.read_text())


def listed(view) -> list[str]:
    model = view.model()
    return [model.index(row, 0).data(Role.ROW).name for row in range(model.rowCount())]


def test_a_switch_is_kept_in_the_file(running, view):
    view.go_to(Place(frozenset(), "B", Column.DETECTION))
    QTest.keyClick(view, Qt.Key.Key_Space)
    running.until(lambda: in_file(running)["B"].get("show_detection") is False)
    assert in_file(running)["A"] == entry("film.mp4", name="A", is_active=False)


def test_a_new_order_is_the_order_of_the_file(running, view):
    view.go_to(Place(frozenset({"C"}), "C"))
    QTest.keyClick(view, Qt.Key.Key_Up, ALT)
    assert listed(view) == ["A", "C", "B", "Cellar"]
    running.until(lambda: [key for key in in_file(running) if key != "bad"] == ["A", "C", "B"])
    assert listed(view) == ["A", "C", "B", "Cellar"]


def test_what_cannot_be_saved_is_put_back_and_told(running, window, view, monkeypatch):
    def refuse(self: JsonFile, entries: object) -> None:
        raise StorageError(StorageProblem.FULL)

    monkeypatch.setattr(JsonFile, "save", refuse)
    view.go_to(Place(frozenset(), "A", Column.DETECTION))
    QTest.keyClick(view, Qt.Key.Key_Space)
    assert not running.fleet.cameras()[0].show_detection
    told = "The changes could not be saved: the disk is full."
    running.until(lambda: told in window.banners.texts())
    running.until(lambda: view.model().index(0, 0).data(Role.ROW).camera.show_detection)


def test_a_refused_entry_stays_in_the_file_until_it_is_deleted(running, window, view):
    assert listed(view)[-1] == "Cellar"
    view.go_to(Place(frozenset(), "A", Column.ACTIVE))
    window._edits.set_flag(["B"], "show_detection", False)
    running.until(lambda: in_file(running)["B"].get("show_detection") is False)
    assert "bad" in in_file(running)
    window._edits.forget_refused(["bad"])
    running.until(lambda: "bad" not in in_file(running))
    assert listed(view) == ["A", "B", "C"]


def test_a_deleted_camera_leaves_the_file_and_the_list(running, window, view):
    window._edits.delete(["B"], with_recordings=False)
    running.until(lambda: "B" not in in_file(running))
    assert listed(view) == ["A", "C", "Cellar"]
