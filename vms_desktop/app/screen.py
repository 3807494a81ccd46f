"""Qt's application, for a screen or without one, and whether there is a screen."""

import os
import socket
import sys

from PySide6.QtCore import QCoreApplication

# Platforms of Qt on which nobody sees anything.
_UNSEEN = frozenset({"offscreen", "minimal"})


def application(*, headless: bool) -> QCoreApplication:
    """The one application of Qt."""
    # OpenCV's wheel points Qt at plugins of its own when imported; they are another Qt's.
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        os.environ.pop(name, None)
    if headless:
        return QCoreApplication(["vms-desktop"])
    from PySide6.QtWidgets import QApplication

    made = QApplication(["vms-desktop"])
    made.setApplicationName("vms-desktop")
    made.setDesktopFileName("vms-desktop")
    return made


def has_display() -> bool:
    """True if Qt will find a screen; where it does not, it ends the process."""
    platform = os.environ.get("QT_QPA_PLATFORM") or "xcb"
    if sys.platform in ("win32", "darwin") or platform != "xcb":
        return True
    if os.environ.get("WAYLAND_DISPLAY"):
        return True
    display = os.environ.get("DISPLAY", "")
    host, _, number = display.rpartition(":")
    if host not in ("", "unix"):
        return bool(display)  # A remote screen; only Qt can tell.
    path = f"/tmp/.X11-unix/X{number.split('.')[0]}"  # noqa: S108 - where X servers listen
    return bool(display) and any(_listens(name) for name in (path, f"\0{path}"))


def can_be_seen() -> bool:
    """True if somebody may be there to read, and to close, what is shown."""
    platform, _, _ = os.environ.get("QT_QPA_PLATFORM", "").partition(":")  # Then its settings.
    return has_display() and platform not in _UNSEEN


def _listens(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0
