"""Thumbnails, read and scaled off the GUI thread and kept for as long as they are wanted."""

from collections import OrderedDict
from pathlib import Path
from threading import Lock, Thread

from PySide6.QtCore import QBuffer, QObject, QPoint, QRect, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QImage, QImageReader, QPainter, QPainterPath, QPixmap

from vms_desktop.ui.base import icons
from vms_desktop.ui.base.theme import Theme

_RADIUS_PX = 4
_SYMBOL_PX = 20
_STOP_S = 0.2
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
        self._most_bytes = kept_bytes
        self._bytes = 0
        self._kept: OrderedDict[Path, QPixmap] = OrderedDict()
        self._asked: set[Path] = set()
        self._outdated: set[Path] = set()
        self._reader = _Reader(size, self._read)
        self._read.connect(self._keep)

    def get(self, path: Path, ratio: float) -> QPixmap | None:
        """The thumbnail if it has been read; else it is on its way."""
        if path in self._kept:
            self._kept.move_to_end(path)
            return self._kept[path]
        if path not in self._asked:
            self._asked.add(path)
            self._reader.want(path, ratio)
        return None

    def forget(self, path: Path) -> None:
        """The file is another now."""
        self._drop(path)
        if path in self._asked:
            self._outdated.add(path)  # What is read just now may be the old one.

    def stop(self) -> None:
        """Read no more. Returns when the thread is at rest, or soon where the disk hangs."""
        self._reader.stop()

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
        painter.fillRect(place, theme.colour("line"))
        ratio = painter.device().devicePixelRatioF()
        thumbnail = icons.pixmap("camera", theme.muted, _SYMBOL_PX, ratio)
    middle = QRect(QPoint(0, 0), thumbnail.deviceIndependentSize().toSize())
    middle.moveCenter(place.center())
    painter.drawPixmap(middle, thumbnail)
    painter.restore()


def _cost(thumbnail: QPixmap) -> int:
    return 4 * thumbnail.width() * thumbnail.height() + _ENTRY_BYTES


class _Reader:
    """Reads files in a thread that is there only while there is something to read.

    A daemon: a disk that hangs must keep neither the window nor the program from ending.
    """

    def __init__(self, size: QSize, read: SignalInstance) -> None:
        self._size = size
        self._read = read
        self._lock = Lock()
        self._wanted: list[tuple[Path, float]] = []
        self._thread: Thread | None = None

    def want(self, path: Path, ratio: float) -> None:
        """Read a file before all others: what is painted last is what the person looks at now."""
        with self._lock:
            self._wanted.append((path, ratio))
            if self._thread is None:
                self._thread = Thread(target=self._run, name="thumbnails", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Begin no other file, and wait a moment for the one that is being read."""
        with self._lock:
            self._wanted.clear()
            thread = self._thread
        if thread is not None:
            thread.join(_STOP_S)

    def _run(self) -> None:
        while (wanted := self._next()) is not None:
            path, ratio = wanted
            image = _image(path, self._size * ratio)
            image.setDevicePixelRatio(ratio)
            try:
                self._read.emit(path, image)
            except RuntimeError:
                return  # Whoever asked is gone: the disk has taken too long.

    def _next(self) -> tuple[Path, float] | None:
        with self._lock:
            if self._wanted:
                return self._wanted.pop()
            self._thread = None
            return None


def _image(path: Path, size_px: QSize) -> QImage:
    """The picture of a file, large enough to cover a size; an empty one where it cannot be read."""
    buffer = QBuffer()
    try:
        # Not by Qt: while it waits for the disk, no other Python thread would run.
        buffer.setData(path.read_bytes())
    except OSError:
        return QImage()
    buffer.open(QBuffer.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    own = reader.size()
    if own.isValid():
        reader.setScaledSize(own.scaled(size_px, Qt.AspectRatioMode.KeepAspectRatioByExpanding))
    return reader.read()
