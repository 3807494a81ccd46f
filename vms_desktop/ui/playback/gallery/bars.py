"""The gallery's bars: the number of clips and the filter; what is done to several."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from vms_desktop.core.index import IndexedClip
from vms_desktop.ui.base import words
from vms_desktop.ui.clips import clip_captions
from vms_desktop.ui.playback.gallery.model import ClipFilter
from vms_desktop.ui.widgets import BarButton, FittingLabel

if TYPE_CHECKING:
    from vms_desktop.ui.base import Theme

# A person across the yard; something large, or near. See `MotionSummary.strength`.
SOME_STRENGTH, MUCH_STRENGTH = 0.25, 0.6
_PAD_PX = 12


class GalleryHeader(QWidget):
    """The title with numbers; in the wide gallery also which clips are shown.

    Signals:
        filter_changed: The `ClipFilter` that a person has chosen.
    """

    filter_changed = Signal(object)

    def __init__(self, *, compact: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel(self.tr("Recordings"))
        title.setObjectName("galleryTitle")
        self._count = FittingLabel()
        self._count.setProperty("quiet", True)
        self._length = self._made_box(self.tr("Least length"), self._lengths())
        self._strength = self._made_box(self.tr("Least motion"), self._strengths())
        row = QHBoxLayout(self)
        row.setContentsMargins(_PAD_PX, 8, _PAD_PX, 6)
        row.setSpacing(8)
        row.addWidget(title)
        if compact:
            self._count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._count, 1)
        for box in (self._length, self._strength):
            box.setVisible(not compact)
            row.addWidget(box)

    def show_clips(self, clips: Sequence[IndexedClip]) -> None:
        """Tell how many clips are shown and, where there is room, how large they are."""
        number = len(clips)
        whole, short = clip_captions.clips_and_size(clips), clip_captions.clip_count(number)
        self._count.set_texts(*((whole, short, str(number)) if clips else ()))
        self._count.setAccessibleName(short)

    def show_all(self) -> None:
        """Filter nothing."""
        self._length.setCurrentIndex(0)
        self._strength.setCurrentIndex(0)

    def _lengths(self) -> tuple[tuple[str, float], ...]:
        return (
            (self.tr("Any length"), 0.0),
            (self.tr("10 s or more"), 10.0),
            (self.tr("30 s or more"), 30.0),
            (self.tr("1 min or more"), 60.0),
            (self.tr("5 min or more"), 300.0),
        )

    def _strengths(self) -> tuple[tuple[str, float], ...]:
        return (
            (self.tr("Any motion"), 0.0),
            (self.tr("Clear motion"), SOME_STRENGTH),
            (self.tr("Strong motion"), MUCH_STRENGTH),
        )

    def _made_box(self, name: str, choices: tuple[tuple[str, float], ...]) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName(name)
        box.setToolTip(name)
        for text, least in choices:
            box.addItem(text, least)
        box.currentIndexChanged.connect(self._tell_filter)
        return box

    def _tell_filter(self, _number: int) -> None:
        chosen = ClipFilter(self._length.currentData(), self._strength.currentData())
        self.filter_changed.emit(chosen)


class GallerySelection(QWidget):
    """The number of selected clips, and what can be done with them.

    Args:
        actions: Each with its word and icon, from left to right.
    """

    def __init__(
        self, actions: Sequence[QAction], theme: "Theme", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("selectionBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._count = QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(_PAD_PX, 8, _PAD_PX, 8)
        row.setSpacing(8)
        row.addWidget(self._count)
        row.addStretch()
        for action in actions:
            button = BarButton(action, theme)
            button.set_worded(True)
            row.addWidget(button)

    def show_clips(self, clips: Sequence[IndexedClip]) -> None:
        """Tell what is selected."""
        amount = words.bytes_words(sum(clip.size_bytes for clip in clips))
        self._count.setText(f"{self.tr('%n selected', '', len(clips))} · {amount}")
