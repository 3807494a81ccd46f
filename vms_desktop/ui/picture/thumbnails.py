"""Thumbnails, kept as Qt paints them for as long as they are wanted."""

from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPoint, QRect, QSize, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPixmap

from vms_desktop.core.base import Size
from vms_desktop.ui.base import Theme, Tone, icons
from vms_desktop.ui.picture.images import pixels_image

if TYPE_CHECKING:
    from vms_desktop.workers.library import ThumbnailReader

_RADIUS_PX = 4
_SYMBOL_PX = 20
_KEPT_BYTES = 8_000_000
# What is kept of a thumbnail that could not be read, too.
_ENTRY_BYTES = 1_000


class Thumbnails(QObject):
    """Gives thumbnails of one size, those that were asked for last before all others.

    Args:
        reader: Whoever made it stops it.
        size: The area that they cover, their aspect kept.
        kept_bytes: The least recently shown are forgotten beyond this.

    Signals:
        loaded: A thumbnail that was asked for is there now (its path).
    """

    loaded = Signal(object)

    def __init__(
        self,
        reader: "ThumbnailReader",
        size: QSize,
        parent: QObject | None = None,
        *,
        kept_bytes: int = _KEPT_BYTES,
    ) -> None:
        super().__init__(parent)
        self._reader, self._size = reader, size
        self._most_bytes = kept_bytes
        self._bytes = 0
        self._kept: OrderedDict[Path, QPixmap] = OrderedDict()
        self._asked: dict[int, tuple[Path, float]] = {}
        self._on_the_way: set[Path] = set()
        self._outdated: set[Path] = set()
        reader.read.connect(self._take)

    def get(self, path: Path, ratio: float) -> QPixmap | None:
        """The thumbnail if it has been read; else it is on its way."""
        if path in self._kept:
            self._kept.move_to_end(path)
            return self._kept[path]
        if path not in self._on_the_way:
            self._on_the_way.add(path)
            room = self._size * ratio
            number = self._reader.ask(path, Size(room.width(), room.height()))
            self._asked[number] = path, ratio
        return None

    def forget(self, path: Path) -> None:
        """Read the thumbnail anew: its file is another now."""
        self._drop(path)
        if path in self._on_the_way:
            self._outdated.add(path)  # What is read just now may be the old one.

    def stop(self) -> None:
        """Read no more. Returns at once."""
        self._reader.withdraw(self._asked)

    def _take(self, number: int, pixels: NDArray[np.uint8] | None) -> None:
        if number not in self._asked:
            return  # Another list has asked.
        path, ratio = self._asked.pop(number)
        self._on_the_way.discard(path)
        if path in self._outdated:
            self._outdated.discard(path)
        else:
            self._kept[path] = _pixmap(pixels, ratio)
            self._bytes += _cost(self._kept[path])
        while self._bytes > self._most_bytes and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))
        self.loaded.emit(path)

    def _drop(self, path: Path) -> None:
        gone = self._kept.pop(path, None)
        if gone is not None:
            self._bytes -= _cost(gone)


def paint_thumbnail(
    painter: QPainter, place: QRect, thumbnail: QPixmap | None, theme: Theme
) -> None:
    """Paint a thumbnail in the middle of its place; a camera where there is none."""
    shape = QPainterPath()
    shape.addRoundedRect(place, _RADIUS_PX, _RADIUS_PX)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipPath(shape)
    if thumbnail is None or thumbnail.isNull():
        painter.fillRect(place, theme.colour(Tone.LINE))
        ratio = painter.device().devicePixelRatioF()
        thumbnail = icons.pixmap("camera", theme.muted, _SYMBOL_PX, ratio)
    middle = QRect(QPoint(0, 0), thumbnail.deviceIndependentSize().toSize())
    middle.moveCenter(place.center())
    painter.drawPixmap(middle, thumbnail)
    painter.restore()


def _pixmap(pixels: NDArray[np.uint8] | None, ratio: float) -> QPixmap:
    if pixels is None:
        return QPixmap()
    made = QPixmap.fromImage(pixels_image(pixels).copy())
    made.setDevicePixelRatio(ratio)
    return made


def _cost(thumbnail: QPixmap) -> int:
    return 4 * thumbnail.width() * thumbnail.height() + _ENTRY_BYTES
