"""What tests of the core share."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.support.home import Home
from tests.support.rtsp_camera import Dial
from tests.support.zones import local_zone
from vms_desktop.core.library import maintainer


@pytest.fixture
def dial(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dial]:
    """Opens streams over a wire to a scripted camera."""
    dialled = Dial(monkeypatch)
    yield dialled
    for stream in dialled.opened:
        stream.close()


@pytest.fixture
def paris() -> Iterator[None]:
    """Local time has an hour twice on 2026-10-25."""
    with local_zone("Europe/Paris"):
        yield


@pytest.fixture
def home(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A data folder whose maintainer looks round often."""
    monkeypatch.setattr(maintainer, "TICK_S", 0.02)
    monkeypatch.setattr(maintainer, "CHECK_S", 0.05)
    return Home(data_dir)


@pytest.fixture
def now() -> datetime:
    """A moment of today, however early it is."""
    return datetime.now().astimezone()
