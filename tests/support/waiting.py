"""Waiting for a condition, for tests that have no signal to wait for."""

import time
from collections.abc import Callable
from threading import Event

# A busy machine needs a second or five; only what never comes may take so long.
PATIENCE_S = 20.0
_POLL_S = 0.02


def wait_until(condition: Callable[[], object], timeout_s: float = PATIENCE_S) -> None:
    """Return as soon as the condition holds.

    Raises:
        AssertionError: It does not within `timeout_s`.
    """
    deadline, pause = time.monotonic() + timeout_s, Event()
    while not condition():
        assert time.monotonic() < deadline, f"still not so after {timeout_s} s"
        pause.wait(_POLL_S)
