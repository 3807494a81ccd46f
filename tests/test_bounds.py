"""What breaks a bound is found soon and told with its input; a busy computer breaks none."""

from contextlib import suppress
from threading import Event
from time import monotonic, thread_time

import pytest
from hypothesis import strategies as st

from tests.fuzz import Finding, Fuzz, Target
from tests.support import bounds
from tests.support.bounds import TooLargeError, TooLongError, bounded, in_tries
from tests.support.properties import Broken, given

needs_timer = pytest.mark.skipif(
    not hasattr(bounds.signal, "setitimer"), reason="platform: nothing interrupts work there"
)


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(bounds, "LIMIT_S", 0.1)
    monkeypatch.setattr(bounds, "WAIT_S", 0.3)


def busy(seconds):
    end = thread_time() + seconds
    while thread_time() < end:
        pass


def tried(work):
    """How often the work was done before it was settled, and what came of it."""
    count = 0

    def counted():
        nonlocal count
        count += 1
        with bounded(0):
            work(count)

    try:
        in_tries(counted)
    except bounds.OverBoundError as err:
        return count, type(err)
    return count, None


def for_ever(_count):
    while True:
        pass


def for_ever_whatever_is_raised(_count):
    end = thread_time() + 0.5
    while thread_time() < end:
        with suppress(Exception):
            busy(0.3)


def hoard(_count):
    held = []
    while True:
        held.append(bytes(1000))


def ask_for_all(_count):
    held = bytes(1000)
    while True:
        held += held


@needs_timer
@pytest.mark.parametrize(
    "work, error",
    [
        (for_ever, TooLongError),
        (for_ever_whatever_is_raised, TooLongError),
        (lambda _count: Event().wait(), TooLongError),
        (hoard, TooLargeError),
        (ask_for_all, TooLargeError),
    ],
)
def test_what_breaks_a_bound_three_times_breaks_it(work, error):
    assert tried(work) == (bounds.TRIES, error)


def test_what_was_too_slow_once_was_so_by_chance():
    assert tried(lambda count: busy(0.2) if count == 1 else None) == (2, None)


def test_more_time_is_given_where_the_computer_is_slow(monkeypatch):
    monkeypatch.setattr(bounds, "_measured_slowness", lambda: 8.0)
    assert tried(lambda _count: busy(0.3)) == (2, None)


def test_what_is_within_its_bounds_is_done_once():
    assert tried(lambda _count: bytes(1000)) == (1, None)


@needs_timer
def test_a_property_that_hangs_ends_soon_with_its_input():
    @given(number=st.integers(0, 10))
    def hangs(number):
        with bounded(1):
            while number > 3:
                pass

    began = monotonic()
    with pytest.raises(Broken, match=r"number = [4-9]|number = 10") as broken:
        hangs()
    assert isinstance(broken.value.__cause__, TooLongError)
    assert monotonic() - began < 30


def test_a_property_that_fails_slowly_is_not_made_smaller_for_long(monkeypatch):
    monkeypatch.setattr("tests.support.properties.SHRINK_S", 0.0)
    tries = []

    @given(number=st.integers(0, 1 << 60))
    def fails(number):
        tries.append(number)
        assert number < 10

    with pytest.raises(Broken) as broken:
        fails()
    assert isinstance(broken.value.__cause__, AssertionError)
    assert len([number for number in tries if number >= 10]) == 1


def test_what_the_fuzz_finds_is_kept_and_tried_again(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("tests.fuzz.FOUND", tmp_path)
    from tests.core.base import test_properties

    target = Target(
        "core/base::one", test_properties.__name__, test_properties.test_a_name_is_one_plain_folder
    )
    error = ValueError("as it was found")
    path = Finding(target, {"name": "x"}, error).write()
    assert path.name == "core-base-one-1.py"
    Fuzz([target]).replay()
    assert capsys.readouterr().out == f"mended: {path}\n"
    path.write_text("raise KeyError('x')")
    work = Fuzz([target])
    work.replay()
    assert work.faults == 1
    assert capsys.readouterr().out.startswith("still there: KeyError")
