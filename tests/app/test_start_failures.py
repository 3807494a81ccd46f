"""What a person is told where the program does not start."""

import os
import shutil
import signal
import subprocess
import sys

import pytest
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QMessageBox

from tests.support.program import ROOT, environment
from tests.support.waiting import wait_until
from tests.test_program import run
from vms_desktop.app.screen import can_be_seen
from vms_desktop.core.base.errors import StorageError, StorageProblem
from vms_desktop.ui import start_box

posix = pytest.mark.skipif(os.name != "posix", reason="platform: signals")


@pytest.fixture
def unusable(tmp_path):
    """A data folder that cannot be: a file is in the way."""
    (tmp_path / "file").write_text("")
    return tmp_path / "file" / "data"


@pytest.mark.parametrize("headless", [True, False])
def test_a_folder_that_cannot_be_used_is_one_line_on_standard_error(unusable, headless):
    ended = run("--data-dir", unusable, *(["--headless"] if headless else []))
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"vms-desktop: cannot use {unusable}: ")
    assert len(ended.stderr.splitlines()) == 1


@posix
def test_logs_that_cannot_be_written_are_said_as_well(data_dir):
    (data_dir / "logs").mkdir()
    (data_dir / "logs" / "crash-stacks.txt").mkdir()
    ended = run("--data-dir", data_dir, "--headless")
    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)


@pytest.mark.parametrize("platform", ["offscreen", "offscreen:configfile=x", "minimal"])
def test_no_box_waits_where_nobody_can_close_it(monkeypatch, platform):
    monkeypatch.setenv("QT_QPA_PLATFORM", platform)
    assert not can_be_seen()


class Cut(QObject):
    cut = Signal()


@pytest.fixture
def shown(qapp):
    """Shows a box, and what it said before it was told to go."""

    def show(make, language="en"):
        cut, said = Cut(), []

        def look():
            box = QApplication.activeModalWidget()
            assert isinstance(box, QMessageBox)
            said.extend([box.text(), box.informativeText()])
            cut.cut.emit()

        QTimer.singleShot(0, look)
        start_box.show_start_box(qapp, make, language, cut.cut)
        return said

    return show


@pytest.mark.parametrize(
    "kind, words", [(StorageProblem.FULL, "full"), (StorageProblem.READ_ONLY, "says: no way")]
)
def test_a_box_says_which_folder_cannot_be_used_and_why(shown, tmp_path, kind, words):
    error = StorageError(kind, "no way")
    text, more = shown(lambda: start_box.folder_not_usable_box(tmp_path, error))
    assert text == "VMS Desktop cannot start"
    assert words in more
    assert more.endswith(f"\n\n{tmp_path}")


def test_a_box_says_that_the_program_runs_and_in_the_chosen_language(shown, tmp_path):
    text, more = shown(lambda: start_box.folder_in_use_box(tmp_path), "fr")
    assert text == "VMS Desktop est déjà lancé"
    assert str(tmp_path) in more


def test_a_box_says_that_the_program_crashed_and_where_the_reports_lie(shown, tmp_path):
    text, more = shown(lambda: start_box.crashed_box(tmp_path))
    assert "stopped" in text
    assert str(tmp_path) in more


class Box:
    """A program that is to show a box on the tests' screen."""

    def __init__(self, module, *arguments):
        command = [sys.executable, "-m", module, *map(str, arguments)]
        variables = environment(QT_QPA_PLATFORM="xcb")
        self.process = subprocess.Popen(command, env=variables, cwd=ROOT)

    def is_seen(self):
        found = ["xdotool", "search", "--onlyvisible", "--name", "^VMS Desktop$"]
        return subprocess.run(found, capture_output=True, check=False).returncode == 0

    def end_by(self, act):
        """Wait for the box, do something to it; the exit code."""
        try:
            wait_until(self.is_seen, 15)
            act(self.process)
            return self.process.wait(5)
        finally:
            self.process.kill()
            self.process.wait()


def press_escape(_process):
    subprocess.run(["xdotool", "key", "Escape"], check=True)


def terminate(process):
    process.send_signal(signal.SIGTERM)


@pytest.mark.window
@pytest.mark.parametrize("act", [press_escape, terminate])
def test_the_program_shows_the_box_and_ends_with_it(unusable, act):
    if not shutil.which("xdotool"):
        pytest.skip("no xdotool")
    assert Box("vms_desktop", "--data-dir", unusable).end_by(act) == 1


@pytest.mark.window
def test_the_parent_has_crashes_said_by_another_process(tmp_path):
    if not shutil.which("xdotool"):
        pytest.skip("no xdotool")
    assert Box("vms_desktop.app.start_failures", tmp_path).end_by(press_escape) == 1
