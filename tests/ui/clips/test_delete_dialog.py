"""Deleting is asked about once, and what has come of it is told."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QLabel, QPushButton

from tests.support.archive_clips import indexed
from vms_desktop.core.base.errors import Problem, StorageProblem
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.library.archive import FailedPath, Refusal
from vms_desktop.ui.clips.clip_results import job_result_banner
from vms_desktop.ui.clips.delete_dialog import DeleteClipsDialog
from vms_desktop.workers.jobs.library_jobs import JobKind, JobResult

LAYOUT = Layout(Path("/data"))


pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def ask(qtbot):
    def open_one(*clips) -> DeleteClipsDialog:
        dialog = DeleteClipsDialog(clips)
        with qtbot.waitExposed(dialog):
            dialog.open()
        return dialog

    return open_one


def clip(time: str, **fields):
    return indexed(LAYOUT, time, **fields)


def buttons(dialog: DeleteClipsDialog) -> dict[str, QPushButton]:
    return {each.text(): each for each in dialog.findChildren(QPushButton)}


def said(dialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel))


def path(time: str) -> Path:
    return clip(time).path


def test_it_says_how_many_how_large_and_of_which_time(ask):
    dialog = ask(clip("14:24:48", camera="Yard"), clip("14:08:56"), clip("14:19:13"))
    words = said(dialog)
    assert "Delete 3 clips?" in words
    assert "60 MB · Alley, Yard" in words
    assert "Sunday 22 November 2026, 14:08:56 – 14:25:32" in words
    dialog.close()


@pytest.mark.parametrize(
    "others, words",
    [
        ([], "Alley"),
        ([f"Camera {number}" for number in range(7)], "Camera 4 and 2 more"),
    ],
)
def test_it_names_the_cameras_but_not_too_many(ask, others, words):
    dialog = ask(clip("14:00:00"), *(clip("14:00:01", camera=name) for name in others))
    assert words in dialog.facts().splitlines()[0]
    dialog.close()


def test_clips_of_several_days_are_told_by_their_days(ask):
    dialog = ask(clip("14:00:00"), clip("14:00:00", day="2026-11-19"))
    assert "Thursday 19 November 2026 – Sunday 22 November 2026" in said(dialog)
    dialog.close()


def test_enter_and_esc_delete_nothing(ask, qtbot):
    dialog = ask(clip("14:00:00"))
    assert (
        dialog.findChild(QDialogButtonBox)
        .button(QDialogButtonBox.StandardButton.Cancel)
        .isDefault()
    )
    heard: list[object] = []
    dialog.delete_chosen.connect(heard.append)
    dialog.archive_chosen.connect(heard.append)
    with qtbot.waitSignal(dialog.rejected):
        dialog.reject()
    assert heard == []


def test_delete_is_told_with_the_paths(ask, qtbot):
    dialog = ask(clip("14:00:00"), clip("13:00:00"))
    with qtbot.waitSignal(dialog.delete_chosen) as chosen:
        buttons(dialog)["Delete"].click()
    assert chosen.args == [(path("13:00:00"), path("14:00:00"))]


def test_archive_is_offered_instead_for_what_is_not_archived(ask, qtbot):
    dialog = ask(clip("14:00:00"), clip("13:00:00", is_archived=True))
    assert "1 of them is in the archives." in said(dialog)
    with qtbot.waitSignal(dialog.archive_chosen) as chosen:
        buttons(dialog)["Archive instead"].click()
    assert chosen.args == [(path("14:00:00"),)]


def test_archived_clips_alone_cannot_be_archived(ask):
    dialog = ask(clip("14:00:00", is_archived=True))
    assert "Archive instead" not in buttons(dialog)
    dialog.close()


@pytest.mark.parametrize(
    "result, words",
    [
        (
            JobResult(kind=JobKind.DELETE, done=(path("14:00:00"),), freed_bytes=20_000_000),
            "1 clip deleted, 20 MB free again.",
        ),
        (
            JobResult(kind=JobKind.ARCHIVE, done=(path("14:00:00"), path("15:00:00"))),
            "2 clips moved to the archives.",
        ),
        (
            JobResult(kind=JobKind.RESTORE, done=(path("14:00:00"),)),
            "1 clip moved back to the recordings.",
        ),
        (
            JobResult(
                kind=JobKind.DELETE,
                done=(path("14:00:00"),),
                failed=(FailedPath(path("14:24:48"), StorageProblem.READ_ONLY),),
                freed_bytes=1_000_000,
            ),
            "1 clip deleted, 1 MB free again. "
            "1 clip could not be changed: Alley 14:24:48 (Disk is read-only).",
        ),
        (
            JobResult(
                kind=JobKind.DELETE,
                failed=tuple(
                    FailedPath(path(f"14:00:0{number}"), problem)
                    for number, problem in enumerate([*Refusal, Problem.BAD_DATA, *[Refusal.GONE]])
                ),
            ),
            "5 clips could not be changed: Alley 14:00:00 (still being recorded), "
            "Alley 14:00:01 (not a clip), Alley 14:00:02 (no longer there), and 2 more.",
        ),
    ],
)
def test_the_result_tells_what_was_done_and_which_remain(result, words):
    banner = job_result_banner(result)
    assert banner is not None
    assert banner.text == words
    assert banner.urgent is bool(result.failed)
    assert bool(banner.seconds) is not bool(result.failed)


@pytest.mark.parametrize(
    "result",
    [
        JobResult(kind=JobKind.COMMENT, done=(path("14:00:00"),)),
        JobResult(kind=JobKind.DELETE, cancelled=True),
    ],
)
def test_what_can_be_seen_anyway_is_not_told(result):
    assert job_result_banner(result) is None


@pytest.mark.parametrize("words, chosen", [("Cancel", None), ("Delete", "14-08-56.mp4")])
def test_enter_is_what_has_the_keyboard_and_that_is_cancel_at_first(ask, words, chosen):
    dialog = ask(clip("14:08:56"))
    deleted: list[Path] = []
    dialog.delete_chosen.connect(deleted.extend)
    assert dialog.focusWidget() is buttons(dialog)["Cancel"]
    buttons(dialog)[words].setFocus()
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    assert not dialog.isVisible()
    assert [each.name for each in deleted] == ([chosen] if chosen else [])
