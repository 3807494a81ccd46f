"""Exports of what was recorded from cameras with a password: nothing in them gives it away."""

import os
from pathlib import Path

import av
import pytest

from tests.support.exporting import blocks
from tests.support.fakes import FakeCamera
from tests.support.program import program
from tests.support.running import always
from tests.support.sent_and_recorded import FPS, fault_video
from tests.support.sentinel import LOGIN, PASSWORD, USER, has_password, leaks, with_login
from tests.support.waiting import wait_until
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.clips.sidecar import read_sidecar
from vms_desktop.core.export.exporter import Exporter
from vms_desktop.core.export.record import ExportRecord
from vms_desktop.core.export.request import ExportRequest, ExportTrack

HOWS = {
    "copied": {"comment": "for the neighbours"},
    "each clip": {"concat": False},
    "burnt in": {"burn_in": True},
    "exact": {"exact": True},
}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> Path:
    """A data folder with clips of two cameras: one's password in its keys, one's in its address."""
    data = tmp_path_factory.mktemp("exports") / "data"
    data.mkdir(mode=0o700)
    with FakeCamera(fault_video(), (LOGIN,)) as door, FakeCamera(fault_video(), (LOGIN,)) as yard:
        cameras = {
            "a": with_login(always(door.url(), name="Door")),
            "b": always(yard.url(USER, PASSWORD), name="Yard"),
        }
        with program(data, cameras) as running:
            for key in cameras:
                running.until_state("recording", key)
            wait_until(lambda: min(door.pictures_sent, yard.pictures_sent) > 3 * FPS)
            assert running.end()[0] == 0
        # That there was something to give away: neither lets anybody in without it.
        for camera in (door, yard):
            assert any("Authorization" in request.headers for request in camera.requests)
    return data


@pytest.mark.skipif(os.name != "posix", reason="platform: signals")
@pytest.mark.parametrize("how", HOWS)
def test_an_export_has_no_password_neither_while_it_is_written_nor_in_what_it_says(recorded, how):
    layout, out = Layout(recorded), recorded.parent / how.replace(" ", "_")
    tracks = []
    for name in ("Door", "Yard"):
        paths = sorted(layout.recordings.glob(f"{name}/*/*.mp4"))
        clips = [read_sidecar(layout.sidecar_path(path), path) for path in paths]
        tracks.append(ExportTrack(name, tuple(clip for clip in clips if clip)))
        assert tracks[-1].clips
    request = ExportRequest(tracks=tuple(tracks), folder=out, **HOWS[how])
    looks: list[int] = []

    def look(_done: int, _whole: int) -> None:
        assert leaks(recorded) == []
        looks.append(len(list(out.glob("*"))))

    record = ExportRecord(layout.exports_json)
    result = Exporter(request, look, lambda: False, blocks, record).run()
    assert not result.failed
    assert max(looks) > 0  # Unfinished files were looked into too.
    assert {path.name.partition("_")[0] for path in result.outputs} == {"Door", "Yard"}
    for path in result.outputs:
        assert not has_password(told(path).encode())
    assert leaks(recorded) == []


def told(path: Path) -> str:
    """Everything that a file says of itself, as a reader gives it."""
    with av.open(str(path)) as file:
        said = [file.metadata, *(stream.metadata for stream in file.streams)]
    assert any("start_utc" in each for each in said)
    return f"{path} {said}"
