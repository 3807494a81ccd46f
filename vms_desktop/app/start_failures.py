"""The reason why the program does not start, on standard error and in a box, if one is seen."""

import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from vms_desktop.app.lifeline import Lifeline
from vms_desktop.app.screen import application, can_be_seen
from vms_desktop.core.base import StorageError, storage_error

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMessageBox

FAILED = 1


def already_running(options: Namespace, folder: Path) -> int:
    """Another instance has the data folder: its window is raised, or the person told."""
    complain(f"already running with {folder}")
    if options.headless:
        return FAILED
    from vms_desktop.app.second_start import ask_to_show

    if not ask_to_show(folder):
        from vms_desktop.ui import folder_in_use_box

        _show(lambda: folder_in_use_box(folder), options.language)
    return FAILED


def cannot_use(options: Namespace, folder: Path, error: OSError | StorageError) -> int:
    """The data folder cannot be created, read or written."""
    complain(f"cannot use {folder}: {error}")
    if not options.headless:
        from vms_desktop.ui import folder_not_usable_box

        _show(lambda: folder_not_usable_box(folder, storage_error(error)), options.language)
    return FAILED


def gave_up(logs: Path) -> int:
    """The program crashed again and again; the parent, which loads no Qt, has this said."""
    from vms_desktop.ui import crashed_box

    _show(lambda: crashed_box(logs), None)
    return FAILED


def complain(text: str) -> None:
    """Say a line on standard error, as a program does in a terminal."""
    sys.stderr.write(f"vms-desktop: {text}\n")


def _show(make_box: "Callable[[], QMessageBox]", language: str | None) -> None:
    """Show a box until it is closed, or the program is told to end."""
    if not can_be_seen():
        return
    from vms_desktop.ui import show_start_box

    made = application(headless=False)
    show_start_box(made, make_box, language or "", Lifeline(made).cut)


if __name__ == "__main__":
    sys.exit(gave_up(Path(sys.argv[1])))
