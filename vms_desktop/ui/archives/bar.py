"""The bar above the archives: the size of what is kept, the search, and exporting."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton, QWidget

from vms_desktop.core.index import IndexedClip
from vms_desktop.ui.clips import clip_captions
from vms_desktop.ui.widgets import FittingLabel, PageBar, SearchField

if TYPE_CHECKING:
    from vms_desktop.ui.base import Theme

_SEARCH_PX = 300


class ArchivesBar(PageBar):
    """Title and numbers, search, export.

    Attributes:
        search: The field for words in comments and cameras' names.
        export: Exports what is selected.
    """

    def __init__(self, theme: "Theme", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title.setText(self.tr("Archives"))
        self._count = FittingLabel()
        self._count.setProperty("quiet", True)
        self.search = SearchField(self.tr("Search comments and cameras"), theme, _SEARCH_PX)
        self.search.setPlaceholderText(self.tr("Search comments and cameras…"))
        self.search.setToolTip(self.tr("Search comments and cameras (Ctrl+F)"))
        self.export = QPushButton(self.tr("Export selected…"))
        self.export.setToolTip(self.tr("Save copies of the clips that are selected"))
        self.row.addWidget(self._count, 1)
        self.row.addWidget(self.search)
        self.row.addWidget(self.export)

    def show_clips(self, clips: Collection[IndexedClip]) -> None:
        """Show how many there are and how much they take; nothing can be searched in none."""
        self.search.setVisible(bool(clips))
        self.export.setVisible(bool(clips))
        kept = self.tr("{clips}, kept until you delete them")
        short = clip_captions.clips_and_size(clips)
        self._count.set_texts(*((kept.format(clips=short), short) if clips else ()))
