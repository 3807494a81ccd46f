"""The closing of the window: asked for where work would be lost, or put off until it is done."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow

from vms_desktop.ui import fleet_banners
from vms_desktop.ui.quit_dialog import QuitDialog

if TYPE_CHECKING:
    from vms_desktop.ui.fleet_banners import Reports
    from vms_desktop.workers.jobs import JobResult, LibraryJobs


class Closing(QObject):
    """Decides for a window, for as long as it lives.

    Attributes:
        asks: A person is there to be asked: not where a signal or the end of the
            session ends the program.
    """

    def __init__(self, jobs: "LibraryJobs", reports: "Reports", window: QMainWindow) -> None:
        super().__init__(window)
        self.asks = True
        self._jobs = jobs
        self._reports = reports
        self._window = window
        self._asked: QuitDialog | None = None
        self._is_put_off = False
        jobs.finished.connect(self._close_when_done)
        jobs.interrupted.connect(self._tell_interrupted)

    def may_close(self) -> bool:
        """True if nothing would be lost, or a person said so; asks where that is not known."""
        if not self.asks or not self._jobs.under_way():
            return True
        if self._asked is None:
            self._ask()
        else:
            self._asked.raise_()
        return False

    def _ask(self) -> None:
        self._is_put_off = False
        dialog = self._asked = QuitDialog(self._jobs, self._window)
        dialog.finished.connect(self._forget)
        dialog.quit_chosen.connect(self._close)
        dialog.later_chosen.connect(self._put_off)
        dialog.open()

    def _forget(self) -> None:
        self._asked = None

    def _close(self) -> None:
        self.asks = False
        self._window.close()

    def _put_off(self) -> None:
        self._is_put_off = True
        self._reports.tell(lambda: fleet_banners.quits_later_banner(self._take_back))

    def _take_back(self) -> None:
        self._is_put_off = False

    def _close_when_done(self, _job: int, result: "JobResult") -> None:
        """Close once all is done; what failed, or was cancelled, is to be read first."""
        if result.failed or result.cancelled:
            self._is_put_off = False
            self._reports.remove(fleet_banners.QUITS_KEY)
        elif self._is_put_off and not self._jobs.under_way():
            self._close_later()

    def _close_later(self) -> None:
        """Close, but not over a dialog that a person is filling in."""
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog):
            dialog.finished.connect(self._close_after_dialog)
        else:
            self._window.close()

    def _close_after_dialog(self) -> None:
        if self._is_put_off and not self._jobs.under_way():
            self._close_later()

    def _tell_interrupted(self, _files: object) -> None:
        self._reports.tell(fleet_banners.interrupted_banner)
