"""Asked when the window is closed while work goes on that would be lost."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialogButtonBox, QPushButton, QVBoxLayout, QWidget

from vms_desktop.ui.widgets import FittingDialog, PlainLabel

if TYPE_CHECKING:
    from vms_desktop.workers.jobs import JobResult, JobUnderWay, LibraryJobs

_WIDTH_PX = 420


class QuitDialog(FittingDialog):
    """Says how far the work is, for as long as it is shown; gone by itself.

    Signals:
        quit_chosen: Now; what is not done is given up.
        later_chosen: Once everything is done.
    """

    quit_chosen = Signal()
    later_chosen = Signal()

    def __init__(self, jobs: "LibraryJobs", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Quit"))
        self.setMinimumWidth(_WIDTH_PX)
        self._is_export = any(job.is_export for job in jobs.under_way())
        self.told = PlainLabel(self._words(jobs.under_way()))
        column = QVBoxLayout()
        column.setSpacing(10)
        column.addWidget(PlainLabel(self._question(), title=True))
        column.addWidget(self.told)
        column.addWidget(PlainLabel(self._consequence(), quiet=True))
        column.addStretch()
        self.lay_out(column, self._made_buttons())
        self.keep.setFocus()
        jobs.progress.connect(self._follow)
        jobs.finished.connect(self._follow_end)

    def done(self, result: int) -> None:
        self._jobs.progress.disconnect(self._follow)
        self._jobs.finished.disconnect(self._follow_end)
        super().done(result)

    def _follow(self, *_told: object) -> None:
        self.told.setText(self._words(self._jobs.under_way()))

    def _follow_end(self, _job: int, result: "JobResult") -> None:
        """Close the window where all is over, as was wanted; a failure is to be read first."""
        if result.failed:
            self.reject()
        elif self._jobs.under_way():
            self._follow()
        else:
            self._choose_quit()

    def _question(self) -> str:
        if self._is_export:
            return self.tr("An export is not finished")
        return self.tr("Clips are still being moved or deleted")

    def _consequence(self) -> str:
        if self._is_export:
            return self.tr("If you quit now, nothing of the unfinished file is kept.")
        return self.tr("If you quit now, what is done stays done and the rest is not.")

    def _words(self, jobs: "Sequence[JobUnderWay]") -> str:
        return "\n".join(self._job_words(job) for job in jobs)

    def _job_words(self, job: "JobUnderWay") -> str:
        from vms_desktop.workers.jobs import JobKind

        if job.is_export:
            percent = 100 * job.done // job.total if job.total else 0
            return self.tr("Export: {percent}%").replace("{percent}", str(percent))
        words = {
            JobKind.ARCHIVE: self.tr("Archiving: {done} of {total} clips"),
            JobKind.RESTORE: self.tr("Moving back: {done} of {total} clips"),
            JobKind.DELETE: self.tr("Deleting: {done} of {total} clips"),
        }.get(job.kind, self.tr("Writing: {done} of {total} clips"))
        return words.format(done=job.done, total=job.total)

    def _made_buttons(self) -> QDialogButtonBox:
        buttons, roles = QDialogButtonBox(), QDialogButtonBox.ButtonRole
        goes_on = self.tr("Keep exporting") if self._is_export else self.tr("Keep working")
        gives_up = self.tr("Quit and discard") if self._is_export else self.tr("Quit and leave it")
        self.keep = QPushButton(goes_on)
        self.later = QPushButton(self.tr("Quit when done"))
        self.give_up = QPushButton(gives_up)
        self.give_up.setProperty("danger", True)
        self.keep.clicked.connect(self.reject)
        self.later.clicked.connect(self._choose_later)
        self.give_up.clicked.connect(self._choose_quit)
        for button, role in (
            (self.give_up, roles.DestructiveRole),
            (self.later, roles.ActionRole),
            (self.keep, roles.RejectRole),
        ):
            buttons.addButton(button, role)
        self.keep.setDefault(True)
        return buttons

    def _choose_later(self) -> None:
        self.accept()
        self.later_chosen.emit()

    def _choose_quit(self) -> None:
        self.accept()  # First: the window that closes now would close it once more.
        self.quit_chosen.emit()
