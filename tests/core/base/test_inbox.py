from collections.abc import Callable, Iterator
from threading import Thread
from time import monotonic

import pytest

from vms_desktop.core.base.inbox import Inbox

Later = Callable[[Callable[[], None]], None]


@pytest.fixture
def inbox() -> Inbox[str]:
    return Inbox()


@pytest.fixture
def later() -> Iterator[Later]:
    """Runs something in another thread that is joined at the end."""
    threads: list[Thread] = []

    def start(action: Callable[[], None]) -> None:
        threads.append(Thread(target=action))
        threads[-1].start()

    yield start
    for thread in threads:
        thread.join()


def test_orders_are_taken_once_and_in_their_order(inbox: Inbox[str]) -> None:
    for order in "abc":
        inbox.post(order)
    assert inbox.take_all() == ["a", "b", "c"]
    assert inbox.take_all() == []


def test_waiting_ends_when_the_time_is_up(inbox: Inbox[str]) -> None:
    began = monotonic()
    assert inbox.wait(0.05) is False
    assert monotonic() - began >= 0.05


def test_waiting_ends_at_once_for_an_order(inbox: Inbox[str], later: Later) -> None:
    began = monotonic()
    later(lambda: inbox.post("order"))
    assert inbox.wait(30) is False
    assert inbox.take_all() == ["order"]
    assert monotonic() - began < 10


def test_an_order_that_was_not_taken_keeps_nobody_waiting(inbox: Inbox[str]) -> None:
    inbox.post("order")
    began = monotonic()
    inbox.wait(30)
    assert monotonic() - began < 10


def test_waiting_ends_at_once_when_the_end_is_asked_for(inbox: Inbox[str], later: Later) -> None:
    began = monotonic()
    later(inbox.stop)
    assert inbox.wait(30) is True
    assert inbox.stopped
    assert monotonic() - began < 10


def test_resting_is_not_cut_short_by_orders(inbox: Inbox[str], later: Later) -> None:
    began = monotonic()
    inbox.post("waits")
    later(lambda: inbox.post("order"))
    assert inbox.rest(0.05) is False
    assert monotonic() - began >= 0.05
    assert inbox.take_all() == ["waits", "order"]


def test_resting_ends_at_once_when_the_end_is_asked_for(inbox: Inbox[str], later: Later) -> None:
    began = monotonic()
    later(inbox.stop)
    assert inbox.rest(30) is True
    assert monotonic() - began < 10


def test_orders_posted_before_the_end_can_still_be_taken(inbox: Inbox[str]) -> None:
    inbox.post("last")
    inbox.stop()
    assert inbox.take_all() == ["last"]
    assert inbox.wait(30) is True
