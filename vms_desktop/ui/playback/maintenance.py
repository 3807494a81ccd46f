"""The maintenance of the library that a person may ask for: its menu, and the line that tells."""

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from vms_desktop.core.base import StorageProblem
from vms_desktop.core.index import Maintenance, MaintenanceResult
from vms_desktop.core.library import PurgeResult
from vms_desktop.ui.base import Theme, bytes_words, storage_words
from vms_desktop.ui.widgets import TaskLine

if TYPE_CHECKING:
    from vms_desktop.workers.camera import Fleet
    from vms_desktop.workers.library import IndexWorker

# The first look at a library is told where it lasts longer.
UNASKED_MS = 500


class LibraryTask(StrEnum):
    """A piece of maintenance."""

    THUMBNAILS = "thumbnails"
    PURGE = "purge"
    RESCAN = "rescan"
    REBUILD = "rebuild"


_TASK_OF = {
    Maintenance.THUMBNAILS: LibraryTask.THUMBNAILS,
    Maintenance.RESCAN: LibraryTask.RESCAN,
    Maintenance.FIRST: LibraryTask.REBUILD,
}


class MaintenanceLine(TaskLine):
    """Runs one piece of maintenance at a time; hidden while there is nothing to tell.

    Attributes:
        task: The one that is under way.

    Signals:
        running_changed: Whether something is under way now.
    """

    running_changed = Signal(bool)

    def __init__(
        self, keeper: "IndexWorker", fleet: "Fleet", theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._keeper, self._fleet = keeper, fleet
        self.task: LibraryTask | None = None
        self._asked = False
        self._unasked = QTimer(self, singleShot=True, interval=UNASKED_MS)
        self._unasked.timeout.connect(self.show)
        keeper.progress.connect(self._take_progress)
        keeper.maintained.connect(self._take_result)
        fleet.purged.connect(self._take_purged)
        self.cancel_wanted.connect(self._stop)
        self.closed.connect(self.hide)
        self.hide()

    @property
    def asked_task(self) -> LibraryTask | None:
        """The task that is under way because a person asked for it."""
        return self.task if self._asked else None

    def take_up(self, task: LibraryTask) -> None:
        """Tell of what another line has begun."""
        self._start(task, asked=True)
        self.show()

    def begin(self, task: LibraryTask) -> None:
        """Begin a piece of maintenance, unless one is under way."""
        if self.task is not None:
            return
        self.take_up(task)
        {
            LibraryTask.THUMBNAILS: lambda: self._keeper.maintain(Maintenance.THUMBNAILS),
            LibraryTask.RESCAN: lambda: self._keeper.maintain(Maintenance.RESCAN),
            LibraryTask.REBUILD: self._keeper.start_anew,
            LibraryTask.PURGE: self._fleet.purge_now,
        }[task]()

    def _start(self, task: LibraryTask, *, asked: bool) -> None:
        self.task, self._asked = task, asked
        self.show_progress(self._progress_words(task, 0, 0), 0, 0)
        self.running_changed.emit(True)

    def _stop(self) -> None:
        if self.task is LibraryTask.PURGE:
            self._fleet.cancel_purge()
        else:
            self._keeper.cancel()

    def _take_progress(self, kind: Maintenance, done: int, total: int) -> None:
        task = _TASK_OF[kind]
        if self.task is None:
            self._start(task, asked=False)
            self._unasked.start()
        if task is self.task:
            self.show_progress(self._progress_words(task, done, total), done, total)

    def _take_result(self, result: MaintenanceResult) -> None:
        if _TASK_OF[result.kind] is self.task:
            self._finish(self._result_words(result), failed=result.failed > 0)

    def _take_purged(self, purged: PurgeResult) -> None:
        if self.task is LibraryTask.PURGE:
            self._finish(self._purged_words(purged), failed=bool(purged.failed))

    def _finish(self, text: str, *, failed: bool) -> None:
        self._unasked.stop()
        self.task = None
        self.show_result(text, "warning" if failed else "check")
        self.setVisible(self._asked)
        self.running_changed.emit(False)

    def _progress_words(self, task: LibraryTask, done: int, total: int) -> str:
        if task is LibraryTask.PURGE:
            return self.tr("Deleting what is due…")
        if task is LibraryTask.THUMBNAILS:
            if not total:
                return self.tr("Looking for missing thumbnails…")
            words = self.tr("Making thumbnails: {done} of {total}")
        else:
            if not total:
                return self.tr("Looking at the recordings…")
            words = self.tr("Looking at the recordings: folder {done} of {total}")
        locale = QLocale()
        return words.format(done=locale.toString(done), total=locale.toString(total))

    def _result_words(self, result: MaintenanceResult) -> str:
        told = [self.tr("Stopped.")] if result.cancelled else []
        if result.kind is Maintenance.THUMBNAILS:
            told += self._thumbnail_words(result)
        elif result.kind is Maintenance.RESCAN:
            told.append(self.tr("%n clip(s) in the library.", "", result.done))
        else:
            told.append(self.tr("%n clip(s) in the new index.", "", result.done))
        return " ".join(told)

    def _thumbnail_words(self, result: MaintenanceResult) -> list[str]:
        made = result.done - result.failed
        told = [self.tr("%n thumbnail(s) made.", "", made)] if made else []
        if result.failed:
            told.append(self.tr("%n clip(s) cannot be read.", "", result.failed))
        if not told and not result.cancelled:
            told.append(self.tr("No thumbnail was missing."))
        return told

    def _purged_words(self, purged: PurgeResult) -> str:
        told = [self.tr("Stopped.")] if purged.cancelled else []
        if purged.clips:
            amount = bytes_words(purged.freed_bytes)
            words = self.tr("%n clip(s) deleted, {amount} freed.", "", purged.clips)
            told.append(words.format(amount=amount))
        if purged.failed:
            told.append(self.tr("%n file(s) could not be deleted.", "", len(purged.failed)))
        if purged.waiting:
            told.append(self.tr("More would go: please answer the question first."))
        if purged.problem not in (None, StorageProblem.FULL):
            reason = storage_words(purged.problem)
            told.append(self.tr("Nothing could be deleted: {reason}.").format(reason=reason))
        return " ".join(told) or self.tr("There was nothing to delete.")


class LibraryMenu(QMenu):
    """The entries of the maintenance; greyed while something is under way."""

    def __init__(self, line: MaintenanceLine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Library"))
        self.setToolTipsVisible(True)
        self.entries: dict[LibraryTask, QAction] = {}
        for task, (text, tip) in self._words().items():
            action = QAction(text, self)
            action.setToolTip(tip)
            action.triggered.connect(lambda _on=False, task=task: line.begin(task))
            line.running_changed.connect(action.setDisabled)
            action.setDisabled(line.task is not None)
            self.addAction(action)
            self.entries[task] = action
        self.insertSeparator(self.entries[LibraryTask.PURGE])

    def _words(self) -> dict[LibraryTask, tuple[str, str]]:
        return {
            LibraryTask.RESCAN: (
                self.tr("Rescan recordings"),
                self.tr("Finds what was added, renamed or removed by hand"),
            ),
            LibraryTask.THUMBNAILS: (
                self.tr("Rebuild missing thumbnails"),
                self.tr("Makes a picture for every clip that has none"),
            ),
            LibraryTask.REBUILD: (
                self.tr("Rebuild index"),
                self.tr("Forgets what is known of the clips and reads it from them anew"),
            ),
            LibraryTask.PURGE: (
                self.tr("Purge now"),
                self.tr("Deletes what is past its days or over the quota, as every night"),
            ),
        }
