"""The cameras that have archived clips, each with a check and its number of clips."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from vms_desktop.ui.widgets import NamedCheck

WIDTH_PX = 236
_PAD_PX = 12


class CameraEntry(NamedTuple):
    """A camera by its folder: what it is called, and how many clips it has."""

    folder: str
    name: str
    clips: int


class CameraChecks(QScrollArea):
    """The column at the left of the archives.

    Signals:
        changed: Another camera is shown or hidden.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("archivesCamerasColumn")
        self.setFixedWidth(WIDTH_PX)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._hidden: set[str] = set()
        self._entries: tuple[CameraEntry, ...] = ()
        self._checks: dict[str, NamedCheck] = {}
        self.show_cameras(())

    @property
    def hidden(self) -> frozenset[str]:
        """The folders of the cameras that are not to be shown."""
        return frozenset(self._hidden)

    def hide_folders(self, folders: Collection[str]) -> None:
        """Show all cameras but these."""
        self._hidden = set(folders)
        for folder, check in self._checks.items():
            check.setChecked(folder not in self._hidden)

    def show_cameras(self, entries: Sequence[CameraEntry]) -> None:
        """List these cameras; the keyboard stays where it is if nothing is new."""
        if self._checks and tuple(entries) == self._entries:
            return
        self._entries = tuple(entries)
        self._checks = {entry.folder: self._check(entry) for entry in entries}
        page = QWidget()
        page.setObjectName("archivesCamerasPage")
        title = QLabel(self.tr("Cameras"))
        title.setObjectName("archivesCameras")
        column = QVBoxLayout(page)
        column.setContentsMargins(_PAD_PX, 13, _PAD_PX, _PAD_PX)
        column.setSpacing(9)
        column.addWidget(title)
        for entry in entries:
            column.addLayout(self._line(entry))
        column.addStretch()
        self.setWidget(page)

    def check(self, folder: str) -> NamedCheck:
        """The check of a camera."""
        return self._checks[folder]

    def _check(self, entry: CameraEntry) -> NamedCheck:
        check = NamedCheck()
        check.set_name(entry.name)
        check.setAccessibleName(entry.name)
        check.setChecked(entry.folder not in self._hidden)
        check.toggled.connect(lambda on: self._turn(entry.folder, on))
        return check

    def _line(self, entry: CameraEntry) -> QHBoxLayout:
        count = QLabel(str(entry.clips))
        count.setProperty("quiet", True)
        row = QHBoxLayout()
        row.addWidget(self._checks[entry.folder], 1)
        row.addWidget(count)
        return row

    def _turn(self, folder: str, on: bool) -> None:
        (self._hidden.discard if on else self._hidden.add)(folder)
        self.changed.emit()
