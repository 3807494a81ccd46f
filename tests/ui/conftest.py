"""A window over a stand-in fleet."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from tests.ui.stand_in import FleetStandIn, StillClock, camera
from vms_desktop.core.settings import Settings
from vms_desktop.core.state import CameraState
from vms_desktop.ui.main_window import MainWindow


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
def open_window(qtbot, fleet, clock, saved, tmp_path: Path) -> Iterator[Callable[..., MainWindow]]:
    """Opens a window with settings of its own."""
    windows: list[MainWindow] = []

    def open_one(*, width: int = 1280, height: int = 760, **settings: object) -> MainWindow:
        values = {"language": "en"} | settings
        window = MainWindow(fleet, Settings(**values), saved.append, tmp_path, clock)
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
