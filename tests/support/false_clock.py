"""A wall clock for one program, which a test steps while its monotonic time stays true.

Python's own clock is replaced in that process. libfaketime would do it for its C code too, but
leaves waits hanging whose end it has moved along.
"""

import os
from pathlib import Path

from tests.support.program import ROOT


class FalseClock:
    """The difference between a program's wall clock and the true one, in a file that it reads."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.step_to(0)

    def step_to(self, offset_s: float) -> None:
        """The wall clock is so much ahead of the true one from now on."""
        temporary = self._file.with_suffix(".new")
        temporary.write_text(str(offset_s))
        temporary.replace(self._file)

    def environment(self, **more: str) -> dict[str, str]:
        """What the program is started with."""
        stepped = Path(__file__).with_name("stepped")
        paths = os.pathsep.join(map(str, (stepped, ROOT)))
        return {"PYTHONPATH": paths, "VMS_TEST_CLOCK": str(self._file), **more}
