"""Thumbnails, read and scaled off the GUI thread and kept for as long as they are wanted."""

from collections import OrderedDict
from pathlib import Path

from PySide6.QtCore import QObject, QRunnable, QSize, Qt, QThreadPool, Signal, SignalInstance
from PySide6.QtGui import QImage, QImageReader, QPixmap

_KEPT = 300


class Thumbnails(QObject):
    """Gives thumbnails of one size; one thread reads them, newest request first.

    Signals:
        loaded: A thumbnail that was asked for is there now (its path).
    """

    loaded = Signal(object)
    _read = Signal(object, QImage)

    def __init__(self, size: QSize, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._size = size
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
        self._kept.pop(path, None)
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
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        self.loaded.emit(path)


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
