"""The program's icons: its own SVG drawings, tinted and rendered on demand."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from vms_desktop.resources import icon_path
from vms_desktop.ui.base.theme import Theme

_SIZES_PX = (16, 20, 24)
_APP_SIZES_PX = (16, 20, 24, 32, 48, 64, 128, 256)


@lru_cache(maxsize=64)
def _drawing(name: str) -> str:
    return icon_path(name).read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def pixmap(name: str, colour: str, size_px: int, ratio: float = 1.0) -> QPixmap:
    """An icon in one colour, square, `size_px` logical pixels wide."""
    device_px = round(size_px * ratio)
    made = QPixmap(device_px, device_px)
    made.fill(Qt.GlobalColor.transparent)
    drawing = _drawing(name).replace("currentColor", QColor(colour).name())
    painter = QPainter(made)
    QSvgRenderer(QByteArray(drawing.encode())).render(painter, QRectF(0, 0, device_px, device_px))
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


def icon(name: str, theme: Theme) -> QIcon:
    """An icon in the theme's text colour, muted where its widget is disabled."""
    made = QIcon()
    # On a finer screen that is plugged in later they are seen enlarged.
    ratios = {1.0, *(screen.devicePixelRatio() for screen in QGuiApplication.screens())}
    for size in sorted({round(size * ratio) for size in _SIZES_PX for ratio in ratios}):
        made.addPixmap(pixmap(name, theme.text, size))
        made.addPixmap(pixmap(name, theme.muted, size), QIcon.Mode.Disabled)
    return made


def app_icon() -> QIcon:
    """The program's own icon, in its own colours."""
    made = QIcon()
    for size in _APP_SIZES_PX:
        made.addPixmap(pixmap("app", "#4c9be8", size))
    return made


def icon_size() -> QSize:
    """The size of icons in buttons."""
    return QSize(16, 16)
