"""The guards that every test runs under do fail a test that deserves it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

SINNERS = """
import logging, threading, warnings
import pytest
from PySide6.QtCore import QThread, qWarning

release = threading.Event()

class Endless(QThread):
    def run(self):
        release.wait(20)

def test_logs_an_error():
    logging.getLogger("camera").error("broken")

@pytest.mark.expects_log_errors
def test_may_log_an_error():
    logging.getLogger("camera").error("broken")

def test_warns():
    warnings.warn("old")

def test_qt_warns():
    qWarning("what is this")

def test_leaves_a_thread():
    threading.Thread(target=release.wait, args=(20,), name="forgotten", daemon=True).start()

def test_leaves_a_qt_thread():
    global endless
    endless = Endless(objectName="forgotten-qt")
    endless.start()

def test_end_them():
    release.set()
    endless.wait()

def test_skips():
    pytest.skip("no server")

def test_skips_for_its_platform():
    pytest.skip("platform: no Linux")
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """What pytest says of the sinners in CI, one line per outcome."""
    folder = tmp_path_factory.mktemp("sinners")
    (folder / "test_sinners.py").write_text(SINNERS)
    command = [sys.executable, "-m", "pytest", "-v", "-p", "tests.conftest"]
    command += ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder), str(folder)]
    result = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"CI": "true", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stdout


@pytest.mark.parametrize(
    "test, reason",
    [
        ("test_logs_an_error", "Failed: errors were logged:"),
        ("test_warns", "UserWarning: old"),
        ("test_leaves_a_thread", "Failed: threads were left running: forgotten"),
        ("test_leaves_a_qt_thread", "Failed: threads were left running: forgotten-qt"),
        ("test_skips", "skipped in CI: Skipped: no server"),
    ],
)
def test_the_sin_is_reported(report, test, reason):
    assert f"::{test} - {reason}" in report


def test_a_warning_of_qt_is_reported(report):
    assert "test_sinners.py:22: Failure: Qt messages with level WARNING" in report


def test_nothing_else_is(report):
    assert "3 failed, 5 passed, 1 skipped, 3 errors" in report


def test_the_line_that_started_a_thread_is_named(report):
    assert "test_sinners.py:26)" in report
