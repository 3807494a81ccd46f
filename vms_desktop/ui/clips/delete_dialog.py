"""Asks before clips are deleted: how many, how large, of which time; Archive instead."""

from collections.abc import Collection

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from vms_desktop.core.base import day_of
from vms_desktop.core.index import IndexedClip
from vms_desktop.ui.base import long_day, words
from vms_desktop.ui.widgets import FittingDialog, PlainLabel

_WIDTH_PX = 420
# So many cameras are named; the others are counted.
_LISTED = 6


class DeleteClipsDialog(FittingDialog):
    """Asks once, and says which answer it was. Opened by `open()`, gone by itself.

    Archiving is offered for what is not archived yet; it leaves the others alone.

    Signals:
        delete_chosen, archive_chosen: The paths of the clips it is about.
    """

    delete_chosen = Signal(tuple)
    archive_chosen = Signal(tuple)

    def __init__(self, clips: Collection[IndexedClip], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clips = tuple(sorted(clips, key=lambda clip: clip.start_at.timestamp()))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Delete %n clip(s)", "", len(self._clips)))
        self.setMinimumWidth(_WIDTH_PX)
        layout = QVBoxLayout()
        layout.setSpacing(10)
        layout.addWidget(PlainLabel(self._question(), title=True))
        layout.addWidget(PlainLabel(self.facts()))
        layout.addWidget(PlainLabel(self._consequence(), quiet=True))
        layout.addStretch()
        self.lay_out(layout, self._made_buttons())

    def facts(self) -> str:
        """The facts about what would go: how large, of which cameras and which time."""
        amount = words.bytes_words(sum(clip.size_bytes for clip in self._clips))
        names = list(dict.fromkeys(clip.camera_name for clip in self._clips))
        more = len(names) - _LISTED
        cameras = ", ".join(names[:_LISTED])
        if more > 0:
            cameras += " " + self.tr("and %n more", "", more)
        return "\n".join((f"{amount} · {cameras}", self._span()))

    def _span(self) -> str:
        first, last = self._clips[0], self._clips[-1]
        day, last_day = day_of(first.start_at), day_of(last.start_at)
        if day != last_day:
            return f"{long_day(day)} – {long_day(last_day)}"
        end = max(clip.end_at for clip in self._clips)
        times = f"{words.clock_time(first.start_at)} – {words.clock_time(end)}"
        return f"{long_day(day)}, {times}"

    def _question(self) -> str:
        return self.tr("Delete %n clip(s)?", "", len(self._clips))

    def _consequence(self) -> str:
        archived = sum(clip.is_archived for clip in self._clips)
        told = [self.tr("Deleted clips cannot be brought back.")]
        if archived:
            told.append(self.tr("%n of them is in the archives.", "", archived))
        if archived < len(self._clips):
            told.append(self.tr("Archived clips are kept until you delete them."))
        return " ".join(told)

    def _made_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        roles = QDialogButtonBox.ButtonRole
        if not all(clip.is_archived for clip in self._clips):
            archive = QPushButton(self.tr("Archive instead"))
            archive.clicked.connect(self._archive)
            buttons.addButton(archive, roles.ActionRole)
        delete = QPushButton(self.tr("Delete"))
        delete.setProperty("danger", True)
        delete.clicked.connect(self._delete)
        buttons.addButton(delete, roles.AcceptRole)
        cancel = buttons.button(QDialogButtonBox.StandardButton.Cancel)
        cancel.setDefault(True)
        cancel.setFocus()
        buttons.rejected.connect(self.reject)
        return buttons

    def _archive(self) -> None:
        self.archive_chosen.emit(tuple(clip.path for clip in self._clips if not clip.is_archived))
        self.accept()

    def _delete(self) -> None:
        self.delete_chosen.emit(tuple(clip.path for clip in self._clips))
        self.accept()
