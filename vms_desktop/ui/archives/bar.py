"""The bar above the archives: how much is kept, the search, and exporting."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from vms_desktop.core.index import IndexedClip
from vms_desktop.ui.base import icons
from vms_desktop.ui.clips import clip_captions
from vms_desktop.ui.widgets import BAR_HEIGHT_PX, FittingLabel, SearchField

if TYPE_CHECKING:
    from vms_desktop.ui.base import Theme

_SEARCH_PX = 300


class ArchivesBar(QWidget):
    """Title and numbers, search, export.

    Attributes:
        search: The field for words in comments and cameras' names.
        export: Exports what is selected.
    """

    def __init__(self, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("topBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(BAR_HEIGHT_PX)
        title = QLabel(self.tr("Archives"))
        title.setProperty("title", True)
        self._count = FittingLabel()
        self._count.setProperty("quiet", True)
        self.search = self._made_search(theme)
        self.export = QPushButton(self.tr("Export selected…"))
        self.export.setToolTip(self.tr("Save copies of the clips that are selected"))
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 14, 0)
        row.setSpacing(8)
        row.addWidget(title)
        row.addSpacing(8)
        row.addWidget(self._count, 1)
        row.addWidget(self.search)
        row.addWidget(self.export)

    def show_clips(self, clips: Collection[IndexedClip]) -> None:
        """Show how many there are and how much they take; nothing can be searched in none."""
        self.search.setVisible(bool(clips))
        self.export.setVisible(bool(clips))
        kept = self.tr("{clips}, kept until you delete them")
        short = clip_captions.clips_and_size(clips)
        self._count.set_texts(*((kept.format(clips=short), short) if clips else ()))

    def _made_search(self, theme: "Theme") -> SearchField:
        field = SearchField()
        field.setPlaceholderText(self.tr("Search comments and cameras…"))
        field.setAccessibleName(self.tr("Search comments and cameras"))
        field.setToolTip(self.tr("Search comments and cameras (Ctrl+F)"))
        field.setClearButtonEnabled(True)
        field.setFixedWidth(_SEARCH_PX)
        looking = QAction(icons.icon("search", theme), "", field)
        field.addAction(looking, QLineEdit.ActionPosition.LeadingPosition)
        return field
