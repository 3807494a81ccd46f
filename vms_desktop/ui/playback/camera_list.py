"""The cameras to choose from, with the number of their clips, and the kinds of clips to show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from vms_desktop.core.clips import Trigger
from vms_desktop.core.index import IndexedClip
from vms_desktop.ui.widgets import NamedCheck

_BORDER_PX = 1
ARCHIVED = "archived"
KINDS = (*(str(trigger) for trigger in Trigger), ARCHIVED)


@dataclass(frozen=True, slots=True)
class ListedCamera:
    """A line of the list.

    Attributes:
        clips: The number of the day's clips that are of this camera.
        words: Said of it beside its name, which stands at `{name}`.
        is_quiet: Whether it is inactive or deleted; the words say which.
    """

    folder: str
    name: str
    clips: int
    words: str = "{name}"
    is_quiet: bool = False


def is_shown(clip: IndexedClip, kinds: Iterable[str]) -> bool:
    """Whether a clip is of the kinds to show; an archived one is that and nothing else."""
    return (ARCHIVED if clip.is_archived else str(clip.trigger)) in kinds


class CameraList(QWidget):
    """A check box for each camera.

    Signals:
        switched: A camera's folder, and whether it is chosen now.
    """

    switched = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._boxes: dict[str, NamedCheck] = {}
        self._counts: dict[str, QLabel] = {}
        self._cameras: tuple[ListedCamera, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(7)
        self._grid.setColumnStretch(0, 1)

    def folders(self) -> tuple[str, ...]:
        """The cameras from top to bottom."""
        return tuple(self._boxes)

    def box(self, folder: str) -> NamedCheck:
        """A camera's check box."""
        return self._boxes[folder]

    def show_cameras(self, cameras: tuple[ListedCamera, ...], chosen: Iterable[str]) -> None:
        """Show these cameras, and which of them are chosen."""
        if [camera.folder for camera in cameras] != list(self._boxes):
            self._rebuild(cameras)
        chosen = frozenset(chosen)
        for camera in cameras:
            self._show(camera, camera.folder in chosen)

    def _rebuild(self, cameras: tuple[ListedCamera, ...]) -> None:
        for widget in (*self._boxes.values(), *self._counts.values()):
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._boxes, self._counts = {}, {}
        for row, camera in enumerate(cameras):
            box = NamedCheck()
            box.toggled.connect(partial(self.switched.emit, camera.folder))
            count = QLabel()
            count.setProperty("quiet", True)
            self._grid.addWidget(box, row, 0)
            self._grid.addWidget(count, row, 1, Qt.AlignmentFlag.AlignRight)
            self._boxes[camera.folder], self._counts[camera.folder] = box, count

    def _show(self, camera: ListedCamera, is_chosen: bool) -> None:
        box = self._boxes[camera.folder]
        with QSignalBlocker(box):
            box.setChecked(is_chosen)
        box.set_name(camera.name, camera.words)
        box.setProperty("quiet", camera.is_quiet)
        counted = self.tr("%n clip(s)", "", camera.clips)
        box.setAccessibleName(f"{camera.words.format(name=camera.name)}, {counted}")
        self._counts[camera.folder].setText(str(camera.clips))


class KindChecks(QWidget):
    """A check box for each kind of clips.

    Signals:
        changed: The kinds to show, a tuple of `KINDS`.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        self._boxes = {kind: QCheckBox(word) for kind, word in self._words().items()}
        for box in self._boxes.values():
            box.setChecked(True)
            box.toggled.connect(lambda _on: self.changed.emit(self.kinds()))
            column.addWidget(box)

    def kinds(self) -> tuple[str, ...]:
        """The kinds to show."""
        return tuple(kind for kind, box in self._boxes.items() if box.isChecked())

    def set_kinds(self, kinds: Iterable[str]) -> None:
        """Show these as chosen; says nothing."""
        wanted = frozenset(kinds)
        for kind, box in self._boxes.items():
            with QSignalBlocker(box):
                box.setChecked(kind in wanted)

    def _words(self) -> Mapping[str, str]:
        return {
            str(Trigger.MOTION): self.tr("Motion clips"),
            str(Trigger.MANUAL): self.tr("Manual recordings"),
            str(Trigger.ALWAYS): self.tr("Continuous recordings"),
            ARCHIVED: self.tr("Archived"),
        }


class SidePanel(QScrollArea):
    """The left side: calendar, cameras and kinds, scrolled where there are many cameras."""

    def __init__(
        self, calendar: QWidget, cameras: QWidget, kinds: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("playbackSide")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._content = QWidget()
        self._content.setObjectName("playbackSideContent")
        column = QVBoxLayout(self._content)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(calendar)
        for title, part in ((self.tr("Cameras"), cameras), (self.tr("Show"), kinds)):
            label = QLabel(title)
            label.setProperty("heading", True)
            column.addSpacing(6)
            column.addWidget(label)
            column.addWidget(part)
        column.addStretch()
        self.setWidget(self._content)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Another camera or a longer number may need more width."""
        if watched is self._content and event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def minimumSizeHint(self) -> QSize:
        """Wide enough for the words of every language, beside the scroll bar."""
        scroll_bar_px = self.verticalScrollBar().sizeHint().width()
        width = self._content.minimumSizeHint().width() + scroll_bar_px + _BORDER_PX
        return QSize(width, super().minimumSizeHint().height())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.updateGeometry()  # Before, nothing was dressed, and the widths were others.
