"""The bounds that any input is held to: time of the processor, and memory, by its size.

A test that holds something to them is `tried_again` where it breaks one, for the computer may
have been busy elsewhere: what is too slow or too large three times over is so by itself.
"""

import gc
import os
import signal
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from threading import current_thread, main_thread
from time import thread_time
from types import FrameType
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# Of this thread's processor time; measuring memory makes it 4 times what it is.
LIMIT_S, LIMIT_S_PER_BYTE = 1.0, 30e-6
# What a reader may hold of its own, whatever comes.
LIMIT_BYTES, LIMIT_BYTES_PER_BYTE = 2**21, 60
# Of what is no object of Python: FFmpeg's, OpenCV's and SQLite's memory, and this process's own.
LIMIT_RESIDENT_BYTES = 2**28
# Far above all that is held to a limit: of the processor, and of waiting without using it.
HANG_S, WAIT_S = 10.0, 5.0
TRIES = 3

# How often it is looked whether a limit is passed while the work goes on, and what of the
# processor somebody has meanwhile who does not wait, however loaded the computer is.
_TICK_S, _WORKS_S = 0.1, 0.0005
# As much address space may be asked for at once; without this a hog ends the process.
_ROOM_BYTES = 2**31
# A loop that a computer of today runs in the second, and how slow one may be that is believed.
_LOOPS, _LOOPS_S, _SLOWEST = 1_000_000, 0.05, 8.0

_HAS_TIMER = hasattr(signal, "setitimer")


class OverBoundError(AssertionError):
    """An input cost the program more than its size explains."""


class TooLongError(OverBoundError):
    """An input kept the program busy, or waiting."""


class TooLargeError(OverBoundError):
    """An input made the program hold too much."""


class _Watch:
    """Looks, while something runs, whether it has taken too long or too much.

    Attributes:
        broken: The first limit that was passed; whoever swallows the error does not undo it.
    """

    def __init__(self, limit_s: float, most_bytes: int | None = None) -> None:
        self._limit_s, self._most_bytes = limit_s, most_bytes
        self._began_s = self._last_s = thread_time()
        self._waited_s = 0.0
        self.broken: OverBoundError | None = None

    def tick(self) -> None:
        """Look while it goes on. Time in which nothing of this process ran is no waiting."""
        waits = thread_time() - self._last_s < _WORKS_S
        self._waited_s = self._waited_s + _TICK_S if waits else 0.0
        self.look()
        self._last_s = thread_time()

    def look(self) -> None:
        """Raise the limit that is passed."""
        self.broken = self.broken or self._passed()
        if self.broken is not None:
            raise self.broken

    def _passed(self) -> OverBoundError | None:
        # Memory first: whoever asks for more and more of it is slow by that.
        if self._most_bytes is not None:
            peak_bytes = tracemalloc.get_traced_memory()[1]
            if peak_bytes > self._most_bytes:
                return TooLargeError(f"{peak_bytes} bytes of memory; at most {self._most_bytes}")
        if thread_time() - self._began_s > self._limit_s:
            return TooLongError(f"more than {self._limit_s:.1f} s of the processor")
        if self._waited_s > WAIT_S:
            return TooLongError(f"waited for more than {WAIT_S:.0f} s")
        return None


_watches: list[_Watch] = []
# Of the tries that are under way, how much more time than on a quiet computer each one has.
_slowness: list[float] = []


@contextmanager
def bounded(size_bytes: int, *, limit_bytes: int = LIMIT_BYTES) -> Iterator[None]:
    """Hold what is done to an input of a size to the bounds; it is for the main thread.

    The test around it is one of `tests.support.properties`, or `tried_again`.

    Args:
        limit_bytes: Of memory that does not follow from the input's size.
    """
    assert _slowness, "the test has one try alone: see tried_again"
    limit_s = (LIMIT_S + LIMIT_S_PER_BYTE * size_bytes) * _slowness[-1]
    most_bytes = limit_bytes + LIMIT_BYTES_PER_BYTE * size_bytes
    # What others have left is not looked through again and again meanwhile.
    gc.freeze()
    resident = _Resident()
    tracemalloc.start()
    try:
        with _watched(_Watch(limit_s, most_bytes)), _room_left():
            yield
    finally:
        tracemalloc.stop()
        gc.unfreeze()
    grown_bytes = resident.grown_bytes()
    if grown_bytes > LIMIT_RESIDENT_BYTES + most_bytes:
        raise TooLargeError(f"{size_bytes} bytes took {grown_bytes} of the computer's memory")


def tried_again(test: Callable[P, R]) -> Callable[P, R]:
    """Have a test that breaks a bound try again, with as much time as the computer is slow."""

    @wraps(test)
    def trying(*args: P.args, **kwargs: P.kwargs) -> R:
        return in_tries(lambda: test(*args, **kwargs))

    return trying


def in_tries(work: Callable[[], R]) -> R:
    """The work's result. Raises OverBoundError for what breaks a bound each time."""
    _slowness.append(1.0)
    try:
        for left in reversed(range(TRIES)):
            try:
                with _watched(_Watch(HANG_S * _slowness[-1])):
                    return work()
            except OverBoundError:
                if not left:
                    raise
                _slowness[-1] = _measured_slowness()
    finally:
        _slowness.pop()
    raise AssertionError("no try")


def _measured_slowness() -> float:
    began = thread_time()
    for _ in range(_LOOPS):
        pass
    return min(_SLOWEST, max(1.0, (thread_time() - began) / _LOOPS_S))


@contextmanager
def _watched(watch: _Watch) -> Iterator[None]:
    """Let the watch look while the block runs, and at its end; the error is its."""
    has_timer = _HAS_TIMER and current_thread() is main_thread()
    _watches.append(watch)
    if has_timer and len(_watches) == 1:
        # It stays when the timer ends: a signal that is under way would end the process.
        signal.signal(signal.SIGALRM, _look)
        signal.setitimer(signal.ITIMER_REAL, _TICK_S, _TICK_S)
    try:
        yield
        watch.look()
    except OverBoundError:
        raise
    except MemoryError as err:
        raise TooLargeError("more memory than there may be was asked for") from err
    except Exception:
        if watch.broken is not None:  # What came of it was in the hands of others since.
            raise watch.broken from None
        raise
    finally:
        _watches.remove(watch)
        if has_timer and not _watches:
            signal.setitimer(signal.ITIMER_REAL, 0)


def _look(_number: int, _frame: FrameType | None) -> None:
    for watch in tuple(_watches):
        watch.tick()


@contextmanager
def _room_left() -> Iterator[None]:
    """Have what asks for all memory at once be refused, where the system can."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        before = resource.getrlimit(resource.RLIMIT_AS)
        most = pages * os.sysconf("SC_PAGE_SIZE") + _ROOM_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
    except (ImportError, OSError, ValueError):
        yield
        return
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


class _Resident:
    """How far the process's memory grows, where the system tells."""

    def __init__(self) -> None:
        self._before_bytes: int | None = None
        with suppress(OSError):  # Another system, or one that does not let itself be asked.
            Path("/proc/self/clear_refs").write_text("5")  # From now on its peak is counted anew.
            self._before_bytes = self._told("VmRSS")

    def grown_bytes(self) -> int:
        """From the beginning to the peak; 0 where nobody tells."""
        if self._before_bytes is None:
            return 0
        return self._told("VmHWM") - self._before_bytes

    @staticmethod
    def _told(key: str) -> int:
        with Path("/proc/self/status").open() as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith(key))
