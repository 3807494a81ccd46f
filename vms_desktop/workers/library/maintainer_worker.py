"""The thread that looks after the recordings."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from vms_desktop.core.base import Inbox
from vms_desktop.core.library import LibraryMaintainer, MaintainerOrder, MaintainerReport
from vms_desktop.workers import Worker, run_with_restart

RESTART_S = 10.0


class LibraryWorker(Worker[MaintainerOrder]):
    """Runs a `LibraryMaintainer` and speaks for it in signals.

    Signals:
        today_loaded: Today's clips found at the start, newest first.
        thumbnail_ready: A `Clip` whose thumbnail exists now.
        clips_deleted: Paths that are gone.
        asked: A `PurgeQuestion` that wants an answer.
        machine_changed: A `MachineLoad`.
        folder_shared: A camera's name, and the folder that it records into instead.
        marked: The id of the recordings folder, to be remembered.
        folders_known: Folder by camera id, deleted cameras' too.
        recordings_deleted: A `RemovalResult`: what became of a deleted camera's recordings.
        purged: A `PurgeResult`: what became of a purge that a person asked for.
    """

    today_loaded = Signal(object)
    thumbnail_ready = Signal(object)
    clips_deleted = Signal(object)
    asked = Signal(object)
    machine_changed = Signal(object)
    folder_shared = Signal(str, str)
    marked = Signal(str)
    folders_known = Signal(object)
    recordings_deleted = Signal(object)
    purged = Signal(object)

    def __init__(
        self,
        make_maintainer: Callable[[Inbox[MaintainerOrder], MaintainerReport], LibraryMaintainer],
        parent: QObject | None = None,
    ) -> None:
        super().__init__("library", parent)
        report = MaintainerReport(
            today_loaded=self.today_loaded.emit,
            thumbnail_ready=self.thumbnail_ready.emit,
            clips_deleted=self.clips_deleted.emit,
            asked=self.asked.emit,
            machine_changed=self.machine_changed.emit,
            folder_shared=self.folder_shared.emit,
            marked=self.marked.emit,
            folders_known=self.folders_known.emit,
            recordings_deleted=self.recordings_deleted.emit,
            purged=self.purged.emit,
        )
        self._maintainer = make_maintainer(self.inbox, report)

    def run(self) -> None:
        # Without it nothing would be deleted on a full disk.
        run_with_restart(self, self._maintainer.run, RESTART_S)
