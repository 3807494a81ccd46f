"""What tests of the core share."""

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
