"""What tests of the core share."""

import time
from collections.abc import Iterator

import pytest

from tests.rtsp_camera import Dial


@pytest.fixture
def dial(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dial]:
    """Opens streams over a wire to a scripted camera."""
    dialled = Dial(monkeypatch)
    yield dialled
    for stream in dialled.opened:
        stream.close()


@pytest.fixture
def paris(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Local time has an hour twice on 2026-10-25."""
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
