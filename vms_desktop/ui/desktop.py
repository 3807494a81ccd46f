"""Files and folders shown in the system's own programs for them."""

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def open_path(path: Path) -> bool:
    """Show a folder or a file; whether the system knows a program for it."""
    return bool(QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))))
