"""The tasks that begin with a dialog: add, edit, duplicate, delete, import, export cameras."""

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from vms_desktop.core.base import StorageProblem
from vms_desktop.core.config import CameraConfig, ImportReport
from vms_desktop.ui.base import Theme, keep_on_screen, open_path
from vms_desktop.ui.cameras.delete_dialog import DeleteDialog
from vms_desktop.ui.cameras.edits import CameraEdits
from vms_desktop.ui.cameras.export_dialog import ExportDialog
from vms_desktop.ui.cameras.import_dialog import ImportDialog
from vms_desktop.ui.cameras.list_model import CamerasModel
from vms_desktop.ui.widgets import Banner

if TYPE_CHECKING:
    from vms_desktop.ui.cameras.dialog import CameraDialog, DialogServices
    from vms_desktop.workers.camera import Fleet

D = TypeVar("D", bound=QDialog)

_TOLD_S = 8
_FIRST_COPY = 2


class CameraTasks(QObject):
    """Opens the dialogs over the window, and does what they were accepted for.

    Args:
        services: Makes the services of the camera dialog when it opens.

    Signals:
        told: A `Banner` about what has come of it.
    """

    told = Signal(object)

    def __init__(
        self,
        fleet: "Fleet",
        edits: CameraEdits,
        model: CamerasModel,
        services: "Callable[[], DialogServices]",
        theme: Theme,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._fleet = fleet
        self._edits = edits
        self._model = model
        self._services = services
        self._theme = theme
        self._window = window
        fleet.catalogue.import_read.connect(self._show_import)
        fleet.catalogue.exported.connect(self._tell_exported)

    def stop(self) -> None:
        """Let go of the fleet: the window's content is made anew, or it closes."""
        self._fleet.catalogue.import_read.disconnect(self._show_import)
        self._fleet.catalogue.exported.disconnect(self._tell_exported)

    def add(self) -> None:
        """Ask for a new camera."""
        self._open_camera(None, is_new=True)

    def edit(self, camera_id: str | None) -> None:
        """Show a camera's settings; nothing where there is no such camera."""
        camera = self._edits.camera(camera_id)
        if camera is not None:
            self._open_camera(camera, is_new=False)

    def duplicate(self, camera_id: str | None) -> None:
        """Ask for a camera like another one; it is there once it is saved."""
        camera = self._edits.camera(camera_id)
        if camera is None:
            return
        copy_id = str(uuid.uuid4())
        copy = replace(camera, id=copy_id, name=self._free_name(camera.name, copy_id))
        self._open_camera(copy, is_new=True)

    def delete(self, ids: Sequence[str], over: QDialog | None = None) -> None:
        """Ask whether cameras, or entries that were refused, are to go.

        A dialog `over` which this is asked closes once they are deleted.
        """
        rows = {row.id: row for row in self._model.rows() if row.id and row.id in ids}
        if not rows:
            return
        names = {row.id: row.name for row in rows.values()}
        dialog = self._opened(DeleteDialog(names, over or self._window))
        dialog.show_disk(self._fleet.catalogue.disk_use)
        self._fleet.catalogue.disk_use_changed.connect(dialog.show_disk)
        self._fleet.catalogue.count_disk_use()  # Nobody may have seen the list yet.

        def carry_out() -> None:
            cameras = [row.id for row in rows.values() if row.camera is not None]
            with_recordings = dialog.with_recordings.isChecked()
            self._edits.delete(cameras, with_recordings=with_recordings)
            self._edits.forget_refused([key for key in rows if key not in cameras])
            if over is not None:
                over.done(QDialog.DialogCode.Rejected)

        dialog.accepted.connect(carry_out)

    def import_cameras(self) -> None:
        """Ask for a file with cameras; what it holds is shown before it is added."""
        asked = QFileDialog(self._window, self.tr("Import cameras"), "", self._file_kinds())
        asked.setFileMode(QFileDialog.FileMode.ExistingFile)
        asked.fileSelected.connect(lambda path: self._fleet.catalogue.import_cameras(Path(path)))
        self._opened(asked)

    def export(self, selected: Collection[str]) -> None:
        """Ask which cameras are exported, then where to."""
        cameras = self._edits.cameras()
        chosen = [camera for camera in cameras if camera.id in selected]
        if not cameras:
            return
        dialog = self._opened(ExportDialog(cameras, chosen, self._window))
        dialog.accepted.connect(
            lambda: self._ask_where(dialog.cameras(), dialog.with_passwords.isChecked())
        )

    def _open_camera(self, camera: CameraConfig | None, *, is_new: bool) -> "CameraDialog":
        # Not at the top: it is the largest part of the window, and few starts need it.
        from vms_desktop.ui.cameras.dialog import CameraDialog

        dialog = CameraDialog(
            camera, self._services(), self._theme, is_new=is_new, parent=self._window
        )
        dialog.saved.connect(lambda saved: self._edits.put_edited(camera, saved))
        dialog.delete_wanted.connect(lambda camera_id: self.delete([camera_id], over=dialog))
        return self._opened(dialog)

    def _free_name(self, name: str, copy_id: str) -> str:
        """The name with the first number that makes it one of its own."""
        number = _FIRST_COPY
        while self._fleet.catalogue.name_problem(f"{name} {number}", copy_id) and number < 1000:
            number += 1
        return f"{name} {number}"

    def _ask_where(self, cameras: tuple[CameraConfig, ...], with_passwords: bool) -> None:
        asked = QFileDialog(self._window, self.tr("Export cameras"), "", self._file_kinds())
        asked.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        asked.setDefaultSuffix("json")
        asked.selectFile("cameras.json")
        asked.fileSelected.connect(
            lambda path: self._fleet.catalogue.export_cameras(
                Path(path), cameras, with_passwords=with_passwords
            )
        )
        self._opened(asked)

    def _file_kinds(self) -> str:
        return ";;".join((self.tr("Cameras (*.json)"), self.tr("All files (*)")))

    def _show_import(self, read: object) -> None:
        if not isinstance(read, ImportReport):
            self.told.emit(Banner("import", self._import_problem(read), icon="warning"))
            return
        dialog = self._opened(ImportDialog(read, self._theme, self._window))
        dialog.accepted.connect(lambda: self._edits.put(dialog.cameras()))

    def _import_problem(self, problem: object) -> str:
        if isinstance(problem, StorageProblem):
            return self.tr("The file could not be read: nothing was imported.")
        return self.tr("This file holds no cameras: nothing was imported.")

    def _tell_exported(self, path: str, ok: bool) -> None:
        if not ok:
            text = self.tr("The cameras could not be exported: the file was not written.")
            self.told.emit(Banner("export", text, icon="warning"))
            return
        text = self.tr("Cameras exported: {name}").format(name=Path(path).name)
        show = (self.tr("Show folder"), lambda: open_path(Path(path).parent))
        self.told.emit(Banner("export", text, icon="export", answers=(show,), seconds=_TOLD_S))

    def _opened(self, dialog: D) -> D:
        keep_on_screen(dialog)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        return dialog
