"""How far exports are, and what became of them; a line each, in the dialog or on the page."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vms_desktop.core.errors import Problem, StorageProblem
from vms_desktop.core.failed_path import FailedPath, Refusal
from vms_desktop.ui.desktop import open_path
from vms_desktop.ui.playback.task_line import Answer, TaskLine
from vms_desktop.ui.theme import Theme
from vms_desktop.ui.words import storage_words

if TYPE_CHECKING:
    from vms_desktop.workers.library_jobs import JobResult, LibraryJobs

_LISTED = 3
"""So many clips that failed are named; the others are counted."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("export_progress", text)


def clip_problem_words(problem: StorageProblem | Problem | Refusal) -> str:
    """Why something could not be done with a clip."""
    if isinstance(problem, StorageProblem):
        return storage_words(problem)
    words: dict[Problem | Refusal, str] = {
        Refusal.BEING_WRITTEN: _tr("still being recorded"),
        Refusal.NOT_A_CLIP: _tr("not a clip"),
        Refusal.GONE: _tr("no longer there"),
        Problem.NOT_FOUND: _tr("no longer there"),
        Problem.UNSUPPORTED_CODEC: _tr("format not supported"),
        Problem.NO_VIDEO: _tr("holds no video"),
    }
    return words.get(problem, _tr("cannot be read"))


def _name(failed: FailedPath) -> str:
    """The clip by day and time; the folder by its name."""
    path = failed.path
    is_clip = path.suffix == ".mp4"
    return f"{path.parent.name} {path.stem.replace('-', ':', 2)}" if is_clip else path.name


class ExportLine(TaskLine):
    """Follows one export from its first to its last word.

    Attributes:
        is_over: Whether it has ended.
    """

    def __init__(
        self,
        job: int,
        label: str,
        jobs: "LibraryJobs",
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self.job = job
        self.is_over = False
        self._label = label
        self._folder: Path | None = None
        self.cancel_wanted.connect(lambda: jobs.cancel(job))
        jobs.progress.connect(self._take_progress)
        jobs.finished.connect(self._take_result)
        self._take_progress(job, 0, 0)

    def _take_progress(self, job: int, done: int, total: int) -> None:
        if job != self.job or self.is_over:
            return
        words = self.tr("Exporting {name}…")
        if total:
            percent = 100 * done // total
            words = self.tr("Exporting {name}: {percent}%").replace("{percent}", str(percent))
        self.show_progress(words.format(name=self._label), done, total)

    def _take_result(self, job: int, result: "JobResult") -> None:
        if job != self.job:
            return
        self.is_over = True
        if result.outputs:
            self._show_outputs(result)
        elif result.cancelled:
            self.show_result(self.tr("The export was cancelled; nothing was kept."), "info")
        else:
            words = self.tr("Nothing was exported: {reasons}.")
            reasons = self._failure_words(result.failed)
            self.show_result(words.format(reasons=reasons), "warning")

    def _show_outputs(self, result: "JobResult") -> None:
        first = result.outputs[0]
        text = self.tr("Exported: {name}").format(name=first.name)
        if len(result.outputs) > 1:
            text = self.tr("%n file(s) exported to {folder}", "", len(result.outputs))
            text = text.format(folder=first.parent)
        if result.failed:
            words = self.tr("{exported}. Not or only partly in it: {clips}.")
            text = words.format(exported=text, clips=self._failure_words(result.failed))
        show: Answer = (self.tr("Show in folder"), lambda: self._show(first.parent))
        self.show_result(text, "warning" if result.failed else "check", (show,))

    def _show(self, folder: Path) -> None:
        open_path(folder)

    def _failure_words(self, failed: tuple[FailedPath, ...]) -> str:
        """Which clips are missing, and why."""
        named = [f"{_name(each)} ({clip_problem_words(each.problem)})" for each in failed[:_LISTED]]
        others = len(failed) - _LISTED
        return ", ".join(named + ([self.tr("%n more", "", others)] if others > 0 else []))


class ExportsBar(QWidget):
    """The exports that go on after their dialog was closed; takes no room where there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def adopt(self, line: ExportLine) -> None:
        """Show an export here from now on."""
        self._column.addWidget(line)
        line.show()
        line.closed.connect(lambda: self._remove(line))

    def texts(self) -> list[str]:
        """What is said at the moment."""
        items = (self._column.itemAt(number) for number in range(self._column.count()))
        return [item.widget().accessibleName() for item in items]

    def _remove(self, line: ExportLine) -> None:
        self._column.removeWidget(line)
        line.hide()
        line.deleteLater()
