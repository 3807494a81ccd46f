"""Thumbnails, read and scaled off the GUI thread and kept for as long as they are wanted."""

from collections import OrderedDict
from pathlib import Path

from PySide6.QtCore import QObject, QRunnable, QSize, Qt, QThreadPool, Signal, SignalInstance
from PySide6.QtGui import QImage, QImageReader, QPixmap

_KEPT_BYTES = 8_000_000
_ENTRY_BYTES = 1_000
"""What is kept of a thumbnail that could not be read, too."""


class Thumbnails(QObject):
    """Gives thumbnails of one size; one thread reads them, newest request first.

    Args:
        size: What they cover, their aspect kept.
        kept_bytes: The least recently shown are forgotten beyond this.

    Signals:
        loaded: A thumbnail that was asked for is there now (its path).
    """

    loaded = Signal(object)
    _read = Signal(object, QImage)

    def __init__(
        self, size: QSize, parent: QObject | None = None, *, kept_bytes: int = _KEPT_BYTES
    ) -> None:
        super().__init__(parent)
        self._size = size
        self._most_bytes = kept_bytes
        self._bytes = 0
        self._kept: OrderedDict[Path, QPixmap] = OrderedDict()
        self._asked: set[Path] = set()
        self._outdated: set[Path] = set()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._read.connect(self._keep)

    def get(self, path: Path, ratio: float) -> QPixmap | None:
        """The thumbnail if it has been read; else it is on its way."""
        if path in self._kept:
            self._kept.move_to_end(path)
            return self._kept[path]
        if path not in self._asked:
            self._asked.add(path)
            reader = _Reader(path, self._size * ratio, ratio, self._read)
            # What is painted last is what the person looks at now.
            self._pool.start(reader, len(self._asked))
        return None

    def forget(self, path: Path) -> None:
        """The file is another now."""
        self._drop(path)
        if path in self._asked:
            self._outdated.add(path)  # What is read just now may be the old one.

    def stop(self) -> None:
        """Read no more; returns when the thread is at rest."""
        self._pool.clear()
        self._pool.waitForDone()

    def _keep(self, path: Path, image: QImage) -> None:
        self._asked.discard(path)
        if path in self._outdated:
            self._outdated.discard(path)
        else:
            self._kept[path] = QPixmap.fromImage(image)
            self._bytes += _cost(self._kept[path])
        while self._bytes > self._most_bytes and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))
        self.loaded.emit(path)

    def _drop(self, path: Path) -> None:
        gone = self._kept.pop(path, None)
        if gone is not None:
            self._bytes -= _cost(gone)


def _cost(thumbnail: QPixmap) -> int:
    return 4 * thumbnail.width() * thumbnail.height() + _ENTRY_BYTES


class _Reader(QRunnable):
    """Reads one file; a file that is not there gives an empty picture."""

    def __init__(self, path: Path, size_px: QSize, ratio: float, read: SignalInstance) -> None:
        super().__init__()
        self._path = path
        self._size_px = size_px
        self._ratio = ratio
        self._read_signal = read

    def run(self) -> None:
        reader = QImageReader(str(self._path))
        own = reader.size()
        if own.isValid():
            reader.setScaledSize(
                own.scaled(self._size_px, Qt.AspectRatioMode.KeepAspectRatioByExpanding)
            )
        image = reader.read()
        image.setDevicePixelRatio(self._ratio)
        self._read_signal.emit(self._path, image)
