"""Loaded by Python before a program that is to be killed in the midst of writing a file whole.

The first time that each kind of file named in VMS_TEST_KILLS is about to get its name, the
process is killed; a note in VMS_TEST_KILLED says so, and the next one is spared.
"""

import os
import signal
from fnmatch import fnmatch
from pathlib import Path

_kinds = os.environ["VMS_TEST_KILLS"].split(":")
_notes = Path(os.environ["VMS_TEST_KILLED"])
_true_replace = Path.replace


def _replace(self: Path, target: Path) -> Path:
    for number, kind in enumerate(_kinds):
        note = _notes / str(number)
        if fnmatch(str(target), kind) and not note.exists():
            note.write_text(self.name)
            os.kill(os.getpid(), signal.SIGKILL)
    return _true_replace(self, target)


Path.replace = _replace  # type: ignore[assignment,method-assign]
