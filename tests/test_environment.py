"""What the installed libraries must be able to do, and the layers without one of them."""

import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QObject, Signal

ROOT = Path(__file__).parents[1]

IMPORT_WITHOUT_QT = """
import importlib, pkgutil, sys

class NoQt:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("PySide6", "shiboken6"):
            raise ImportError(f"{name} is not here")

sys.meta_path.insert(0, NoQt())
import vms_desktop.core
for module in pkgutil.walk_packages(vms_desktop.core.__path__, "vms_desktop.core."):
    importlib.import_module(module.name)
"""


class Sender(QObject):
    told = Signal(object, bool)


def test_signals_can_be_emitted_without_end():
    """PySide6 6.12.0 before Python 3.12 aborts after some 580 (PYSIDE-3474)."""
    sender, count = Sender(), 0

    def hear(_value, _flag):
        nonlocal count
        count += 1

    sender.told.connect(hear)
    for _ in range(10_000):
        sender.told.emit(None, True)
    assert count == 10_000


def test_core_runs_where_there_is_no_qt():
    result = subprocess.run(
        [sys.executable, "-c", IMPORT_WITHOUT_QT],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
