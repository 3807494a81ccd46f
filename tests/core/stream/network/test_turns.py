"""Cameras that shake hands slowly take no turn from the others."""

import threading
from contextlib import ExitStack

from tests.support.waiting import wait_until
from vms_desktop.core.stream.network.turns import Turns


class HandClock:
    """Monotonic time set by hand."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def never():
    return False


def test_a_turn_that_is_given_back_is_the_next_ones():
    turns, began = Turns(1, 5.0), threading.Event()

    def shake():
        with turns.turn(never):
            began.set()

    with turns.turn(never):
        thread = threading.Thread(target=shake)
        thread.start()
        assert not began.wait(0.2)
    thread.join(2)
    assert began.is_set()


def test_four_cameras_that_do_not_answer_hold_up_no_fifth():
    clock = HandClock()
    turns, began = Turns(4, 5.0, clock), threading.Event()

    def shake():
        with turns.turn(never):
            began.set()

    with ExitStack() as stack:
        slow = [stack.enter_context(turns.turn(never)) for _ in range(4)]
        thread = threading.Thread(target=shake)
        thread.start()
        clock.now += 4.9
        slow[0].answered()
        assert not began.wait(0.2)
        clock.now += 0.2
        wait_until(began.is_set)
        thread.join()
        assert [turn.lapsed for turn in slow] == [False, True, True, True]
        slow[1].answered()
        assert slow[1].lapsed


def test_whoever_is_stopped_waits_no_longer():
    turns, stopped = Turns(1, 60.0), threading.Event()

    def shake():
        with turns.turn(stopped.is_set):
            return

    with turns.turn(never):
        thread = threading.Thread(target=shake)
        thread.start()
        stopped.set()
        thread.join(1)
        assert not thread.is_alive()
