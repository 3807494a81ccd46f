"""The thumbnails of recorded and archived clips, at the size at which they are painted."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QPixmap

from vms_desktop.core.base import Layout
from vms_desktop.core.index import IndexedClip
from vms_desktop.ui.picture import Thumbnails

if TYPE_CHECKING:
    from vms_desktop.workers.library import ThumbnailReader

# In device pixels. Files have at most 320; a picture shrunk by more than half flickers.
_SIZES = (QSize(160, 90), QSize(320, 180))
# For each size: some 400 small pictures, or 100 large ones.
_KEPT_BYTES = 24_000_000


class ClipThumbnails(QObject):
    """Gives thumbnails, and has only those read that are asked for.

    Signals:
        loaded: A thumbnail is there now, or is known to be missing.
    """

    loaded = Signal()

    def __init__(
        self, reader: "ThumbnailReader", layout: Layout, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._layout = layout
        self._sources = [Thumbnails(reader, size, self, kept_bytes=_KEPT_BYTES) for size in _SIZES]
        for source in self._sources:
            source.loaded.connect(lambda _path: self.loaded.emit())

    def get(self, clip: IndexedClip, width_px: int) -> QPixmap | None:
        """A picture for `width_px` device pixels; null where there is none, None: on its way."""
        if not clip.has_thumbnail:
            return QPixmap()
        small, large = self._sources
        source = small if width_px <= _SIZES[0].width() else large
        return source.get(self._layout.thumbnail_path(clip.path), 1.0)

    def forget(self, clip: IndexedClip) -> None:
        """The clip has another thumbnail now, or one at last."""
        for source in self._sources:
            source.forget(self._layout.thumbnail_path(clip.path))

    def stop(self) -> None:
        """Read no more. Returns at once."""
        for source in self._sources:
            source.stop()
