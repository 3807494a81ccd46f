"""Orders for a running thread, and its end: the one thing that it waits on."""

from collections import deque
from collections.abc import Callable
from threading import Condition
from time import monotonic
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")


class Waiting(Protocol):
    """The way to wait for those who work for a thread, and to learn that they are to leave off."""

    @property
    def stopped(self) -> bool:
        """Whether to leave off."""

    def wait(self, seconds: float) -> bool:
        """Wait until an order waits, too; True if stopped."""

    def rest(self, seconds: float) -> bool:
        """Wait, whatever waits; True if stopped."""


class Inbox(Generic[T]):
    """Takes orders from any thread and hands them to the one that works.

    Waiting, back-off and stopping are one line for the worker: `wait` returns
    when the time is up, an order has come, or the end was asked for.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._orders: deque[T] = deque()
        self._stopped = False

    @property
    def stopped(self) -> bool:
        """Whether the end was asked for."""
        return self._stopped

    def stop(self) -> None:
        """Ask the worker to end. Returns at once."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def post(self, order: T) -> None:
        """Leave an order; orders are taken in their order."""
        with self._changed:
            self._orders.append(order)
            self._changed.notify_all()

    def take(self) -> T | None:
        """The oldest order that has come; None where none waits.

        For work that a bug may end, so that the orders behind it are not lost with one.
        """
        with self._changed:
            return self._orders.popleft() if self._orders else None

    def take_all(self) -> list[T]:
        """Every order that has come since the last call."""
        # Looked at without the lock: this runs once a packet, and mostly nothing came.
        if not self._orders:
            return []
        with self._changed:
            orders = list(self._orders)
            self._orders.clear()
        return orders

    def wait(self, seconds: float) -> bool:
        """Wait until an order waits, the end is asked for, or the time is up; True if stopped."""
        end = monotonic() + seconds
        with self._changed:
            while not self._stopped and not self._orders:
                remaining = end - monotonic()
                if remaining <= 0:
                    break
                self._changed.wait(remaining)
        return self._stopped

    def rest(self, seconds: float) -> bool:
        """Wait until the end is asked for or the time is up, whatever waits; True if stopped.

        After a failure: orders that cannot be taken would end `wait` at once, again and again.
        """
        with self._changed:
            return self._changed.wait_for(lambda: self._stopped, seconds)


class CancellableInbox(Generic[T]):
    """An inbox whose owner leaves off sooner than it is stopped, for what is done on the way.

    Args:
        is_in_vain: Whether to leave off.
    """

    def __init__(self, inbox: Inbox[T], is_in_vain: Callable[[], bool]) -> None:
        self._inbox = inbox
        self._is_in_vain = is_in_vain

    @property
    def stopped(self) -> bool:
        """Whether to leave off."""
        return self._inbox.stopped or self._is_in_vain()

    def wait(self, seconds: float) -> bool:
        """As the inbox does."""
        return self._inbox.wait(seconds) or self.stopped

    def rest(self, seconds: float) -> bool:
        """As the inbox does."""
        return self._inbox.rest(seconds) or self.stopped
