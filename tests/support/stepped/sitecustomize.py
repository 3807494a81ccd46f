"""Loaded by Python before a program whose wall clock a test steps; see `tests.support.false_clock`.

Wall time comes from here, wherever the program asks for it; monotonic time is left alone.
"""

import datetime
import os
import time
from pathlib import Path

_file = Path(os.environ["VMS_TEST_CLOCK"])
_true_time = time.time


def _stepped_time() -> float:
    return _true_time() + float(_file.read_text())


class _SteppedDatetime(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> "_SteppedDatetime":
        return cls.fromtimestamp(_stepped_time(), tz)


time.time = _stepped_time
datetime.datetime = _SteppedDatetime  # type: ignore[misc]
