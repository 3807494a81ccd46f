"""Files and folders shown in the system's own programs for them."""

import logging
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from vms_desktop.core.errors import StorageError
from vms_desktop.core.storage import write_whole

log = logging.getLogger(__name__)


def open_path(path: Path) -> bool:
    """Show a folder or a file; whether the system knows a program for it."""
    return bool(QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))))


def open_cameras_file(path: Path) -> None:
    """Show `cameras.json` for editing, an empty one where there is none; else its folder."""
    if not path.exists():
        try:
            write_whole(path, b"{}\n")
        except StorageError as err:
            log.warning("%s not created: %s", path.name, err)
    if not path.exists() or not open_path(path):
        open_path(path.parent)
