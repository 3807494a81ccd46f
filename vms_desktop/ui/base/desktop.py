"""Files and folders shown in the system's own programs for them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox

from vms_desktop.ui.base.on_screen import keep_on_screen
from vms_desktop.ui.base.translation import words_of

_tr = words_of(__name__)

# Boxes that are shown: without a window behind it nobody else holds one.
_said: set[QMessageBox] = set()
_LOOK_MS = 200
# In one of these Qt asks the portal of the desktop.
_SANDBOXES = ("FLATPAK_ID", "SNAP")


def open_path(path: Path) -> None:
    """Show a folder or a file; where the system has no program for it, say where it lies."""
    opener = _opener()
    if opener is not None:
        _Opening(opener, path)
    elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
        tell_place(path)


def _opener() -> str | None:
    """Linux's own program, whose exit code tells what Qt, which starts the same one, does not."""
    if sys.platform != "linux" or any(name in os.environ for name in _SANDBOXES):
        return None
    return shutil.which("xdg-open")


class _Opening(QObject):
    """Looks now and then whether `xdg-open` has failed; some run as long as what they opened."""

    def __init__(self, opener: str, path: Path) -> None:
        super().__init__(QCoreApplication.instance())
        self._path = path
        quiet = subprocess.DEVNULL
        # In a session of its own: what was opened stays when this program ends.
        self._process = subprocess.Popen(
            [opener, path], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
        )
        timer = QTimer(self, interval=_LOOK_MS)
        timer.timeout.connect(self._look)
        timer.start()

    def _look(self) -> None:
        code = self._process.poll()
        if code is None:
            return
        self.deleteLater()
        if code:
            tell_place(self._path)


def place_box(icon: QMessageBox.Icon, text: str, told: str) -> QMessageBox:
    """A box about a place on the disk, which can be copied from it."""
    box = QMessageBox(
        icon, "VMS Desktop", text, QMessageBox.StandardButton.Close, QApplication.activeWindow()
    )
    keep_on_screen(box)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(told)
    box.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return box


def tell_place(path: Path) -> None:
    """Say where something lies, to be copied."""
    words = _tr("This system has no program that opens it.")
    box = place_box(QMessageBox.Icon.Information, words, str(path))
    copy = box.addButton(_tr("Copy the path"), QMessageBox.ButtonRole.ActionRole)
    copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(str(path)))
    _said.add(box)
    box.finished.connect(lambda: _forget(box))
    box.open()


def _forget(box: QMessageBox) -> None:
    _said.discard(box)
    box.deleteLater()
