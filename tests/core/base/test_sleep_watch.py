"""Sleeps of the machine and stops of the process, on clocks set by hand."""

import math
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.support.packets import BEGAN_AT, HandClock
from vms_desktop.core.base import clock as clock_module
from vms_desktop.core.base.clock import Clock
from vms_desktop.core.base.sleep_watch import STILL_S, SleepWatch


def seconds(at: datetime) -> float:
    return (at - BEGAN_AT) / timedelta(seconds=1)


def lived(clock: HandClock, watch: SleepWatch, seconds: float, step_s: float = 1.0) -> None:
    """The program runs for a while."""
    for _ in range(round(seconds / step_s)):
        clock.time += step_s
        watch.beat()


@pytest.mark.parametrize(
    "stopped_s, suspended_s, hidden_s",
    [
        (4.9, 0, None),
        (0, 4.9, None),
        (60, 0, 0),  # SIGSTOP, a debugger, Windows: monotonic time goes on.
        (0, 3600, 3600),  # A suspend on Linux and macOS: it stands.
        (2, 3, 3),
        (0, 21 * 86_400, 21 * 86_400),
    ],
)
def test_what_nobody_lived_through_is_a_sleep(stopped_s, suspended_s, hidden_s):
    clock = HandClock()
    watch = SleepWatch(clock)
    lived(clock, watch, 10)
    clock.time += stopped_s
    clock.suspended_s += suspended_s
    slept = watch.look()
    if hidden_s is None:
        assert slept is None
        return
    assert slept is not None
    assert slept.hidden_s == pytest.approx(hidden_s)
    assert seconds(slept.began_at) == pytest.approx(10)
    assert seconds(slept.ended_at) == pytest.approx(10 + stopped_s + suspended_s)
    assert slept.ended == clock.time
    lived(clock, watch, 3)
    assert watch.look() is slept


def test_a_sleep_begins_with_the_last_look_whoever_looked():
    clock = HandClock()
    watch = SleepWatch(clock)
    lived(clock, watch, 10)
    clock.time += 0.7
    watch.look()
    clock.time += 30
    slept = watch.look()
    assert slept is not None
    assert seconds(slept.began_at) == pytest.approx(10.7)


@pytest.mark.parametrize("still_s, is_hiccup", [(1.0, False), (1.4, False), (3, True), (60, True)])
def test_a_moment_in_which_nobody_looked_is_known_though_it_is_no_sleep(still_s, is_hiccup):
    clock = HandClock()
    watch = SleepWatch(clock)
    lived(clock, watch, 10)
    clock.time += still_s
    watch.look()
    lived(clock, watch, 3)
    assert tuple(watch.hiccup) == ((10, 10 + still_s) if is_hiccup else (-math.inf, -math.inf))


def test_a_wall_clock_that_is_set_is_no_sleep():
    clock = HandClock()
    watch = SleepWatch(clock)
    lived(clock, watch, 10)
    clock.step_s = 21 * 86_400
    lived(clock, watch, 10)
    assert watch.look() is None


class StoppingClock(HandClock):
    """Stops the thread that asks for the time that passed, while something else happens."""

    meanwhile: Callable[[], object] | None = None

    def elapsed(self) -> float:
        elapsed, meanwhile, self.meanwhile = super().elapsed(), self.meanwhile, None
        if meanwhile:
            meanwhile()
        return elapsed


def test_every_sleep_is_told_once_even_by_a_thread_that_was_stopped_while_it_looked():
    clock = StoppingClock()
    watch = SleepWatch(clock)
    lived(clock, watch, 10)
    firsts = []

    def sleep():
        clock.time += 60
        firsts.append(watch.look())

    clock.meanwhile = sleep
    watch.look()
    (first,) = firsts
    assert watch.look() is first
    clock.time += STILL_S
    second = watch.look()
    assert second is not None
    assert second is not first
    assert seconds(second.began_at) == pytest.approx(70)


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_time_that_passes_is_asked_of_the_clock_that_goes_on_in_sleep(monkeypatch, platform):
    asked: list[str] = []

    def gettime(name: str) -> float:
        asked.append(name)
        return 1

    monkeypatch.setattr(clock_module.sys, "platform", platform)
    monkeypatch.setattr(clock_module.time, "clock_gettime", gettime)
    monkeypatch.setattr(clock_module.time, "CLOCK_BOOTTIME", "boottime", raising=False)
    monkeypatch.setattr(clock_module.time, "CLOCK_MONOTONIC", "monotonic", raising=False)
    assert Clock().elapsed() > 0
    assert asked == {"linux": ["boottime"], "darwin": ["monotonic"], "win32": []}[platform]
