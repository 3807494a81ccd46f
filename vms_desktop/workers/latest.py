"""A place for one value, where the newest wins."""

from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """Hands values from one thread to another without ever queueing.

    A value that nobody took is replaced, so a busy window skips pictures
    instead of piling them up.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._value: T | None = None

    def put(self, value: T) -> bool:
        """Leave a value; True if the place was empty, so that one signal per taking is enough."""
        with self._lock:
            was_empty = self._value is None
            self._value = value
        return was_empty

    def take(self) -> T | None:
        """The newest value, once; None if nothing came since the last call."""
        # Looked at without the lock: a window asks all cameras, and mostly nothing came.
        if self._value is None:
            return None
        with self._lock:
            value, self._value = self._value, None
        return value
