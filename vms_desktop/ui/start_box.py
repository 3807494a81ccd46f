"""The boxes for what keeps the program from starting: there is no window to say it in."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, SignalInstance
from PySide6.QtWidgets import QApplication, QMessageBox

from vms_desktop.core.base import StorageError, StorageProblem
from vms_desktop.ui.base import Language, icons, place_box, words_of

_tr = words_of(__name__)


def show_start_box(
    application: QCoreApplication,
    make: Callable[[], QMessageBox],
    language: str,
    cut: SignalInstance,
) -> None:
    """Show a box until it is closed, in a language that is set, or empty for the system's.

    Args:
        cut: Closes it.
    """
    assert isinstance(application, QApplication)
    spoken = Language(application)
    spoken.speak(language)
    box = make()
    cut.connect(box.reject)
    box.exec()
    spoken.fall_silent()


def folder_in_use_box(folder: Path) -> QMessageBox:
    """Another instance has the data folder, and shows no window."""
    return _box(
        QMessageBox.Icon.Information,
        _tr("VMS Desktop is already running"),
        _tr(
            "It uses the folder below, but shows no window: it runs without one "
            "(--headless), on another computer, or does not answer."
        ),
        folder,
    )


def folder_not_usable_box(folder: Path, error: StorageError) -> QMessageBox:
    """The data folder cannot be created, read or written."""
    reason = {
        StorageProblem.FULL: _tr("The disk is full."),
        StorageProblem.HANGING: _tr("The disk does not answer."),
    }.get(error.kind, _tr("The system says: {detail}").format(detail=error.detail))
    words = _tr("It keeps cameras and recordings in the folder below, and cannot use it.")
    return _box(
        QMessageBox.Icon.Critical,
        _tr("VMS Desktop cannot start"),
        f"{words} {reason}",
        folder,
    )


def crashed_box(logs: Path) -> QMessageBox:
    """The program was started again several times, and crashed each time."""
    return _box(
        QMessageBox.Icon.Critical,
        _tr("VMS Desktop has stopped"),
        _tr(
            "It crashed several times within a minute and is not started again. "
            "Nothing is recorded. The folder below has a report of each crash."
        ),
        logs,
    )


def _box(icon: QMessageBox.Icon, text: str, more: str, path: Path) -> QMessageBox:
    box = place_box(icon, text, f"{more}\n\n{path}")
    box.setWindowIcon(icons.app_icon())
    return box
