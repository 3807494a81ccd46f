import re
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QPushButton,
)

from tests.ui.stand_in import NOON, camera
from vms_desktop.core.errors import StorageProblem
from vms_desktop.core.machine import MachineLoad
from vms_desktop.core.retention import Ask, AskKind
from vms_desktop.core.state import CameraState
from vms_desktop.ui.desktop import open_cameras_file
from vms_desktop.workers.fleet import Notice


def status_text(window) -> str:
    return window.status._counts.accessibleName()


def test_saved_snapshots_are_told_in_one_line(fleet, window):
    fleet.snapshot_saved.emit("cam1", "/pictures/Door.png")
    assert window.banners.texts() == ["Snapshot saved: Door.png"]
    fleet.snapshot_saved.emit("cam2", "/pictures/Yard.png")
    assert window.banners.texts() == ["2 snapshots saved"]


def test_a_snapshot_that_failed_is_told(fleet, window):
    fleet.snapshot_saved.emit("cam1", "")
    assert window.banners.texts() == ["The snapshot could not be saved."]


def test_the_status_bar_counts_cameras_by_state(fleet, window):
    fleet.become("cam1", CameraState.RECORDING, recording_since_at=NOON)
    fleet.become("cam2", CameraState.STREAM_LOST)
    fleet.become("cam3", CameraState.INACTIVE)
    told = "4 cameras, 2 live (1 recording), 1 reconnecting, 1 inactive"
    assert status_text(window) == told


def test_the_numbers_of_the_status_bar_add_up_to_that_of_the_cameras(fleet, open_window):
    fleet.replace_cameras(tuple(camera(number) for number in range(len(CameraState))))
    for number, state in enumerate(CameraState):
        fleet.become(f"cam{number}", state)
    total, *parts = re.sub(r"\(.*?\)", "", status_text(open_window())).split(", ")
    assert int(total.split()[0]) == sum(int(part.split()[0]) for part in parts)


def test_the_status_bar_tells_cpu_and_disk(fleet, window):
    load = MachineLoad(
        cpu_share=0.094, memory_bytes=1, disk_free_bytes=412_000_000_000, days_left=21.2
    )
    fleet.machine_changed.emit(load)
    assert "CPU 9 %" in window.status._machine.text()
    assert "Disk 412 GB free · about 21 days left" in window.status._machine.text()


def test_the_status_bar_tells_the_time(window, clock):
    clock.at = NOON + timedelta(seconds=5)
    window._tick()
    assert window.status._clock.text().endswith(f"{clock.at.astimezone():%H:%M:%S}")


def test_trouble_with_the_disk_is_told_until_it_is_over(fleet, window):
    fleet.become("cam1", CameraState.LIVE, storage=StorageProblem.FULL)
    fleet.become("cam2", CameraState.LIVE, storage=StorageProblem.FULL)
    assert window.banners.texts() == ["The disk is full: nothing can be recorded."]
    fleet.become("cam1", CameraState.LIVE)
    fleet.become("cam2", CameraState.LIVE)
    assert window.banners.texts() == []


@pytest.mark.parametrize(
    "notice, text",
    [
        (
            Notice("cameras_restored", {"restored": "yes"}),
            "cameras.json was damaged. It was set aside and the last good version loaded.",
        ),
        (
            Notice("cameras_restored", {"restored": ""}),
            "cameras.json was damaged and has been set aside. No earlier version was found.",
        ),
        (
            Notice("camera_invalid", {"name": "Attic", "field": "url_sd", "reason": "empty"}),
            "The camera “Attic” cannot be used: “url_sd” is missing.",
        ),
        (
            Notice("folder_shared", {"name": "Door", "folder": "Door_2"}),
            "The name “Door” meets another camera's folder; it records into “Door_2”.",
        ),
        (Notice("of_tomorrow", {"name": "x"}), "of_tomorrow – name: x"),
    ],
)
def test_notices_are_told_in_words(fleet, window, notice, text):
    fleet.notice.emit(notice)
    assert window.banners.texts() == [text]


def invalid(name: str) -> Notice:
    return Notice("camera_invalid", {"name": name, "field": "url_sd", "reason": "empty"})


def test_a_complaint_goes_once_the_camera_is_mended(fleet, window):
    fleet.notice.emit(invalid("Attic"))
    fleet.notice.emit(invalid("Cellar"))
    fleet.replace_cameras(fleet.cameras())
    assert len(window.banners.texts()) == 2
    fleet.notice.emit(invalid("Cellar"))
    fleet.replace_cameras((*fleet.cameras(), camera(5, name="Attic")))
    assert window.banners.texts() == ["The camera “Cellar” cannot be used: “url_sd” is missing."]


@pytest.mark.parametrize("words, yes", [("Delete", True), ("Not now", False)])
def test_a_question_about_deleting_is_answered_with_a_button(fleet, window, qtbot, words, yes):
    ask = Ask(AskKind.RESERVE, "", 312, 42_000_000_000)
    fleet.question.emit(ask)
    assert "312 clips, 42 GB" in window.banners.texts()[0]
    button = next(b for b in window.banners.findChildren(QPushButton) if b.text() == words)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert fleet.orders[-1] == ("answer", ask, yes)
    assert window.banners.texts() == []


@pytest.fixture
def opened(monkeypatch) -> list[str]:
    """What the system was asked to show; it knows no program for files."""
    asked: list[str] = []

    def open_url(url: QUrl) -> bool:
        asked.append(url.toLocalFile())
        return Path(url.toLocalFile()).is_dir()

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    return asked


@pytest.mark.parametrize("content", [None, '{"a": {}}\n'])
def test_the_file_of_the_cameras_is_opened_and_made_where_it_is_missing(
    fleet, open_window, opened, content
):
    fleet.replace_cameras(())
    window = open_window()
    path = fleet.layout.cameras_json
    if content is not None:
        path.write_text(content)
        path.chmod(0o600)
    buttons = {b.text(): b for b in window.page.findChildren(QPushButton)}
    buttons["Open cameras.json"].click()
    assert path.read_text() == (content or "{}\n")
    assert path.stat().st_mode & 0o777 == 0o600
    # No program for it: its folder at least.
    assert opened == [str(path), str(path.parent)]


def test_a_folder_that_cannot_be_written_to_is_opened_all_the_same(tmp_path, opened):
    (tmp_path / "file").touch()
    open_cameras_file(tmp_path / "file" / "cameras.json")
    assert opened == [str(tmp_path / "file")]
