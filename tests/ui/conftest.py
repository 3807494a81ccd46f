"""A window over a stand-in fleet."""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from tests.support.camera_dialogs import Notes, services
from tests.support.stand_in import FleetStandIn, StillClock, camera
from vms_desktop.app.library_services import review_parts, stop_review
from vms_desktop.core.base.status import CameraState
from vms_desktop.core.clips.folders import CameraFolders
from vms_desktop.core.config.settings import Settings
from vms_desktop.ui.base.translation import Language
from vms_desktop.ui.clips.services import LibraryServices
from vms_desktop.ui.main_window import MainWindow
from vms_desktop.workers.library.thumbnails import ThumbnailReader

STOP_S = 4.0


@pytest.fixture
def english(qapp: QApplication) -> Iterator[None]:
    """The words are English ones, whatever language the machine speaks."""
    language = Language(qapp)
    language.speak("en")
    yield
    language.fall_silent()


@pytest.fixture
def fleet(qapp, tmp_path: Path) -> FleetStandIn:
    """Four cameras, all live."""
    made = FleetStandIn(tuple(camera(number) for number in range(1, 5)), tmp_path)
    for number in range(1, 5):
        made.become(f"cam{number}", CameraState.LIVE)
    return made


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def saved() -> list[Settings]:
    """The settings that a window saved, in order."""
    return []


@pytest.fixture
def review(fleet, clock) -> Iterator[LibraryServices]:
    """The library's parts over an empty data folder; the index has not been started."""
    made = review_parts(fleet, clock, CameraFolders(fleet.layout, lambda *_: None))
    yield made
    assert stop_review(made, monotonic() + STOP_S)


@pytest.fixture
def thumbnail_reader(qapp) -> Iterator[ThumbnailReader]:
    """The thread that reads thumbnails, for what is shown without a window."""
    made = ThumbnailReader()
    yield made
    made.stop()
    assert made.wait(5000)


@pytest.fixture
def open_window(
    qtbot, fleet, review, clock, saved, tmp_path: Path
) -> Iterator[Callable[..., MainWindow]]:
    """Opens a window with settings of its own."""
    windows: list[MainWindow] = []

    def open_one(*, width: int = 1280, height: int = 760, **settings: Any) -> MainWindow:
        window = MainWindow(
            fleet,
            Settings(**{"language": "en"} | settings),
            saved.append,
            tmp_path,
            lambda: services(Notes()),
            review,
            clock,
        )
        windows.append(window)
        window.resize(width, height)
        with qtbot.waitExposed(window):
            window.show()
        return window

    yield open_one
    for window in windows:
        window.close()
        window.deleteLater()
    QGuiApplication.processEvents()


@pytest.fixture
def window(open_window) -> MainWindow:
    return open_window()
