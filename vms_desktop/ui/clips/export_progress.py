"""Exports that are under way or over: a line each, in the dialog or on the page."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from vms_desktop.core.library import FailedPath
from vms_desktop.ui.base import Theme, keep_on_screen, open_path
from vms_desktop.ui.clips.clip_results import failure_words
from vms_desktop.ui.widgets import AnswerButton, TaskLine

if TYPE_CHECKING:
    from vms_desktop.core.export import ExportRest
    from vms_desktop.workers.jobs import JobResult, LibraryJobs

# So many clips that failed are named; the others are counted.
_LISTED = 3


@dataclass(frozen=True, slots=True)
class ExportState:
    """An export as it is told; outlives the line that tells it.

    Attributes:
        name: The camera's; empty where several are exported.
        files: The number of files that are written.
        done, total: So much of it is done; a `total` of 0 while nobody knows.
        result: Its outcome; None until it is over.
        before: The files that went into other folders, before those took no more.
    """

    job: int
    name: str
    files: int
    done: int = 0
    total: int = 0
    result: "JobResult | None" = None
    before: tuple[Path, ...] = ()


def _name(failed: FailedPath) -> str:
    """The clip by day and time; the folder by its name."""
    path = failed.path
    is_clip = path.suffix == ".mp4"
    return f"{path.parent.name} {path.stem.replace('-', ':', 2)}" if is_clip else path.name


def _named(failed: FailedPath) -> str:
    name, reason = _name(failed), failure_words(failed)
    return f"{name} ({reason})" if name else reason


def folder_dialog(parent: QWidget, title: str, folder: Path) -> QFileDialog:
    """Asks for a folder; gone once it is answered."""
    asked = QFileDialog(parent, title, str(folder))
    keep_on_screen(asked)
    asked.setFileMode(QFileDialog.FileMode.Directory)
    asked.setOption(QFileDialog.Option.ShowDirsOnly)
    asked.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return asked


class ExportLine(TaskLine):
    """Follows one export from its first to its last word.

    Attributes:
        state: What it tells.

    Signals:
        ended: The `JobResult`.
        went_on: The rest is being exported now.
        folder_chosen: Where the rest goes: a `Path` to be remembered.
    """

    ended = Signal(object)
    went_on = Signal()
    folder_chosen = Signal(object)

    def __init__(
        self,
        state: ExportState,
        jobs: "LibraryJobs",
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self.state = state
        self._jobs = jobs
        self.cancel_wanted.connect(lambda: jobs.cancel(self.state.job))
        jobs.progress.connect(self._take_progress)
        jobs.finished.connect(self._take_result)
        self._show_state()

    def _take_progress(self, job: int, done: int, total: int) -> None:
        if job == self.state.job and self.state.result is None:
            self.state = replace(self.state, done=done, total=total)
            self._show_state()

    def _take_result(self, job: int, result: "JobResult") -> None:
        if job == self.state.job:
            self.state = replace(self.state, result=result)
            self._show_state()
            self.ended.emit(result)

    def _show_state(self) -> None:
        state = self.state
        if state.result is not None:
            self._tell_result(state.result)
            return
        words = self.tr("Exporting {name}…")
        if state.total:
            percent = 100 * state.done // state.total
            words = self.tr("Exporting {name}: {percent}%").replace("{percent}", str(percent))
        name = state.name or self.tr("%n file(s)", "", state.files)
        self.show_progress(words.format(name=name), state.done, state.total)

    def _tell_result(self, result: "JobResult") -> None:
        if result.rest is not None:
            self._offer_to_go_on(result, result.rest)
        elif result.outputs or self.state.before:
            self._show_outputs(result)
        elif result.cancelled:
            self.show_result(self.tr("The export was cancelled; nothing was kept."), "info")
        else:
            words = self.tr("Nothing was exported: {reasons}.")
            reasons = self._failure_words(result.failed)
            self.show_result(words.format(reasons=reasons), "warning")

    def _show_outputs(self, result: "JobResult") -> None:
        outputs = (*self.state.before, *result.outputs)
        first = outputs[-1]
        text = self._exported_words(outputs)
        if result.cancelled:
            text = self.tr("{exported}. The rest was cancelled.").format(exported=text)
        elif result.failed:
            words = self.tr("{exported}. Not or only partly in it: {clips}.")
            text = words.format(exported=text, clips=self._failure_words(result.failed))
        show: AnswerButton = (self.tr("Show in folder"), lambda: open_path(first.parent))
        self.show_result(text, "warning" if result.failed else "check", (show,))

    def _exported_words(self, outputs: tuple[Path, ...]) -> str:
        if len(outputs) == 1:
            return self.tr("Exported: {name}").format(name=outputs[0].name)
        text = self.tr("%n file(s) exported to {folder}", "", len(outputs))
        folders = dict.fromkeys(str(path.parent) for path in outputs)
        return text.format(folder=", ".join(folders))

    def _offer_to_go_on(self, result: "JobResult", rest: "ExportRest") -> None:
        """The folder takes no more: what is whole stays, the rest may go into another."""
        outputs = (*self.state.before, *result.outputs)
        words = self.tr("Nothing was exported: {reasons}.")
        if outputs:
            words = self.tr("{exported}. The rest was not: {reasons}.")
        text = words.format(
            exported=self._exported_words(outputs) if outputs else "",
            reasons=self._failure_words(result.failed),
        )
        answers: tuple[AnswerButton, ...] = (
            (self.tr("Another folder…"), lambda: self._choose_folder(result, rest)),
            (self.tr("Try again"), lambda: self._go_on(result, rest, rest.request.folder)),
        )
        self.show_result(text, "warning", answers)

    def _choose_folder(self, result: "JobResult", rest: "ExportRest") -> None:
        asked = folder_dialog(self, self.tr("Choose a folder"), rest.request.folder)
        asked.fileSelected.connect(lambda path: self._take_folder(result, rest, Path(path)))
        asked.open()

    def _take_folder(self, result: "JobResult", rest: "ExportRest", folder: Path) -> None:
        self.folder_chosen.emit(folder)
        self._go_on(result, rest, folder)

    def _go_on(self, result: "JobResult", rest: "ExportRest", folder: Path) -> None:
        self.state = ExportState(
            job=self._jobs.go_on(rest, folder),
            name=self.state.name,
            files=len(rest.plans),
            before=(*self.state.before, *result.outputs),
        )
        self._show_state()
        self.went_on.emit()

    def _failure_words(self, failed: tuple[FailedPath, ...]) -> str:
        """The clips that are missing, and why."""
        named = [_named(each) for each in failed[:_LISTED]]
        others = len(failed) - _LISTED
        return ", ".join(named + ([self.tr("%n more", "", others)] if others > 0 else []))


class ExportsBar(QWidget):
    """The exports that go on after their dialog was closed; takes no room where there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[ExportLine] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def adopt(self, line: ExportLine) -> None:
        """Show an export here from now on."""
        self._lines.append(line)
        self._column.addWidget(line)
        line.show()
        line.closed.connect(lambda: self._remove(line))

    def lines(self) -> list[ExportLine]:
        """From top to bottom."""
        return list(self._lines)

    def _remove(self, line: ExportLine) -> None:
        self._lines.remove(line)
        self._column.removeWidget(line)
        line.hide()
        line.deleteLater()
