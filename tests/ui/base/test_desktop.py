"""Files and folders shown in the system's programs, and what is said where there is none."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox

from vms_desktop.ui.base import desktop
from vms_desktop.ui.base.desktop import open_path

pytestmark = pytest.mark.usefixtures("english")
linux = pytest.mark.skipif(sys.platform != "linux", reason="platform: xdg-open")


@pytest.fixture
def opener(tmp_path, monkeypatch):
    """Lays a program that opens files, which notes what it is given and ends with a code."""

    def lay(code: int) -> Path:
        program, noted = tmp_path / "xdg-open", tmp_path / "noted"
        program.write_text(f'#!/bin/sh\nprintf %s "$1" >{noted}\nexit {code}\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        return noted

    return lay


@pytest.fixture
def no_opener(monkeypatch):
    """Qt's own way, which says at once that there is no program."""
    opened = []
    monkeypatch.setattr(desktop, "_opener", lambda: None)
    services = SimpleNamespace(openUrl=lambda url: opened.append(url.toLocalFile()))
    monkeypatch.setattr(desktop, "QDesktopServices", services)
    return opened


def boxes():
    found = [each for each in QApplication.topLevelWidgets() if isinstance(each, QMessageBox)]
    return [box for box in found if box.isVisible()]


def copy_and_close(box):
    box.buttons()[-1].click()
    copied = QGuiApplication.clipboard().text()
    box.close()
    return copied


@linux
def test_a_system_without_a_file_manager_says_where_the_folder_lies(opener, qtbot, tmp_path):
    noted = opener(3)
    open_path(tmp_path)
    qtbot.waitUntil(lambda: bool(boxes()))
    (box,) = boxes()
    assert noted.read_text() == str(tmp_path)
    assert (box.text(), box.informativeText()) == (
        "This system has no program that opens it.",
        str(tmp_path),
    )
    assert copy_and_close(box) == str(tmp_path)


@linux
def test_a_folder_that_is_shown_needs_no_words(opener, qtbot, tmp_path):
    noted = opener(0)
    open_path(tmp_path)
    qtbot.waitUntil(noted.exists)
    qtbot.wait(3 * desktop._LOOK_MS)
    assert boxes() == []


def test_where_qt_opens_and_finds_no_program_the_place_is_said_too(no_opener, tmp_path, qapp):
    open_path(tmp_path)
    assert no_opener == [str(tmp_path)]
    (box,) = boxes()
    assert copy_and_close(box) == str(tmp_path)
