"""Asks before cameras are deleted: which, what lies on the disk, and whether that goes too."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QPushButton, QVBoxLayout, QWidget

from vms_desktop.ui.base import bytes_words
from vms_desktop.ui.widgets import FittingDialog, PlainLabel

if TYPE_CHECKING:
    from vms_desktop.core.library import DiskUse

_WIDTH_PX = 420
# So many names are listed; the others are counted.
_LISTED = 8


class DeleteDialog(FittingDialog):
    """Asks once; what was recorded is kept unless a person says otherwise.

    Args:
        names: The cameras, by id.
    """

    def __init__(self, names: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = names
        title = self.tr("Delete %n camera(s)", "", len(names))
        self.setWindowTitle(title)
        self.setMinimumWidth(_WIDTH_PX)
        self._facts = PlainLabel()
        self.with_recordings = QCheckBox(self.tr("Delete the recordings too"))
        self.with_recordings.toggled.connect(self._show_consequence)
        self._kept = PlainLabel(quiet=True)
        layout = QVBoxLayout()
        layout.setSpacing(10)
        layout.addWidget(PlainLabel(self._question(), title=True))
        for widget in (self._facts, self.with_recordings, self._kept):
            layout.addWidget(widget)
        layout.addStretch()
        delete = QPushButton(self.tr("Delete"))
        delete.setProperty("danger", True)
        delete.setAutoDefault(False)
        cancel = self.lay_out_with_cancel(layout, delete)
        cancel.setDefault(True)
        cancel.setFocus()
        self.show_disk({})
        self._show_consequence(False)

    def show_disk(self, disk_use: "Mapping[str, DiskUse]") -> None:
        """Say what lies on the disk; it may still be counted."""
        uses = [disk_use[camera_id] for camera_id in self._names if camera_id in disk_use]
        if len(uses) < len(self._names):
            self._facts.setText(self.tr("What lies on the disk is still being counted…"))
            return
        clips = sum(use.recordings for use in uses)
        archived = sum(use.archives for use in uses)
        lines = [self._recordings(clips, sum(use.recordings_bytes for use in uses))]
        if archived:
            amount = bytes_words(sum(use.archives_bytes for use in uses))
            told = self.tr("%n archived clip(s), {amount}", "", archived)
            lines.append(told.format(amount=amount))
        self._facts.setText("\n".join(lines))
        self.with_recordings.setEnabled(clips > 0)

    def _recordings(self, clips: int, size_bytes: int) -> str:
        if not clips:
            return self.tr("Nothing was recorded.")
        amount = bytes_words(size_bytes)
        return self.tr("%n recorded clip(s), {amount}", "", clips).format(amount=amount)

    def _question(self) -> str:
        names = list(self._names.values())
        if len(names) == 1:
            return self.tr("Delete the camera “{name}”?").format(name=names[0])
        shown = ", ".join(names[:_LISTED]) + (", …" if len(names) > _LISTED else "")
        return self.tr("Delete %n camera(s): {names}?", "", len(names)).format(names=shown)

    def _show_consequence(self, with_recordings: bool) -> None:
        if with_recordings:
            text = self.tr("Recordings are deleted and cannot be brought back. Archives stay.")
        else:
            text = self.tr("Recordings and archives stay and can be played on.")
        self._kept.setText(text)
