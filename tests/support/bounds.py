"""The bounds that any input is held to: time of the processor, and memory, by its size."""

import signal
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# Of the processor, which a loaded computer does not stretch; measuring memory makes it 4 times.
LIMIT_S, LIMIT_S_PER_BYTE = 1.5, 30e-6
# What a reader may hold of its own, whatever comes.
LIMIT_BYTES, LIMIT_BYTES_PER_BYTE = 2**21, 60

_HAS_TIMER = hasattr(signal, "setitimer")


class TooLongError(AssertionError):
    """An input kept the program busy for longer than its size explains."""


@contextmanager
def bounded(size_bytes: int, *, limit_bytes: int = LIMIT_BYTES) -> Iterator[None]:
    """Hold what is done to an input of a size to the bounds; it is for the main thread.

    Args:
        limit_bytes: Of memory that does not follow from the input's size.
    """
    most_bytes = limit_bytes + LIMIT_BYTES_PER_BYTE * size_bytes
    with _in_time(LIMIT_S + LIMIT_S_PER_BYTE * size_bytes):
        tracemalloc.start()
        try:
            yield
            peak_bytes = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak_bytes <= most_bytes, f"{size_bytes} bytes took {peak_bytes} of memory"


@contextmanager
def _in_time(limit_s: float) -> Iterator[None]:
    if not _HAS_TIMER:  # Elsewhere the time limit of the test ends it, less plainly.
        yield
        return

    def too_long(_number: int, _frame: FrameType | None) -> None:
        raise TooLongError(f"more than {limit_s:.1f} s")

    before = signal.signal(signal.SIGVTALRM, too_long)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
