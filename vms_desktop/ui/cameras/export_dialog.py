"""Asks which cameras are exported, and whether their passwords go along."""

from collections.abc import Sequence

from PySide6.QtWidgets import QCheckBox, QPushButton, QRadioButton, QVBoxLayout, QWidget

from vms_desktop.core.config import CameraConfig
from vms_desktop.ui.widgets import FittingDialog, PlainLabel


class ExportDialog(FittingDialog):
    """Cameras go in, those to be exported come out."""

    def __init__(
        self,
        cameras: Sequence[CameraConfig],
        selected: Sequence[CameraConfig],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._cameras, self._selected = cameras, selected
        self.setWindowTitle(self.tr("Export cameras"))
        self.setMinimumWidth(400)
        self.all = QRadioButton(self.tr("All cameras (%n)", "", len(cameras)))
        self.some = QRadioButton(self.tr("Selected cameras (%n)", "", len(selected)))
        (self.some if selected else self.all).setChecked(True)
        self.some.setEnabled(bool(selected))
        self.with_passwords = QCheckBox(self.tr("With passwords"))
        self.with_passwords.toggled.connect(self._show_consequence)
        self._told = PlainLabel(quiet=True)
        layout = QVBoxLayout()
        layout.setSpacing(10)
        for widget in (self.all, self.some, self.with_passwords, self._told):
            layout.addWidget(widget)
        layout.addStretch()
        export = QPushButton(self.tr("Choose a file…"))
        export.setProperty("primary", True)
        export.setDefault(True)
        self.lay_out_with_cancel(layout, export)
        self._show_consequence(False)

    def cameras(self) -> tuple[CameraConfig, ...]:
        """The cameras to be exported."""
        return tuple(self._selected if self.some.isChecked() else self._cameras)

    def _show_consequence(self, with_passwords: bool) -> None:
        if with_passwords:
            text = self.tr("Whoever reads the file can open your cameras.")
        else:
            text = self.tr("User names and addresses are in the file, passwords are not.")
        self._told.setText(text)
