"""The cameras of a file, one by one, before they are added."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from vms_desktop.core.config import CameraConfig, ImportReport
from vms_desktop.ui.base import Theme, Tone, icons, words
from vms_desktop.ui.widgets import FittingDialog, NameList, PlainLabel

_SIZE_PX = (480, 420)


class ImportDialog(FittingDialog):
    """Lists new, known and refused cameras; the checked new ones are to be added."""

    def __init__(self, report: ImportReport, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report = report
        self.setWindowTitle(self.tr("Import cameras"))
        self.resize(*_SIZE_PX)
        self.list = NameList(wraps=True)
        self.list.setAccessibleName(self.tr("Cameras of the file"))
        self.list.setSpacing(2)
        self.list.setIconSize(icons.icon_size())
        self._add = QPushButton()
        self._add.setProperty("primary", True)
        self._fill(theme)
        layout = QVBoxLayout()
        layout.setSpacing(10)
        for widget in (PlainLabel(self._summary()), self.list):
            layout.addWidget(widget)
        self.lay_out_with_cancel(layout, self._add)
        self.list.itemChanged.connect(self._count)
        self._count()

    def cameras(self) -> tuple[CameraConfig, ...]:
        """The new cameras that are checked."""
        items = (self.list.item(row) for row in range(len(self._report.cameras)))
        return tuple(
            camera
            for camera, item in zip(self._report.cameras, items, strict=True)
            if item.checkState() is Qt.CheckState.Checked
        )

    def _summary(self) -> str:
        new = len(self._report.cameras)
        if not new:
            return self.tr("This file holds no camera that could be added.")
        return self.tr("%n new camera(s) in this file", "", new)

    def _fill(self, theme: Theme) -> None:
        for camera in self._report.cameras:
            item = QListWidgetItem(camera.name, self.list)
            item.setCheckState(Qt.CheckState.Checked)
        for name in self._report.known:
            self._add_told(self.tr("{name} – already there").format(name=name), "info", theme)
        for entry in self._report.refused:
            name = words.camera_entry_name(entry.name, entry.number)
            field, reason = entry.error.field, words.reason_words(entry.error.reason)
            told = self.tr("{name} – “{field}” {reason}").format(
                name=name, field=words.field_words(field), reason=reason
            )
            self._add_told(told, "warning", theme)

    def _add_told(self, text: str, icon: str, theme: Theme) -> None:
        item = QListWidgetItem(icons.icon(icon, theme), text, self.list)
        item.setForeground(theme.colour(Tone.MUTED))

    def _count(self) -> None:
        number = len(self.cameras())
        self._add.setText(self.tr("Add %n camera(s)", "", number))
        self._add.setEnabled(number > 0)
        self._add.setDefault(number > 0)
