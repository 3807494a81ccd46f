"""The files of an export: their names, what they say of themselves, and that none is left over."""

from datetime import UTC, datetime

import pytest

from tests.support.exporting import START, Folder, facts, numbers
from vms_desktop.core.base.layout import folder_name
from vms_desktop.core.export.exporter import ExportCancelledError
from vms_desktop.core.export.request import export_name


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def test_a_file_says_whose_it_is_and_when_it_began(folder):
    (path,) = folder.export(folder.clip("a", 0), comment="A théft", name="Entrée").outputs
    tags = facts(path)[1]
    assert tags["camera_name"] == "Entrée"
    assert tags["start_utc"] == "2026-03-02T12:00:00.000Z"
    assert tags["comment"] == "A théft"


def test_the_index_stands_before_the_pictures(folder):
    (path,) = folder.export(folder.clip("a", 0, audio=True)).outputs
    data = path.read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")


def test_files_are_for_their_owner_alone(folder):
    (path,) = folder.export(folder.clip("a", 0)).outputs
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "camera, comment, name",
    [
        ("Front door", "", "Front_door_2026-03-02_08-05-09.mp4"),
        ("Entrée", "Vol à 8 h!", "Entree_2026-03-02_08-05-09_Vol_a_8_h.mp4"),
        ("../../etc", "a/../b", "etc_2026-03-02_08-05-09_a_b.mp4"),
        ("", "  ", "camera_2026-03-02_08-05-09.mp4"),
        ("東", "!?", f"{folder_name('東').strip('_')}_2026-03-02_08-05-09.mp4"),
    ],
)
def test_a_name_tells_camera_time_and_comment_and_is_safe(camera, comment, name):
    at = datetime(2026, 3, 2, 8, 5, 9, tzinfo=UTC)
    assert export_name(camera, at, comment) == name


def test_the_longest_name_fits_a_file_system():
    name = export_name("n" * 300, START, "c" * 300)
    assert len(name) < 200


def test_no_file_is_overwritten(folder):
    clip = folder.clip("a", 0)
    first, second = (folder.export(clip).outputs[0] for _ in range(2))
    assert second.name == f"{first.stem}-2.mp4"
    assert numbers(first) == numbers(second)


@pytest.mark.parametrize("burn_in", [False, True])
def test_cancelled_it_leaves_nothing(folder, burn_in):
    clips = folder.clip("a", 0, 40), folder.clip("b", 60, 40)
    with pytest.raises(ExportCancelledError):
        folder.export(*clips, concat=False, burn_in=burn_in, cancel_at=0.6)
    assert folder.told[-1] < 0.7
    assert folder.files() == []


def test_a_folder_that_cannot_be_written_is_said(folder):
    folder.out.write_text("a file")
    (failed,) = folder.export(folder.clip("a", 0)).failed
    assert failed.path == folder.out
