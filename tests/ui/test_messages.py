import re
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QPushButton, QToolButton

from tests.support.stand_in import NOON, camera
from vms_desktop.core.base.errors import StorageProblem
from vms_desktop.core.base.status import CameraState
from vms_desktop.core.library.removal import RemovalResult
from vms_desktop.core.library.retention import PurgeQuestion, PurgeReason
from vms_desktop.core.library.system_load import MachineLoad
from vms_desktop.ui.fleet_banners import unread_settings_banner
from vms_desktop.ui.widgets.banner import Banner
from vms_desktop.workers.camera.parts import Notice, NoticeKind, removal_notice


def status_text(window) -> str:
    return status_labels(window)[0].accessibleName()


def status_labels(window) -> list[QLabel]:
    """Counts of states, the machine, the clock."""
    return window.status.findChildren(QLabel)


def test_saved_snapshots_are_told_in_one_line(fleet, window):
    fleet.snapshot_saved.emit("cam1", "/pictures/Door.png")
    assert window.banners.texts() == ["Snapshot saved: Door.png"]
    fleet.snapshot_saved.emit("cam2", "/pictures/Yard.png")
    assert window.banners.texts() == ["2 snapshots saved"]


def test_what_goes_by_itself_lies_on_the_page_and_moves_nothing(fleet, window):
    before = window.pages.stack.geometry()
    fleet.snapshot_saved.emit("cam1", "/pictures/Door.png")
    window.banners.show_banner(Banner("second", "A second one", seconds=60))
    first, second = (cards(window)[text] for text in window.banners.texts())
    assert window.pages.stack.geometry() == before
    assert before.contains(first.geometry())
    assert before.contains(second.geometry())
    assert first.geometry().bottom() < second.geometry().top()
    right = second.geometry().right()
    window.resize(window.width() - 100, window.height())
    QApplication.sendPostedEvents()
    assert second.geometry().right() == right - 100


def test_a_long_file_name_is_told_to_its_end(fleet, window):
    name = "Entrance_of_the_northern_hall_2026-11-23_01-06-10-810.png"
    fleet.snapshot_saved.emit("cam1", f"/pictures/{name}")
    QApplication.sendPostedEvents()
    label = next(label for label in window.findChildren(QLabel) if name in label.text())
    assert label.height() >= label.heightForWidth(label.width())


def test_what_is_told_for_a_while_goes_by_itself(window, qtbot):
    window.banners.show_banner(Banner("soon", "Gone soon", seconds=0.01))
    assert window.banners.texts() == ["Gone soon"]
    qtbot.waitUntil(lambda: window.banners.texts() == [])
    qtbot.waitUntil(lambda: not cards(window))


def cards(window) -> dict[str, QFrame]:
    return {card.accessibleName(): card for card in window.findChildren(QFrame, "card")}


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
    assert "CPU 9 %" in status_labels(window)[1].text()
    assert "Disk 412 GB free · about 21 days left" in status_labels(window)[1].text()


def test_the_status_bar_tells_the_time(window, clock):
    clock.at = NOON + timedelta(seconds=5)
    window._tick()
    assert status_labels(window)[2].text().endswith(f"{clock.at.astimezone():%H:%M:%S}")


def test_trouble_with_the_disk_is_told_until_it_is_over(fleet, window):
    fleet.become("cam1", CameraState.LIVE, storage=StorageProblem.FULL)
    fleet.become("cam2", CameraState.LIVE, storage=StorageProblem.FULL)
    assert window.banners.texts() == ["The disk is full: nothing can be recorded."]
    fleet.become("cam1", CameraState.LIVE)
    fleet.become("cam2", CameraState.LIVE)
    assert window.banners.texts() == []


def deleted(*, clips: int, size_bytes: int, remaining: int = 0, problem: str = "") -> Notice:
    return removal_notice(
        RemovalResult(
            "cam1",
            "Door",
            clips,
            size_bytes,
            remaining,
            StorageProblem(problem) if problem else None,
        )
    )


def press(window, qtbot, words: str) -> None:
    buttons = window.banners.findChildren(QPushButton)
    qtbot.mouseClick(next(b for b in buttons if b.text() == words), Qt.MouseButton.LeftButton)


def test_a_recordings_folder_without_its_mark_can_be_taken_as_it_is(fleet, window, qtbot):
    fleet.become("cam1", CameraState.LIVE, storage=StorageProblem.MISSING)
    press(window, qtbot, "Record here all the same")
    assert fleet.orders[-1] == ("adopt",)


def test_other_troubles_with_the_disk_offer_no_such_button(fleet, window):
    fleet.become("cam1", CameraState.LIVE, storage=StorageProblem.FULL)
    assert window.banners.findChildren(QPushButton) == []


def test_a_locked_keyring_is_asked_again_with_a_button(fleet, window, qtbot):
    fleet.notice.emit(Notice(NoticeKind.KEYRING_LOCKED, {"name": "Door"}))
    press(window, qtbot, "Try again")
    assert fleet.orders[-1] == ("sync",)


def invalid(**args):
    return Notice(NoticeKind.CAMERA_INVALID, {"field": "url_sd", "reason": "empty"} | args)


TOLD = [
    (
        Notice(NoticeKind.CAMERAS_RESTORED, {"restored": "yes"}),
        "cameras.json was damaged. It was set aside and the last good version loaded.",
    ),
    (
        Notice(NoticeKind.CAMERAS_RESTORED, {"restored": ""}),
        "cameras.json was damaged and has been set aside. No earlier version was found.",
    ),
    (
        Notice(NoticeKind.CAMERAS_RESTORED, {"restored": "yes", "line": "12"}),
        "cameras.json was damaged. It was set aside and the last good version loaded."
        " The mistake is in line 12.",
    ),
    (
        Notice(NoticeKind.ID_TWICE, {"name": "Door"}),
        "“Door” had another camera's id in cameras.json and got one of its own.",
    ),
    (
        invalid(name="Attic"),
        "The camera “Attic” cannot be used: “Live stream (SD)” is missing.",
    ),
    (
        invalid(name="", number="3", field="name"),
        "The camera “Camera without a name (entry 3)” cannot be used: “Name” is missing.",
    ),
    (
        Notice(NoticeKind.FOLDER_SHARED, {"name": "Door", "folder": "Door_2"}),
        "The name “Door” meets another camera's folder; it records into “Door_2”.",
    ),
    (
        Notice(NoticeKind.NOT_SAVED, {"problem": "full"}),
        "The changes could not be saved: the disk is full.",
    ),
    (
        Notice(NoticeKind.KEYRING_LOCKED, {"name": "Door, left\nYard"}),
        "The system's keyring does not give the password of “Door, left”, “Yard”. Unlock it first.",
    ),
    (
        Notice(NoticeKind.KEYRING_REFUSED, {"name": "Door"}),
        "The password of “Door” stays in cameras.json: the keyring has not taken it.",
    ),
    (
        deleted(clips=312, size_bytes=4_200_000_000),
        "Recordings of “Door” deleted: 312 clips, 4.2 GB.",
    ),
    (
        deleted(clips=1, size_bytes=5_000_000, remaining=2, problem="read_only"),
        "Recordings of “Door” deleted: 1 clip, 5 MB. 2 files remain in the folder."
        " Not everything could be deleted: the disk cannot be written to.",
    ),
]


@pytest.mark.parametrize("notice, text", TOLD)
def test_notices_are_told_in_words(fleet, window, notice, text):
    fleet.notice.emit(notice)
    assert window.banners.texts() == [text]


def test_there_are_words_for_every_kind_of_notice():
    assert {notice.kind for notice, _ in TOLD} == set(NoticeKind)


def test_a_complaint_goes_once_the_camera_is_mended(fleet, window):
    fleet.notice.emit(invalid(name="Attic"))
    fleet.notice.emit(invalid(name="Cellar"))
    fleet.replace_cameras(fleet.cameras())
    assert len(window.banners.texts()) == 2
    fleet.notice.emit(invalid(name="Cellar"))
    fleet.replace_cameras((*fleet.cameras(), camera(5, name="Attic")))
    told = "The camera “Cellar” cannot be used: “Live stream (SD)” is missing."
    assert window.banners.texts() == [told]


def test_a_complaint_that_was_closed_does_not_come_back_with_every_save(fleet, window, qtbot):
    for _load in range(2):
        fleet.notice.emit(invalid(name="Attic"))
        fleet.replace_cameras(fleet.cameras())
    qtbot.mouseClick(window.banners.findChildren(QToolButton)[0], Qt.MouseButton.LeftButton)
    fleet.notice.emit(invalid(name="Attic"))
    fleet.replace_cameras(fleet.cameras())
    assert window.banners.texts() == []


def test_a_keyring_that_stays_locked_is_told_to_who_tried_again(fleet, window, qtbot):
    locked = Notice(NoticeKind.KEYRING_LOCKED, {"name": "Door"})
    fleet.notice.emit(locked)
    fleet.replace_cameras(fleet.cameras())
    press(window, qtbot, "Try again")
    assert window.banners.texts() == []
    fleet.notice.emit(locked)
    fleet.replace_cameras(fleet.cameras())
    assert len(window.banners.texts()) == 1


@pytest.mark.parametrize("words, yes", [("Delete", True), ("Not now", False)])
def test_a_question_about_deleting_is_answered_with_a_button(fleet, window, qtbot, words, yes):
    ask = PurgeQuestion(PurgeReason.RESERVE, "", 312, 42_000_000_000)
    fleet.question.emit(ask)
    assert "312 clips, 42 GB" in window.banners.texts()[0]
    button = next(b for b in window.banners.findChildren(QPushButton) if b.text() == words)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert fleet.orders[-1] == ("answer", ask, yes)
    assert window.banners.texts() == []


def test_settings_that_could_not_be_read_are_told_with_what_it_means(window, tmp_path):
    window.tell(unread_settings_banner(tmp_path / "settings.json"))
    (text,) = window.banners.texts()
    assert "not kept" in text
    assert text.endswith(str(tmp_path / "settings.json"))
