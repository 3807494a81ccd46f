"""What is exported, under which names, and what becomes of it."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDateTimeEdit, QFileDialog, QLabel, QPushButton

from tests.support.exporting import blocks
from tests.support.library import at, put_clip
from tests.support.stand_in import clip
from tests.support.zones import local_zone
from vms_desktop.core.base.errors import Problem, StorageProblem
from vms_desktop.core.base.layout import Layout
from vms_desktop.core.base.picture import Size
from vms_desktop.core.export.exporter import ExportRest
from vms_desktop.core.export.plan import FilePlan
from vms_desktop.core.export.request import ExportRequest, ExportTrack
from vms_desktop.core.library.archive import FailedPath, Obstacle
from vms_desktop.ui.base.theme import DARK_THEME
from vms_desktop.ui.clips import export_progress
from vms_desktop.ui.clips.export_dialog import ExportDialog, MomentEdit
from vms_desktop.ui.clips.export_facts import ExportFacts, export_facts
from vms_desktop.ui.clips.export_progress import ExportsBar
from vms_desktop.workers.jobs.library_jobs import LibraryJobs

START_AT = datetime(2026, 11, 22, 14, 0).astimezone()


class JobsStandIn(QObject):
    progress = Signal(int, int, int)
    finished = Signal(int, object)
    foretold = Signal(int, object)

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[ExportRequest] = []
        self.questions: list[ExportRequest] = []
        self.cancelled: list[int] = []

    def export(self, request: ExportRequest) -> int:
        self.requests.append(request)
        return len(self.requests)

    def go_on(self, rest: ExportRest, folder: Path) -> int:
        return self.export(replace(rest.request, folder=folder))

    def foretell(self, request: ExportRequest) -> int:
        self.questions.append(request)
        return len(self.questions)

    def cancel(self, job: int) -> None:
        self.cancelled.append(job)


def track(name, *starts_s, seconds=40):
    """A camera with clips of a megabyte each."""
    clips = [
        clip(n, start_at=START_AT + timedelta(seconds=s), seconds=seconds)
        for n, s in enumerate(starts_s)
    ]
    return ExportTrack(name, tuple(clips))


def after(seconds: float) -> datetime:
    return START_AT + timedelta(seconds=seconds)


def result(outputs=(), failed=(), cancelled=False, rest=None):
    paths = tuple(Path("/videos") / name for name in outputs)
    return SimpleNamespace(outputs=paths, failed=tuple(failed), cancelled=cancelled, rest=rest)


def told(bar: ExportsBar) -> list[str]:
    return [line.text for line in bar.lines()]


@pytest.fixture
def jobs(qapp):
    return JobsStandIn()


@pytest.fixture
def open_dialog(qtbot, jobs):
    dialogs = []

    def open_one(*tracks, start=None, end=None):
        dialogs.append(ExportDialog(tracks, start, end, jobs, Path("/videos"), DARK_THEME))
        qtbot.addWidget(dialogs[-1])
        dialogs[-1].show()
        return dialogs[-1]

    return open_one


@pytest.mark.parametrize(
    "fields, names, length_s, size_bytes",
    [
        # Whole clips: one file, named for the first.
        ({}, ["Alley_2026-11-22_14-00-00.mp4"], 80, 2_000_000),
        (
            {"concat": False},
            ["Alley_2026-11-22_14-00-00.mp4", "Alley_2026-11-22_14-01-00.mp4"],
            80,
            2_000_000,
        ),
        # From the middle of the first to the middle of the second.
        (
            {"start": after(20), "end": after(80), "comment": "Van"},
            ["Alley_2026-11-22_14-00-20_Van.mp4"],
            40,
            1_000_000,
        ),
        # It begins where nothing was recorded: named for the first frame there is.
        ({"start": after(45), "end": after(200)}, ["Alley_2026-11-22_14-01-00.mp4"], 40, 1_000_000),
        ({"start": after(45), "end": after(55)}, [], 0, 0),
    ],
)
def test_names_length_and_size_are_known_before(fields, names, length_s, size_bytes):
    request = ExportRequest(tracks=(track("Alley", 0, 60),), folder=Path("/videos"))
    assert export_facts(replace(request, **fields)) == ExportFacts(
        tuple(names), length_s, size_bytes
    )


def test_time_that_two_clips_share_counts_once():
    request = ExportRequest(tracks=(track("Alley", 0, 30),), folder=Path("/videos"))
    assert export_facts(request).length_s == 70


def test_a_range_of_chosen_cameras_is_exported_as_it_was_asked(open_dialog, jobs):
    alley, yard = track("Alley", 0), track("Yard", 10)
    dialog = open_dialog(alley, yard, start=after(0.25), end=after(30))
    dialog.cameras.item(1).setCheckState(Qt.CheckState.Unchecked)
    dialog.comment.setText(" Van ")
    dialog.burn_in.click()
    dialog.exact.click()
    dialog.export.click()
    assert jobs.requests == [
        ExportRequest(
            tracks=(alley,),
            start=after(0.25),  # To the very mark, though the field shows whole seconds.
            end=after(30),
            folder=Path("/videos"),
            comment="Van",
            exact=True,
            burn_in=True,
        )
    ]


def test_whole_clips_have_no_range_and_nothing_to_be_exact_about(open_dialog):
    dialog = open_dialog(track("Alley", 0, 60))
    request = dialog.request()
    assert (request.start, request.end, request.exact) == (None, None, False)
    assert not dialog.exact.isVisible()
    assert dialog.files.text() == "Alley_2026-11-22_14-00-00.mp4"
    dialog.concat.click()
    assert dialog.facts.text() == "2 file(s) · 1:20 · about 2 MB"


def test_another_range_gives_other_names(open_dialog):
    dialog = open_dialog(track("Alley", 0), start=after(0), end=after(30))
    dialog.start.setDateTime(dialog.start.dateTime().addSecs(12))
    assert dialog.request().start == after(12)
    assert dialog.files.text() == "Alley_2026-11-22_14-00-12.mp4"


def test_what_gives_no_file_cannot_be_exported_and_says_why(open_dialog):
    dialog = open_dialog(track("Alley", 0), start=after(50), end=after(60))
    assert dialog.facts.text() == "Nothing was recorded in this range."
    assert not dialog.export.isEnabled()
    dialog.cameras.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert dialog.facts.text() == "No camera is chosen."


def test_many_files_are_counted_not_listed(open_dialog):
    dialog = open_dialog(track("Alley", *range(0, 600, 60)))
    dialog.concat.click()
    lines = dialog.files.text().splitlines()
    assert (len(lines), lines[-1]) == (5, "and 6 more")


def test_a_folder_that_is_chosen_is_told_to_be_remembered(open_dialog, qtbot):
    dialog = open_dialog(track("Alley", 0))
    with qtbot.waitSignal(dialog.folder_chosen) as told:
        next(b for b in dialog.findChildren(QPushButton) if b.text() == "Choose…").click()
        dialog.findChild(QFileDialog).fileSelected.emit("/stick")
    assert told.args == [Path("/stick")]
    assert (dialog.folder.text(), dialog.request().folder) == ("/stick", Path("/stick"))


def started(dialog):
    dialog.export.click()
    return dialog.findChild(export_progress.ExportLine)


def test_an_export_shows_how_far_it_is_and_can_be_cancelled(open_dialog, jobs):
    line = started(open_dialog(track("Alley", 0)))
    jobs.progress.emit(2, 900, 1000)  # Somebody else's.
    assert line.text == "Exporting Alley…"
    jobs.progress.emit(1, 425, 1000)
    assert line.text == "Exporting Alley: 42%"
    line.cancel.click()
    assert jobs.cancelled == [1]
    jobs.finished.emit(1, result(cancelled=True))
    assert line.text == "The export was cancelled; nothing was kept."


def test_what_was_exported_can_be_shown_in_its_folder(open_dialog, jobs, monkeypatch):
    shown: list[Path] = []
    monkeypatch.setattr(export_progress, "open_path", shown.append)
    line = started(open_dialog(track("Alley", 0)))
    jobs.finished.emit(1, result(["Alley_1.mp4"]))
    assert line.text == "Exported: Alley_1.mp4"
    next(b for b in line.findChildren(QPushButton) if b.text() == "Show in folder").click()
    assert shown == [Path("/videos")]


def test_once_it_is_over_the_files_that_were_written_are_named(open_dialog, jobs, qtbot):
    dialog = open_dialog(track("Alley", 0), start=after(20), end=after(30))

    def shown():
        return {each.text() for each in dialog.findChildren(QLabel) if each.isVisible()}

    started(dialog)
    waits = "You may close this window: the export goes on."
    qtbot.waitUntil(lambda: {"Alley_2026-11-22_14-00-20.mp4", waits} <= shown())
    jobs.finished.emit(1, result(["Alley_2026-11-22_14-00-18.mp4"]))
    assert "Alley_2026-11-22_14-00-18.mp4" in shown()
    assert waits not in shown()


def test_each_camera_says_how_many_of_its_clips_are_in_the_range(open_dialog):
    dialog = open_dialog(track("Alley", 0, 60), track("Yard", 0), start=after(50), end=after(70))
    words = [dialog.cameras.item(row).text() for row in range(2)]
    assert words == ["Alley · 1 clip(s)", "Yard · 0 clip(s)"]


DAY = Path("/recordings/A/2026-11-22")


@pytest.mark.parametrize(
    "ended, told",
    [
        (
            result(["a.mp4", "b.mp4"], [FailedPath(DAY / "14-31-03.mp4", Problem.BAD_DATA)]),
            "2 file(s) exported to /videos. "
            "Not or only partly in it: 2026-11-22 14:31:03 (cannot be read).",
        ),
        (
            result(failed=[FailedPath(Path("/videos"), StorageProblem.FULL)]),
            "Nothing was exported: videos (Disk full).",
        ),
        (
            result(failed=[FailedPath(DAY / f"14-00-0{n}.mp4", Problem.ENDED) for n in range(5)]),
            "Nothing was exported: 2026-11-22 14:00:00 "
            "(cannot be read), 2026-11-22 14:00:01 (cannot be read), 2026-11-22 14:00:02 "
            "(cannot be read), 2 more.",
        ),
        (
            result(failed=[FailedPath(DAY / "14-31-03.mp4", Obstacle.NOT_FOR_MP4, "VP8")]),
            "Nothing was exported: 2026-11-22 14:31:03 "
            "(its video, VP8, cannot be copied into an MP4; encoded anew it can).",
        ),
        (
            result(failed=[FailedPath(Path(), Problem.CRASHED)]),
            "Nothing was exported: an error in the program; details are in the log.",
        ),
    ],
)
def test_what_failed_is_told_with_its_reason(open_dialog, jobs, ended, told):
    line = started(open_dialog(track("Alley", 0)))
    jobs.finished.emit(1, ended)
    assert line.text == told


STICK = Path("/stick")
PLAN = FilePlan(track("Alley", 0), (), False, Size(640, 360))
REST = ExportRest(ExportRequest(tracks=(track("Alley", 0),), folder=STICK, comment="Van"), (PLAN,))
FULL = FailedPath(STICK, StorageProblem.FULL, missing_bytes=1_200_000_000)


def button(line, words):
    return next(b for b in line.findChildren(QPushButton) if b.text() == words)


def test_where_a_folder_takes_no_more_the_rest_goes_to_another(open_dialog, jobs, qtbot):
    dialog = open_dialog(track("Alley", 0), track("Yard", 0))
    line = started(dialog)
    jobs.finished.emit(1, result(["Alley_1.mp4"], [FULL], rest=REST))
    assert line.text == (
        "Exported: Alley_1.mp4. The rest was not: stick (disk full: about 1.2 GB more is needed)."
    )
    with qtbot.waitSignal(dialog.folder_chosen) as told:
        button(line, "Another folder…").click()
        line.findChild(QFileDialog).fileSelected.emit("/disk")
    assert told.args == [Path("/disk")]
    assert jobs.requests[-1] == replace(REST.request, folder=Path("/disk"))
    assert line.is_running
    jobs.progress.emit(2, 500, 1000)
    assert line.text == "Exporting 1 file(s): 50%"
    line.cancel.click()
    assert jobs.cancelled == [2]
    jobs.finished.emit(2, result(["Yard_1.mp4"]))
    assert line.text == "2 file(s) exported to /videos"


def test_the_rest_is_tried_again_in_the_same_folder(open_dialog, jobs):
    line = started(open_dialog(track("Alley", 0)))
    jobs.finished.emit(1, result(failed=[FULL], rest=REST))
    assert line.text.startswith("Nothing was exported: stick (disk full")
    button(line, "Try again").click()
    assert jobs.requests[-1] == REST.request
    jobs.finished.emit(2, result(cancelled=True))
    assert line.text == "The export was cancelled; nothing was kept."


def test_what_was_kept_before_the_rest_was_cancelled_is_told(open_dialog, jobs):
    line = started(open_dialog(track("Alley", 0)))
    jobs.finished.emit(1, result(["Alley_1.mp4"], [FULL], rest=REST))
    button(line, "Try again").click()
    jobs.finished.emit(2, result(cancelled=True))
    assert line.text == "Exported: Alley_1.mp4. The rest was cancelled."


def test_a_copy_that_begins_before_its_start_is_foretold(open_dialog, jobs, qtbot):
    dialog = open_dialog(track("Alley", 0), start=after(20), end=after(30))
    qtbot.waitUntil(lambda: len(jobs.questions) == 1)
    assert jobs.questions[0] == dialog.request()
    jobs.foretold.emit(1, (after(18),))
    assert dialog.files.text() == "Alley_2026-11-22_14-00-18.mp4"
    assert "begins at 14:00:18, with the keyframe before the start" in dialog.facts.text()
    dialog.exact.click()
    assert dialog.files.text() == "Alley_2026-11-22_14-00-20.mp4"
    assert "keyframe" not in dialog.facts.text()
    jobs.foretold.emit(1, (after(18),))  # Too late.
    assert dialog.files.text() == "Alley_2026-11-22_14-00-20.mp4"


def test_closing_the_dialog_hands_the_running_export_on(open_dialog, jobs, qtbot):
    dialog = open_dialog(track("Alley", 0))
    bar = ExportsBar()
    qtbot.addWidget(bar)
    dialog.left_running.connect(bar.adopt)
    started(dialog)
    jobs.progress.emit(1, 500, 1000)
    dialog.close()
    assert told(bar) == ["Exporting Alley: 50%"]
    jobs.finished.emit(1, result(["Alley_1.mp4"]))
    assert told(bar) == ["Exported: Alley_1.mp4"]
    bar.lines()[0].closed.emit()
    assert told(bar) == []


def test_an_export_that_is_over_ends_with_its_dialog(open_dialog, jobs, qtbot):
    dialog = open_dialog(track("Alley", 0))
    started(dialog)
    jobs.finished.emit(1, result(["Alley_1.mp4"]))
    with qtbot.assertNotEmitted(dialog.left_running):
        dialog.close()


def test_a_real_clip_is_exported_from_end_to_end(qtbot, data_dir, tmp_path):
    layout = Layout(data_dir)
    recorded = put_clip(layout, at("10:00:00"), length_s=1)
    jobs = LibraryJobs(layout, lambda *_: None, blocks)
    try:
        tracks = (ExportTrack("Alley", (recorded,)),)
        dialog = ExportDialog(tracks, None, None, jobs, tmp_path / "out", DARK_THEME)
        qtbot.addWidget(dialog)
        dialog.show()
        dialog.comment.setText("Van")
        line = started(dialog)
        qtbot.waitUntil(lambda: line.state.result is not None, timeout=10_000)
        (name,) = [path.name for path in (tmp_path / "out").iterdir()]
        assert name == "Alley_2026-11-20_10-00-00_Van.mp4"
        assert line.text == f"Exported: {name}"
        dialog.close()
    finally:
        assert jobs.stop(monotonic() + 5)


@pytest.fixture
def paris(qapp):
    with local_zone("Europe/Paris"):
        yield


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone()


def stepped(qtbot, at: datetime, section: QDateTimeEdit.Section, steps: int) -> MomentEdit:
    """A field of a moment in which a person has pressed an arrow key."""
    edit = MomentEdit(at, "Start")
    qtbot.addWidget(edit)
    edit.setCurrentSection(section)
    edit.stepBy(steps)
    return edit


SECONDS = QDateTimeEdit.Section.SecondSection
MINUTES = QDateTimeEdit.Section.MinuteSection
HOURS = QDateTimeEdit.Section.HourSection
DAYS = QDateTimeEdit.Section.DaySection


@pytest.mark.parametrize(
    "at, section, steps, expected, shown",
    [
        ("2026-10-25T02:30:00+02:00", SECONDS, 5, "02:30:05+02:00", "02:30:05 +2"),
        ("2026-10-25T02:30:00+01:00", SECONDS, 5, "02:30:05+01:00", "02:30:05 +1"),
        ("2026-10-25T02:30:00+01:00", MINUTES, -10, "02:20:00+01:00", "02:20:00 +1"),
        ("2026-10-25T01:30:00+02:00", HOURS, 1, "02:30:00+02:00", "02:30:00 +2"),
        ("2026-10-25T03:30:00+01:00", HOURS, -1, "02:30:00+01:00", "02:30:00 +1"),
        ("2026-10-25T02:30:00+01:00", HOURS, 1, "03:30:00+01:00", "03:30:00"),
        ("2026-10-24T02:30:00+02:00", DAYS, 1, "02:30:00+02:00", "02:30:00 +2"),
        ("2026-10-24T12:00:00+02:00", DAYS, 1, "12:00:00+01:00", "12:00:00"),
        ("2026-03-29T01:30:00+01:00", HOURS, 2, "03:30:00+02:00", "03:30:00"),
    ],
)
def test_a_changed_time_keeps_the_pass_in_which_it_was(
    paris, qtbot, at, section, steps, expected, shown
):
    edit = stepped(qtbot, datetime.fromisoformat(at), section, steps)
    assert edit.at().isoformat()[11:] == expected
    assert edit.text()[11:] == shown


def test_a_time_that_no_clock_shows_is_moved_on_once_it_is_entered(paris, qtbot):
    edit = stepped(qtbot, moment("2026-03-29T01:30:00+01:00"), HOURS, 1)
    assert edit.at() == moment("2026-03-29T03:30:00+02:00")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert edit.text() == "2026-03-29 03:30:00"
    assert edit.at() == moment("2026-03-29T03:30:00+02:00")


def test_a_time_can_be_typed_into_the_repeated_hour(paris, qtbot):
    edit = stepped(qtbot, moment("2026-10-25T03:30:00.250+01:00"), HOURS, 0)
    assert edit.at() == moment("2026-10-25T03:30:00.250+01:00")
    edit.setSelectedSection(HOURS)
    QTest.keyClicks(edit, "022515")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert edit.text() == "2026-10-25 02:25:15 +1"
    assert edit.at() == moment("2026-10-25T02:25:15+01:00")


@pytest.mark.parametrize("offset", ["+02:00", "+01:00"])
def test_a_range_in_the_repeated_hour_finds_its_clip_after_a_change(paris, open_dialog, offset):
    start = moment(f"2026-10-25T02:30:00{offset}")
    found = ExportTrack("Alley", (clip(1, start_at=start, seconds=60),))
    dialog = open_dialog(found, start=start, end=start + timedelta(seconds=50))
    for edit, steps in ((dialog.end, -5), (dialog.start, 5)):
        edit.setCurrentSection(SECONDS)
        edit.stepBy(steps)
    assert dialog.export.isEnabled()
    request = dialog.request()
    assert (request.start - start, request.end - start) == (
        timedelta(seconds=5),
        timedelta(seconds=45),
    )
